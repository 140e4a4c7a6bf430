"""Which tables give several labels a picture, and which one."""

from pathlib import Path

import pytest

from tests import tagged
from tests.core.ingest.test_layouts import read, table
from tests.core.pictures import lay
from tl_core import api
from tl_core.dataset import edits, manifest
from tl_core.errors import InputError
from tl_core.ingest import importer
from tl_core.ingest.reading import Reading, Readings
from tl_core.ingest.sources import Source
from tl_core.tasks import table as tasks
from tl_core.workspace import Workspace

FLAGS = ("1.jpg,1,0", "2.jpg,1,1", "3.jpg,0,0", "4.jpg,0,1")
PICTURES = {f"{number}.jpg": 1 for number in range(1, 5)}
EXPECTED = {"1.jpg": "cat", "2.jpg": "cat; dark", "3.jpg": "", "4.jpg": "dark"}


def beside(content: str, name: str = "tags.csv", pictures: int = 4) -> Readings:
    return read({name: content, **{f"{number}.jpg": 1 for number in range(1, pictures + 1)}})


def labels(reading: Reading) -> dict[str, str]:
    return {place.name: place.label for place in reading.places}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("tags.csv", table("file,cat,dark", *FLAGS)),
        ("tags.csv", table("file,cat,dark", *(each.replace("0", "-1") for each in FLAGS))),
        ("tags.csv", table("file,cat,dark", "1.jpg,yes,no", "2.jpg,true,1", "3.jpg,,", "4.jpg,0,1.0")),
        ("tags.csv", table("file,tags", "1.jpg,cat", "2.jpg,cat;dark", "3.jpg,", "4.jpg,dark")),
        ("tags.csv", table("file,tags", "1.jpg,cat", '2.jpg,"dark, cat"', "3.jpg,", "4.jpg,dark")),
        ("tags.csv", table("file,tags", "1.jpg,cat", "2.jpg,cat dark", "3.jpg,", "4.jpg,dark")),
        ("tags.csv", table("file,labels", "1.jpg,['cat']", "2.jpg,\"['cat', 'dark']\"", "3.jpg,[]", "4.jpg,['dark']")),
        ("tags.tsv", table("file\ttags", "1.jpg\tcat", "2.jpg\tcat|dark", "3.jpg\t", "4.jpg\tdark")),
        (
            "annotations.json",
            '[{"image": "1.jpg", "annotations": ["cat"]}, {"image": "2.jpg", "annotations": ["dark", "cat"]},'
            ' {"image": "3.jpg", "annotations": []}, {"image": "4.jpg", "annotations": ["dark"]}]',
        ),
    ],
)
def test_several_labels_are_read(name: str, content: str):
    best = beside(content, name).choose()
    assert (best.kind, best.name, labels(best)) == ("tags", "tags", EXPECTED)
    assert best.classes == {"cat": 2, "dark": 2}


def test_a_table_in_each_split_of_roboflow():
    head = "filename, cat, dark"
    tree = {
        "train/_classes.csv": table(head, "1.jpg, 1, 0", "2.jpg, 1, 1", "3.jpg, 0, 0"),
        "valid/_classes.csv": table(head, "4.jpg, 1, 0", "5.jpg, 0, 1"),
        **{f"train/{n}.jpg": 1 for n in (1, 2, 3)},
        **{f"valid/{n}.jpg": 1 for n in (4, 5)},
    }
    best = read(tree).choose()
    assert (best.kind, best.classes) == ("tags", {"cat": 3, "dark": 2})
    assert best.parts == {"train": 3, "validation": 2, "test": 0}


@pytest.mark.parametrize(
    "content",
    [
        table("file,label", *(f"{n}.jpg,{'cat' if n % 2 else 'dog'}" for n in range(1, 9))),
        table("file,cat,dog", *(f"{n}.jpg,{n % 2},{1 - n % 2}" for n in range(1, 9))),
        table("file,breed", *(f'{n}.jpg,"{"Shepherd, German" if n % 2 else "Terrier, Fox"}"' for n in range(1, 9))),
        table("file,breed,indoors,blurred", *(f"{n}.jpg,{'a' if n % 2 else 'b'},{n // 4 % 2},1" for n in range(1, 9))),
        table("file,label,blurred", *(f"{n}.jpg,{n % 2},{n // 4 % 2}" for n in range(1, 9))),
    ],
)
def test_one_label_stays_one_label(content: str):
    best = beside(content, pictures=8).choose()
    assert (best.kind, len(best.classes)) == ("pictures", 2)


def test_the_other_reading_can_be_asked_for():
    readings = beside(table("file,cat,dark", *FLAGS))
    assert readings.names == ["tags", "table"]
    assert readings.of_kind("pictures").choose().name == "table"
    with pytest.raises(InputError, match="Nothing here gives several labels"):
        read({"cat/#.jpg": 3, "dog/#.jpg": 3}).of_kind("tags")


def test_what_does_not_fit_together_is_said():
    content = table("file,cat,dark", *FLAGS, "1.jpg,0,0", "gone.jpg,1,1")
    best = beside(content, pictures=5).choose()
    assert labels(best) == {name: label for name, label in EXPECTED.items() if name != "1.jpg"}
    assert {item.name: item.reason for item in best.left_out} == {
        "1.jpg": "The table of labels has it twice, with different labels.",
        "5.jpg": "The table of labels has no row for it.",
    }
    assert "1 row names a picture that is not here: gone.jpg." in best.remarks


