"""An import that fails at its very end, with its pictures in place already, leaves the project as it was."""

from pathlib import Path

import pytest

from tests.core.pictures import lay, pets
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.workspace import Project


def bring(project: Project, root: Path, tree: dict[str, int | bytes]) -> None:
    importer.import_source(project, Source("folder", str(lay(root, tree))))


def files(project: Project) -> dict[str, bytes]:
    """Return every file of the project but the one that is locked while it changes."""
    paths = (path for path in project.folder.rglob("*") if path.is_file() and path.name != ".changing")
    return {str(path.relative_to(project.folder)): path.read_bytes() for path in paths}


def test_the_first_import_of_a_project_is_undone(project: Project, tmp_path: Path):
    project.manifests.write_bytes(b"a file where the folder of the lists has to be")
    before = files(project)

    with pytest.raises(OSError, match="manifests"):
        bring(project, tmp_path / "pets", pets())

    assert files(project) == before


def test_a_later_import_is_undone_and_takes_nothing_that_was_there(project: Project, tmp_path: Path):
    bring(project, tmp_path / "pets", pets())
    (project.manifests / "0002.json").mkdir()
    before = files(project)

    with pytest.raises(OSError, match=r"0002\.json"):
        bring(project, tmp_path / "more", {**pets(), "cow/1.png": 900, "cow/2.png": 901})

    assert files(project) == before


def test_pictures_that_were_moved_before_one_could_not_be_are_taken_back(project: Project, tmp_path: Path):
    project.images.mkdir(exist_ok=True)
    for first in range(0x80, 0x100):  # the folders of about half of the pictures, the later ones
        (project.images / f"{first:02x}").write_bytes(b"a file where a folder has to be")
    before = files(project)

    with pytest.raises(OSError, match="File exists"):
        bring(project, tmp_path / "pets", pets())

    assert files(project) == before


def test_it_can_be_done_again_once_the_obstacle_is_gone(project: Project, tmp_path: Path):
    project.manifests.write_bytes(b"")
    with pytest.raises(OSError, match="manifests"):
        bring(project, tmp_path / "pets", pets())
    project.manifests.unlink()

    bring(project, tmp_path / "again", pets())

    assert len(list(project.images.glob("*/*"))) == 8
