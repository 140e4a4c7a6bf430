import csv
import io
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.core.pictures import StopAfter, encoded, lay, noise, pets, picture, png_header, staged, zipped
from tl_core import jobs
from tl_core.dataset import edits, image, manifest, notes
from tl_core.errors import InputError, Stopped, StorageError
from tl_core.files import read_record
from tl_core.ingest import importer, layouts
from tl_core.ingest.entries import LeftOut
from tl_core.ingest.report import ImportReport
from tl_core.ingest.sources import Source
from tl_core.workspace import Project, Workspace


def folder(path: Path) -> Source:
    return Source("folder", str(path))


def bring(project: Project, root: Path, tree: dict[str, int | bytes], **options: Any) -> ImportReport:
    return importer.import_source(project, folder(lay(root, tree)), **options).report


def state(project: Project) -> dict[str, bytes]:
    """Every file of the project."""
    files = (path for path in project.folder.rglob("*") if path.is_file() and path.name != ".changing")
    return {str(path.relative_to(project.folder)): path.read_bytes() for path in files}


def reasons(report: ImportReport) -> dict[str, str]:
    return {item.name: item.reason for item in report.left_out}


def check_sum(report: ImportReport) -> None:
    assert report.found == report.imported + report.already + len(report.left_out)


def test_a_folder_becomes_a_manifest(project: Project, tmp_path: Path) -> None:
    report = bring(project, tmp_path / "pets", pets(10))
    assert (report.found, report.imported, report.already, report.left_out) == (20, 20, 0, [])
    assert report.classes == {"cat": 10, "dog": 10}
    assert report.layout == "folders"
    assert report.summary() == "20 of 20 files added."
    made = manifest.load(project)
    assert made.counts()[["train", "validation", "test"]].to_numpy().tolist() == [[6, 2, 2], [6, 2, 2]]
    for row in made.table.itertuples():
        path = manifest.image_path(project, row.id)
        assert path.parent.name == row.id[:2]
        assert image.decode(path.read_bytes()).id == row.id
    assert set(made.table["source"]) == set(pets(10))


@pytest.mark.parametrize("kind", ["zip", "upload"])
def test_a_zip_and_an_upload_give_the_same_as_a_folder(kind: str, workspace: Workspace, tmp_path: Path) -> None:
    one, other = workspace.create_project("one"), workspace.create_project("other")
    bring(one, tmp_path / "pets", pets())
    files = {name: picture(int(seed)) for name, seed in pets().items()}
    path = zipped(tmp_path / "a.zip", files) if kind == "zip" else staged(workspace.uploads / "token", files)
    importer.import_source(other, Source(kind, str(path)))
    assert manifest.load(one).table.equals(manifest.load(other).table)


def test_given_splits_are_kept(project: Project, tmp_path: Path) -> None:
    train, test = ({f"train/{name}": seed for name, seed in pets(10).items()},
                   {f"test/{name}": int(seed) + 1000 for name, seed in pets(4).items()})  # fmt: skip
    report = bring(project, tmp_path / "x", {**train, **test})
    assert report.layout == "folders"
    made = manifest.load(project)
    assert made.given
    assert made.counts()[["train", "validation", "test"]].to_numpy().tolist() == [[8, 2, 4], [8, 2, 4]]
    assert made.split("test")["source"].str.startswith("test/").all()


def test_a_lone_test_folder_is_no_division_unless_there_is_something_to_train_on(
    workspace: Workspace, tmp_path: Path
) -> None:
    fresh, filled = workspace.create_project("fresh"), workspace.create_project("filled")
    tree = {f"test/{name}": int(seed) + 1000 for name, seed in pets(6).items()}
    bring(fresh, tmp_path / "a", tree)
    assert (manifest.load(fresh).counts()["train"] > 0).all()
    bring(filled, tmp_path / "b", pets(6))
    bring(filled, tmp_path / "a", tree)
    table = manifest.load(filled).table
    assert set(table[table["source"].str.startswith("test/")]["split"]) == {"test"}


def test_more_pictures_are_added_as_a_new_version(project: Project, tmp_path: Path) -> None:
    bring(project, tmp_path / "a", pets())
    first = manifest.load(project)
    report = bring(project, tmp_path / "b", {"cow/1.png": 900, "cow/2.png": 901})
    assert (report.imported, report.already) == (2, 0)
    assert report.classes == {"cat": 4, "cow": 2, "dog": 4}
    second = manifest.load(project)
    assert second.version == 2
    assert second.table[: len(first.table)].equals(first.table)
    assert manifest.undo(project).table.equals(first.table)