def test_tags_are_imported_and_read_again(workspace: Workspace, tmp_path: Path):
    folder = tagged.lay(tmp_path / "lamps", 20)
    project, report = api.import_folder(workspace, folder)
    assert report.classes == {"dark": 10, "red": 10}
    assert [note for note in report.notes if "no label" in note] == ["5 pictures have no label."]
    listed = manifest.load(project)
    assert (listed.kind, listed.classes) == ("tags", ["dark", "red"])
    assert set(listed.table["label"]) == {"", "dark", "dark; red", "red"}
    assert set(listed.table["split"]) == {"train", "validation", "test"}
    again, report = api.import_folder(workspace, folder)
    assert (again, report.imported) == (project, 0)
    other, _ = api.import_folder(workspace, folder, kind="pictures")
    assert other != project
    assert manifest.load(other).classes == ["dark", "red"]


def test_one_picture_under_two_names_with_other_tags_is_not_used(workspace: Workspace, tmp_path: Path):
    folder = tagged.lay(tmp_path / "lamps", 20)
    (folder / "copy.png").write_bytes((folder / "0.png").read_bytes())
    with (folder / "tags.csv").open("a") as file:
        file.write("copy.png,1,1\n")
    project, report = api.import_folder(workspace, folder)
    conflicts = manifest.load(project).conflicts
    assert conflicts["flags"].tolist() == ["conflict:  | dark; red"]
    assert conflicts["split"].tolist() == [""]
    assert any("which has other labels" in item.reason for item in report.left_out)


def test_one_label_each_is_one_of_several_where_a_person_says_so(workspace: Workspace, tmp_path: Path):
    pets = Source("folder", str(lay(tmp_path / "pets", {"cat/1.png": 1, "dog; old/1.png": 2})))
    project = workspace.create_project("Pets")
    importer.import_source(project, pets, reading="folders", kind="tags")
    assert manifest.load(project).classes == ["cat", "dog\uff1b old"]


def test_pictures_come_without_a_label_and_get_theirs_afterwards(workspace: Workspace, tmp_path: Path):
    loose = Source("folder", str(lay(tmp_path / "loose", {f"{number}.png": number for number in range(6)})))
    project = workspace.create_project("Loose")
    importer.import_source(project, loose, label="", kind="tags")
    ids = manifest.load(project).table["id"].tolist()
    assert tasks.of(project).problems(manifest.load(project))
    edits.tag(project, ids[:3], add="round")
    edits.tag(project, ids[2:4], add="red")
    assert manifest.load(project).counts()["total"].to_dict() == {"red": 2, "round": 3}


def test_pictures_do_not_join_a_project_of_tags(workspace: Workspace, tmp_path: Path):
    project, _ = api.import_folder(workspace, tagged.lay(tmp_path / "lamps", 12))
    with pytest.raises(InputError, match="one kind of thing"):
        api.import_folder(workspace, lay(tmp_path / "pets", {"cat/1.png": 1, "dog/1.png": 2}), project=project.slug)


def test_a_project_is_repaired_as_what_it_was(workspace: Workspace, tmp_path: Path):
    project, _ = api.import_folder(workspace, tagged.lay(tmp_path / "lamps", 12))
    (project.folder / "project.json").write_text("{")
    project.repair()
    assert manifest.load(project).classes == ["dark", "red"]


def test_loose_pictures_take_the_labels_of_a_table(workspace: Workspace, tmp_path: Path):
    folder = tagged.lay(tmp_path / "lamps", 12)
    listed = (folder / "tags.csv").read_bytes()
    (folder / "tags.csv").unlink()
    project = workspace.create_project("Loose")
    importer.import_source(project, Source("folder", str(folder)), label="", kind="tags")
    assert set(manifest.load(project).table["label"]) == {""}

    (folder / "tags.csv").write_bytes(listed)
    for taken in (9, 0):  # three have neither label; the second time nothing changes
        _, report = api.import_folder(workspace, folder, project=project.slug)
        assert (report.imported, report.already) == (0, 12)
        found = [note for note in report.notes if "took the labels" in note]
        assert found == ([f"{taken} pictures without a label took the labels that came now."] if taken else [])
    after = manifest.load(project).table
    assert after["label"].value_counts().to_dict() == {"": 3, "dark": 3, "red": 3, "dark; red": 3}
    assert not after["flags"].str.startswith("conflict").any()
    copied = tmp_path / "copied"
    copied.mkdir()
    (copied / "other.png").write_bytes((folder / "1.png").read_bytes())
    importer.import_source(project, Source("folder", str(copied)), label="", kind="tags")
    assert manifest.load(project).table["label"].tolist() == after["label"].tolist(), (
        "no label says nothing against any"
    )


def test_a_cell_that_is_neither_0_nor_1_leaves_its_picture_out_and_is_named():
    rows = [f"{n}.jpg,{n % 2},{n // 2 % 2}" for n in range(1, 20)]
    best = beside(table("file,cat,dark", *rows, "20.jpg,maybe,1"), pictures=20).choose()
    assert (best.kind, best.classes) == ("tags", {"cat": 10, "dark": 10})
    (left,) = best.left_out
    assert (left.name, left.reason) == ("20.jpg", "The table of labels says neither 0 nor 1 for it.")
    assert "1 picture has a cell that says neither 0 nor 1, “maybe” (20.jpg). It is left out." in best.remarks


def test_a_label_that_no_picture_has_is_named():
    best = beside(table("file,cat,dark,unicorn", *(f"{row},0" for row in FLAGS))).choose()
    assert (best.kind, labels(best)) == ("tags", EXPECTED)
    assert "No picture has the label unicorn, so it is left out." in best.remarks


def test_a_table_in_utf_16_is_read():
    best = read({"labels.csv": table("file,cat,dark", *FLAGS).encode("utf-16"), **PICTURES}).choose()
    assert (best.kind, labels(best)) == ("tags", EXPECTED)
