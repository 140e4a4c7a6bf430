"""A project goes from one machine to another."""

import sys
import zipfile
from pathlib import Path

import pytest

from tests.core.pictures import lay, pets
from tests.core.travel.conftest import files_of, write
from tl_core import runs
from tl_core.dataset import manifest
from tl_core.errors import InputError, Stopped, StorageError
from tl_core.evaluation import predictions, scores, unknowns
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.progress import Progress
from tl_core.runs import RunFolder
from tl_core.travel import pack, record, unpack
from tl_core.workspace import Project, Workspace


def test_everything_arrives(home: Project, packed: Path, elsewhere: Workspace):
    opened = unpack.unpack(elsewhere, packed, Progress())
    there = opened.project

    assert opened.missing == 0
    assert there.name == "Töne 暖"
    assert manifest.versions(there) == manifest.versions(home)
    for version in manifest.versions(home):
        assert manifest.load(there, version).table.equals(manifest.load(home, version).table)
    assert (there.about().manifest, there.about().redo) == (home.about().manifest, home.about().redo)
    assert manifest.can_undo(there)
    assert manifest.redo(there).table.equals(manifest.load(home, max(manifest.versions(home))).table)
    assert there.about().source is None, "no path of the other machine"
    (before,), (after,) = runs.of_project(home), runs.of_project(there)
    assert (after.label, after.recipe, after.report(), after.classes) == (
        before.label, before.recipe, before.report(), before.classes,
    )  # fmt: skip
    assert after.damage() is None
    assert after.model_path.read_bytes() == before.model_path.read_bytes()
    for split in ("train", "validation", "test"):
        old, new = predictions.load(before, split), predictions.load(after, split)
        assert (new.ids, new.probabilities.tolist()) == (old.ids, old.probabilities.tolist())
        assert scores.of(after, new) == scores.of(before, old)
    assert unknowns.of(after).threshold() == unknowns.of(before).threshold()


def test_opened_test_pictures_stay_counted_and_sealed_ones_sealed(home, packed, elsewhere, tmp_path):
    there = unpack.unpack(elsewhere, packed, Progress()).project
    assert runs.times_opened(there) == runs.times_opened(home) == 2
    assert RunFolder(there.runs / "head").times_opened() == 2
    pack.pack(home, tmp_path / "bare.zip", Progress(), with_runs=False)
    bare = unpack.unpack(elsewhere, tmp_path / "bare.zip", Progress()).project
    assert runs.of_project(bare) == []
    assert runs.times_opened(bare) == 2, "also without the run that opened them"
    pack.pack(bare, tmp_path / "again.zip", Progress())
    assert runs.times_opened(unpack.unpack(elsewhere, tmp_path / "again.zip", Progress()).project) == 2


def test_a_name_that_is_taken_gets_a_number(packed, elsewhere):
    made = [unpack.unpack(elsewhere, packed, Progress()).project for _ in range(3)]
    assert [each.name for each in made] == ["Töne 暖", "Töne 暖 2", "Töne 暖 3"]
    assert len({each.slug for each in made}) == 3


def test_a_list_travels_without_its_pictures_and_finds_them_again(project, elsewhere, tmp_path):
    folder = lay(tmp_path / "pets", pets())
    importer.import_source(project, Source("folder", str(folder)))
    done = pack.pack(project, tmp_path / "list.zip", Progress(), pictures=False)
    assert "of which only the list is here" in done.record.sentence()

    opened = unpack.unpack(elsewhere, tmp_path / "list.zip", Progress())

    assert opened.missing == 8
    assert opened.project.about().incomplete
    before = manifest.load(opened.project)
    assert before.table.equals(manifest.load(project).table)
    importer.import_source(opened.project, Source("folder", str(folder)))
    assert unpack.missing(opened.project) == []
    assert manifest.load(opened.project).version == before.version, "the list is as it was"


def test_a_project_that_was_unpacked_and_packed_again_opens(packed, elsewhere, tmp_path):
    files = {f"Töne/{name}": data for name, data in files_of(packed).items()}
    again = write(tmp_path / "again.zip", files | {"__MACOSX/Töne/._thaw.json": b"x", "Töne/.DS_Store": b"x"})
    assert record.of_file(again) is not None
    assert unpack.unpack(elsewhere, again, Progress()).missing == 0


def test_an_empty_project_and_one_of_an_earlier_version_travel(workspace, elsewhere, tmp_path):
    pack.pack(workspace.create_project("empty"), tmp_path / "empty.zip", Progress())
    assert unpack.unpack(elsewhere, tmp_path / "empty.zip", Progress()).project.name == "empty"


def test_a_run_that_is_not_finished_stays_and_is_named(home, tmp_path):
    folder = runs.create(home, RunFolder(home.runs / "head").recipe).folder
    try:
        done = pack.pack(home, tmp_path / "hues.zip", Progress())
    finally:
        folder.rename(tmp_path / "away")
    assert done.record.runs == 1
    assert done.left_out == (f"Run {folder.name} stays: it has no model yet (queued).",)


def test_pictures_are_not_imported_from_a_project(packed, project, tmp_path):
    with pytest.raises(InputError, match="is an exported project, not a set of pictures"):
        importer.import_source(project, Source("zip", str(packed)))
    zipfile.ZipFile(packed).extractall(tmp_path / "unpacked")
    for folder in (tmp_path, tmp_path / "unpacked"):
        with pytest.raises(InputError, match="If it was unpacked, pack the folder as a zip first"):
            importer.import_source(project, Source("folder", str(folder)))


class StopAfter(Progress):
    def __init__(self, count: int) -> None:
        self.count = count

    def stopped(self) -> bool:
        self.count -= 1
        return self.count < 0


def test_stop_leaves_nothing(home, packed, elsewhere, tmp_path):
    with pytest.raises(Stopped):
        pack.pack(home, tmp_path / "new" / "hues.zip", StopAfter(5))
    assert list((tmp_path / "new").iterdir()) == []
    with pytest.raises(Stopped):
        unpack.unpack(elsewhere, packed, StopAfter(5))
    assert list(elsewhere.projects_folder.iterdir()) == []


def test_a_full_disk_is_a_sentence_and_leaves_nothing(home, packed, small_disk):
    with pytest.raises(StorageError, match="disk is full"):
        pack.pack(home, small_disk / "hues.zip", Progress())
    assert list(small_disk.iterdir()) == []
    with pytest.raises(StorageError, match="The disk is too full: this project takes"):
        unpack.unpack(Workspace.open(small_disk / "w"), packed, Progress())
    assert list((small_disk / "w").glob("projects/*")) == []


def test_a_zip_that_is_there_stays_until_the_new_one_is_whole(home, tmp_path):
    (tmp_path / "hues.zip").write_bytes(b"earlier")
    with pytest.raises(Stopped):
        pack.pack(home, tmp_path / "hues.zip", StopAfter(3))
    assert (tmp_path / "hues.zip").read_bytes() == b"earlier"
    pack.pack(home, tmp_path / "hues.zip", Progress())
    assert zipfile.ZipFile(tmp_path / "hues.zip").testzip() is None


def test_no_module_of_travel_loads_keras():
    import subprocess

    code = "import sys, tl_core.travel.job; sys.exit('keras' in sys.modules or 'streamlit' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