def test_the_same_folder_again_adds_nothing_whatever_was_done_since(project: Project, tmp_path: Path) -> None:
    tree = {**pets(), "dog/copy.png": 100, "cat/dog.png": 101}
    bring(project, tmp_path / "a", tree)
    again = bring(project, tmp_path / "a", tree)
    assert (again.imported, again.already, again.left_out) == (0, 10, [])
    assert again.notes[0] == "All of these pictures are already in the project. Nothing was added."
    assert manifest.load(project).version == 1
    edits.rename_class(project, "cat", "Katze")
    ids = manifest.load(project).conflicts["id"].tolist()
    edits.move(project, ids, "dog")
    again = bring(project, tmp_path / "a", tree)
    assert (again.imported, again.already, again.left_out) == (0, 10, [])
    assert manifest.load(project).version == 3
    assert manifest.load(project).conflicts.empty


def test_replacing_leaves_the_new_pictures_alone(project: Project, tmp_path: Path) -> None:
    bring(project, tmp_path / "a", pets())
    bring(project, tmp_path / "b", {"cow/1.png": 900, "ox/2.png": 901}, replace=True)
    assert manifest.load(project).classes == ["cow", "ox"]
    bring(project, tmp_path / "b", {}, replace=True)
    assert manifest.load(project).version == 2
    assert manifest.load(project, 1).classes == ["cat", "dog"]


def test_pictures_in_no_class_folder_are_left_out_and_named(project: Project, tmp_path: Path) -> None:
    report = bring(project, tmp_path / "a", {**pets(), "loose.png": 900})
    assert reasons(report) == {"loose.png": layouts.NO_CLASS}
    check_sum(report)


def test_a_label_takes_all_pictures_into_one_class(project: Project, tmp_path: Path) -> None:
    bring(project, tmp_path / "a", pets())
    report = bring(project, tmp_path / "b", {"shot.png": 900, "deep/er/shot.png": 901}, label=" cat ")
    assert report.imported == 2
    assert report.classes == {"cat": 6, "dog": 4}
    with pytest.raises(InputError, match="at least one visible character"):
        bring(project, tmp_path / "b", {}, label=" ")


BAD: dict[str, tuple[bytes, str]] = {
    "fake.jpg": (b"only text", "not a picture"),
    "empty.png": (b"", "empty"),
    "cut.jpg": (encoded(noise(1, 400, 300), "JPEG")[:3000], "cut off"),
    "bomb.png": (png_header(50_000, 50_000), "120 million pixels"),
    "notes.txt": (b"x", "Not a picture, by its name"),
    ".DS_Store": (b"x", "Hidden file"),
    "Thumbs.db": (b"x", "left by Windows"),
    "inner.zip": (b"PK", "unpack it"),
}


def test_bad_files_are_left_out_by_name_and_the_rest_comes_in(project: Project, tmp_path: Path) -> None:
    report = bring(project, tmp_path / "a", {**pets(), **{f"cat/{name}": data for name, (data, _) in BAD.items()}})
    assert report.imported == 8
    predicted = reasons(report)
    assert set(predicted) == {f"cat/{name}" for name in BAD}
    for name, (_, expected) in BAD.items():
        assert expected in predicted[f"cat/{name}"]
    check_sum(report)


@pytest.mark.parametrize(
    ("tree", "message"),
    [
        ({}, "is empty"),
        ({"cat/a.jpg": b"text"}, "not a picture"),
        ({"1.png": 1, "2.png": 2}, "no class folder"),
        ({"train/1.png": 1, "test/2.png": 2}, "no class folder"),
        ({".hidden/1.png": 1}, "Hidden folder"),
    ],
)
def test_nothing_usable_leaves_the_project_as_it_was(
    tree: dict[str, int | bytes], message: str, project: Project, tmp_path: Path
) -> None:
    (tmp_path / "a").mkdir()
    for _ in range(2):
        before = state(project)
        with pytest.raises(InputError, match=message):
            bring(project, tmp_path / "a", tree)
        assert state(project) == before
        bring(project, tmp_path / "good", pets())


def test_a_folder_that_is_not_there(project: Project, workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no folder"):
        importer.import_source(project, folder(tmp_path / "nowhere"))
    with pytest.raises(InputError, match="There is no folder"):
        importer.project_for_folder(workspace, tmp_path / "nowhere")


def test_one_class_and_lone_pictures_come_in_with_a_warning(project: Project, tmp_path: Path) -> None:
    one = bring(project, tmp_path / "a", {"cat/1.png": 1, "cat/2.png": 2})
    assert "only one class" in " ".join(one.notes)
    lone = bring(project, tmp_path / "b", {"dog/1.png": 3})
    assert "“dog” has 1 picture" in " ".join(lone.notes)


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="the file system there has one name for both")
def test_classes_that_differ_by_case_stay_apart(project: Project, tmp_path: Path) -> None:
    tree = {f"{letter}/{n}.png": 10 * ord(letter) + n for letter in "AaBb" for n in range(3)}
    report = bring(project, tmp_path / "a", tree)
    assert report.classes == {"A": 3, "B": 3, "a": 3, "b": 3}
    note = "“A” and “a” differ only by case. They are two classes; rename one to the other to merge them."
    assert note in report.notes
    edits.rename_class(project, "a", "A")
    assert manifest.load(project).classes == ["A", "B", "b"]


def test_classes_are_what_they_look_like(project: Project, tmp_path: Path) -> None:
    report = bring(
        project, tmp_path / "a", {f"{name}/{n}.png": 10 * c + n for c, name in enumerate("1①") for n in (1, 2)}
    )
    assert report.classes == {"1": 2, "①": 2}
    assert not any("differ" in note for note in report.notes)


@pytest.mark.skipif(sys.platform == "win32", reason="no such names there")
def test_strange_class_names(project: Project, tmp_path: Path) -> None:
    strange = ["**bold** [x](y)", "a\\b", "קטן", "evil\u202egnp", "x" * 200, "x" * 199 + "y", "=cmd()"]
    tree = {f"{name}/{n}.png": 10 * c + n for c, name in enumerate(strange) for n in range(2)}
    report = bring(project, tmp_path / "a", tree)
    assert len(report.classes) == 7
    assert all(len(name) <= 60 and "/" not in name and "\\" not in name for name in report.classes)
    assert {"**bold** [x](y)", "a\u2216b", "קטן", "evilgnp", "=cmd()"} <= set(report.classes)
    assert any("became the class" in note for note in report.notes)
    assert notes.problems(manifest.load(project)) == []


def test_the_same_picture_in_two_classes_is_kept_once_and_takes_no_part(project: Project, tmp_path: Path) -> None:
    report = bring(project, tmp_path / "a", {**pets(), "dog/9.png": 0})
    assert "which is in “cat”" in reasons(report)["dog/9.png"]
    assert (report.duplicates, report.skipped) == (0, 1)
    assert any("under two classes" in note for note in report.notes)
    row = manifest.load(project).conflicts.iloc[0]
    assert (row["flags"], row["split"], row["source"]) == ("conflict: cat | dog", "", "cat/0.png | dog/9.png")
    later = bring(project, tmp_path / "b", {"bird/1.png": 1})
    assert later.found == len(later.left_out) == 1
    assert len(manifest.load(project).conflicts) == 2
    check_sum(report)


def test_exact_copies_are_left_out(project: Project, tmp_path: Path) -> None:
    tree = {**pets(), "cat/copy.png": 0, "cat/other.png": encoded(noise(0), dpi=(9, 9))}
    report = bring(project, tmp_path / "a", tree)
    assert reasons(report) == {
        "cat/copy.png": "An exact copy of cat/0.png.",
        "cat/other.png": "An exact copy of cat/0.png.",
    }
    check_sum(report)
    assert (report.already, report.duplicates, report.skipped) == (0, 2, 0)
    assert report.summary() == "8 of 10 files added, 2 duplicates."


def test_an_upload_that_was_cut_off_changes_nothing(project: Project, workspace: Workspace) -> None:
    files = {name: picture(int(seed)) for name, seed in pets().items()}
    upload = staged(workspace.uploads / "token", files, complete=False)
    before = state(project)
    with pytest.raises(InputError, match="cut off"):
        importer.import_source(project, Source("upload", str(upload)))
    assert state(project) == before
    assert upload.exists()


def test_zips_that_attack_change_nothing_outside(project: Project, tmp_path: Path) -> None:
    attack = {"../evil.png": picture(1), "/tmp/evil.png": picture(2), "cat/ok.png": picture(3)}
    path = zipped(tmp_path / "a.zip", attack)
    before = {each for each in tmp_path.rglob("*") if not each.is_relative_to(project.folder)}
    report = importer.import_source(project, Source("zip", str(path))).report
    assert report.imported == 1
    assert len(report.left_out) == 2
    assert {each for each in tmp_path.rglob("*") if not each.is_relative_to(project.folder)} == before


def test_a_zip_bomb_ends_the_import(project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tl_core.ingest.archive.ALWAYS_ALLOWED", 2**20)
    path = zipped(tmp_path / "a.zip", {"cat/1.bmp": b"\0" * 10_000_000}, zipfile.ZIP_DEFLATED)
    before = state(project)
    with pytest.raises(InputError, match="a zip bomb"):
        importer.import_source(project, Source("zip", str(path)))
    assert state(project) == before


def test_progress_and_stop(project: Project, tmp_path: Path) -> None:
    listener = StopAfter(100)
    bring(project, tmp_path / "a", pets(), progress=listener)
    assert [fields["done"] for _, fields in listener.events] == list(range(1, 9))
    assert listener.events[-1] == ("progress", {"what": "pictures", "done": 8, "total": 8})
    before = state(project)
    with pytest.raises(Stopped, match="unchanged"):
        bring(project, tmp_path / "b", {f"cow/{n}.png": 500 + n for n in range(20)}, progress=StopAfter(3))
    assert state(project) == before


def test_a_full_disk_leaves_the_project_as_it_was(small_disk: Path, tmp_path: Path) -> None:
    project = Workspace.open(small_disk / "workspace").create_project("Pets")
    bring(project, tmp_path / "a", pets())
    before = state(project)
    grain = np.random.default_rng(0).integers(0, 256, (20, 300, 400, 3), dtype=np.uint8)
    large = {f"cow/{n}.jpg": encoded(Image.fromarray(grain[n]), "JPEG") for n in range(20)}
    with pytest.raises(StorageError, match="disk is full"):
        bring(project, tmp_path / "b", large)
    assert state(project) == before
    assert manifest.load(project).version == 1
    for filling in range(512):  # the last kilobytes: even an edit has no room
        try:
            (small_disk / f"fill{filling}").write_bytes(b"x" * 4096)
        except OSError:
            break
    with pytest.raises(StorageError, match="disk is full"):
        edits.rename_class(project, "cat", "kitten")
    assert manifest.load(project).classes == ["cat", "dog"]
    assert state(project) == before


def test_the_report_is_kept_and_survives_json(project: Project, tmp_path: Path) -> None:
    outcome = importer.import_source(project, folder(lay(tmp_path / "a", {**pets(), "cat/x.txt": b""})))
    assert outcome.report_path == project.folder / "imports" / "0001.json"
    assert read_record(outcome.report_path, ImportReport) == outcome.report


def test_the_csv_holds_no_formula() -> None:
    report = ImportReport(left_out=[LeftOut('=HYPERLINK("x"),"\n', "-1"), LeftOut("cat/ü.jpg", "Empty.")])
    assert list(csv.reader(io.StringIO(report.to_csv()))) == [
        ["file", "reason"],
        ['\'=HYPERLINK("x"),"\n', "'-1"],
        ["cat/ü.jpg", "Empty."],
    ]


def test_the_job_imports_and_clears_the_staging_folder(project: Project, workspace: Workspace) -> None:
    files = {name: picture(int(seed)) for name, seed in pets().items()}
    upload = staged(workspace.uploads / "token", files)
    source = {"kind": "upload", "path": str(upload)}
    job = jobs.create_in(workspace, "import", project=str(project.folder), source=source, seed=3)
    result = jobs.execute(job.folder)
    assert (result.project, result.manifest) == ("pets", 1)
    assert read_record(Path(result.report), ImportReport).imported == 8
    assert not upload.exists()
    assert job.events()[-1].done == 8


def test_a_folder_has_one_project(workspace: Workspace, tmp_path: Path) -> None:
    root = lay(tmp_path / "My pets", pets())
    project = importer.project_for_folder(workspace, root)
    assert (project.slug, project.name) == ("my-pets", "My pets")
    assert importer.project_for_folder(workspace, tmp_path / "x" / ".." / "My pets").slug == "my-pets"
    assert importer.project_for_folder(workspace, root / "cat").slug == "cat"
    assert len(workspace.projects()) == 2
