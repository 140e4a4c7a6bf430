import threading
import time

import pandas as pd
import pytest

from tl_core.about import SplitSettings
from tl_core.dataset import edits, manifest, notes
from tl_core.dataset.manifest import COLUMNS, Version
from tl_core.dataset.splits import fill
from tl_core.errors import InputError, NotFoundError, StorageError
from tl_core.files import read_record
from tl_core.workspace import Project


def rows(sizes: dict[str, int]) -> pd.DataFrame:
    names = [(label, n) for label, size in sizes.items() for n in range(size)]
    frame = pd.DataFrame(
        {
            "id": [f"{label}{n:06d}" for label, n in names],
            "label": [label for label, _ in names],
            "split": "",
            "width": 200,
            "height": 100,
            "source": [f"{label}/{n}.jpg" for label, n in names],
            "flags": "",
            "look": "",
            "taken": "",
            "apart": "",
            "group": "",
        }
    )
    return fill(frame)


@pytest.fixture
def pets(project: Project) -> Project:
    manifest.save(project, rows({"cat": 30, "dog": 30}), "Added")
    return project


def test_a_project_without_pictures_says_so(project: Project) -> None:
    assert not manifest.is_stored(project)
    assert not manifest.can_undo(project)
    with pytest.raises(NotFoundError, match="no pictures yet"):
        manifest.load(project)


def test_what_is_saved_is_loaded(pets: Project) -> None:
    loaded = manifest.load(pets)
    assert loaded.version == 1
    assert {name: str(kind) for name, kind in loaded.table.dtypes.items()} == COLUMNS
    assert loaded.classes == ["cat", "dog"]
    assert loaded.counts().loc["cat"].to_dict() == {"train": 22, "validation": 4, "test": 4, "unused": 0, "total": 30}
    assert len(loaded.split("train")) == 44
    assert notes.problems(loaded) == []
    assert notes.notes(loaded) == []


def test_every_edit_is_a_version_and_old_ones_stay(pets: Project) -> None:
    ids = manifest.load(pets).table["id"].tolist()
    assert edits.remove(pets, ids[:2]).version == 2
    assert edits.move(pets, [ids[3]], "cow").version == 3
    assert edits.rename_class(pets, "cow", "calf").version == 4
    assert [len(manifest.load(pets, number).table) for number in (1, 2, 3, 4)] == [60, 58, 58, 58]
    assert [read_record(pets.manifests / f"{number:04d}.json", Version).note for number in (1, 2, 3, 4)] == [
        "Added",
        "Removed 2 pictures",
        "Moved 1 picture to “cow”",
        "Renamed “cow” to “calf”",
    ]
    with pytest.raises(NotFoundError, match="no version 9"):
        manifest.load(pets, 9)


def test_undo_and_redo(pets: Project) -> None:
    edits.rename_class(pets, "cat", "kitten")
    edits.rename_class(pets, "dog", "puppy")
    assert manifest.undo(pets).classes == ["dog", "kitten"]
    assert manifest.undo(pets).classes == ["cat", "dog"]
    with pytest.raises(NotFoundError, match="nothing to undo"):
        manifest.undo(pets)
    assert manifest.can_redo(pets)
    assert manifest.redo(pets).classes == ["dog", "kitten"]
    branch = edits.rename_class(pets, "dog", "wolf")
    assert branch.version == 4
    assert not manifest.can_redo(pets)
    with pytest.raises(NotFoundError, match="nothing to redo"):
        manifest.redo(pets)
    assert manifest.undo(pets).version == 2


def test_a_list_without_the_groups_of_pictures_opens(pets: Project) -> None:
    path = pets.manifests / "0001.parquet"
    pd.read_parquet(path).drop(columns="group").to_parquet(path)
    loaded = manifest.load(pets)
    assert {name: str(kind) for name, kind in loaded.table.dtypes.items()} == COLUMNS
    assert set(edits.rename_class(pets, "cat", "kitten").table["group"]) == {""}


def test_renaming_to_another_class_merges(pets: Project) -> None:
    assert edits.rename_class(pets, "dog", "CAT").classes == ["CAT", "cat"]
    merged = edits.rename_class(pets, "CAT", " cat ")
    assert merged.classes == ["cat"]
    assert "only one class" in notes.problems(merged)[0]
    assert edits.rename_class(pets, "cat", "Cat").classes == ["Cat"]


def test_edits_that_make_no_sense_are_refused_and_change_nothing(pets: Project) -> None:
    with pytest.raises(NotFoundError, match="no class “cow”"):
        edits.rename_class(pets, "cow", "calf")
    with pytest.raises(InputError, match="at least one visible character"):
        edits.rename_class(pets, "cat", " ")
    with pytest.raises(NotFoundError, match="No longer in the list"):
        edits.remove(pets, ["nowhere"])
    with pytest.raises(NotFoundError, match="No picture is selected"):
        edits.move(pets, [], "cow")
    assert manifest.load(pets).version == 1


def test_all_pictures_may_be_removed(pets: Project) -> None:
    empty = edits.remove(pets, manifest.load(pets).table["id"])
    assert notes.problems(empty) == ["There are no pictures. Import pictures of at least two classes."]
    assert notes.notes(empty) == []
    assert manifest.load(pets).counts().empty


def test_resplit_is_seeded_and_preserves_given_splits(pets: Project) -> None:
    half = edits.resplit(pets, SplitSettings(validation=0.25, test=0.25, seed=1))
    assert half.counts().loc["cat", ["train", "validation", "test"]].tolist() == [14, 8, 8]
    assert edits.resplit(pets, SplitSettings(validation=0.25, test=0.25, seed=1)).table.equals(half.table)
    table = half.table.assign(flags=half.table["split"].map({"test": "given: test"}).fillna(""))
    manifest.save(pets, table, "given")
    again = edits.resplit(pets, SplitSettings(validation=0.1, test=0.1, seed=2))
    assert again.given
    assert set(again.split("test")["id"]) == set(half.split("test")["id"])
    again = edits.resplit(pets, SplitSettings(validation=0.1, test=0.1, seed=2), preserve_given=False)
    assert set(again.split("test")["id"]) != set(half.split("test")["id"])


def test_a_conflict_is_settled_by_moving_or_by_merging(pets: Project) -> None:
    table = manifest.load(pets).table.copy()
    table.loc[[0, 1], ["flags", "split"]] = ["conflict: cat | dog", ""]
    before = manifest.save(pets, table, "conflict")
    assert len(before.conflicts) == 2
    assert "2 pictures came under two classes" in notes.notes(before)[0]
    moved = edits.move(pets, [table["id"][0]], "dog")
    assert moved.table.loc[0, ["label", "flags"]].tolist() == ["dog", ""]
    assert moved.table.loc[0, "split"] != ""
    assert edits.rename_class(pets, "cat", "lynx").table.loc[1, "flags"] == "conflict: dog | lynx"
    merged = edits.rename_class(pets, "lynx", "dog")
    assert merged.conflicts.empty
    assert merged.table.loc[1, "split"] != ""


def test_problems_and_notes_say_what_is_wrong(project: Project) -> None:
    lone = manifest.save(project, rows({"cat": 1, "dog": 30, "cow": 5}), "Added")
    assert notes.problems(lone) == [
        "The class “cat” has 1 picture to learn from; it needs at least 2. Add some or remove the class."
    ]
    text = " ".join(notes.notes(lone))
    assert "uneven" in text
    assert "“cow” (5)" in text
    apart = rows({"cat": 9, "owl": 2}).assign(split=["train"] * 8 + ["test"] + ["train", "validation"])
    assert "No test pictures in “owl”." in notes.notes(manifest.save(project, apart, "Added"))
    (problem,) = notes.problems(manifest.save(project, apart.assign(split=["train"] * 8 + ["test"] * 3), "Added"))[:1]
    assert "“owl” has no training pictures" in problem
    assert "without keeping the splits of the folders" in problem
    unsplit = manifest.save(project, rows({"cat": 9, "dog": 9}).assign(split="", width=20), "Added")
    assert any("has no training pictures" in problem for problem in notes.problems(unsplit)) is False
    assert any("32" in note or "under 64 pixels" in note for note in notes.notes(unsplit))


def test_edits_of_ten_thousand_rows_are_quick(project: Project) -> None:
    manifest.save(project, rows({f"class {n}": 1000 for n in range(10)}), "Added")
    ids = manifest.load(project).table["id"].tolist()
    took = {}
    for name, edit in {
        "rename": lambda: edits.rename_class(project, "class 1", "one"),
        "remove": lambda: edits.remove(project, ids[:100]),
        "move": lambda: edits.move(project, ids[200:300], "class 5"),
        "resplit": lambda: edits.resplit(project, SplitSettings(validation=0.2, test=0.2)),
        "counts": lambda: manifest.load(project).counts(),
    }.items():
        began = time.perf_counter()
        edit()
        took[name] = time.perf_counter() - began
    print(took)
    assert max(took.values()) < 3  # 0.3 s on a quiet machine


def test_edits_at_the_same_time_are_all_kept(pets: Project) -> None:
    ids = manifest.load(pets).table["id"].tolist()
    threads = [threading.Thread(target=edits.remove, args=(pets, [ids[n]])) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(manifest.load(pets).table) == 52
    assert manifest.load(pets).version == 9


def test_a_failed_write_leaves_the_version_before(pets: Project) -> None:
    (pets.manifests / "0002.json").mkdir()  # the sidecar cannot be put in place
    with pytest.raises((StorageError, OSError)):
        edits.rename_class(pets, "cat", "kitten")
    (pets.manifests / "0002.json").rmdir()
    assert manifest.load(pets).classes == ["cat", "dog"]
    assert [path.name for path in sorted(pets.manifests.iterdir())] == ["0001.json", "0001.parquet"]


def test_a_missing_picture_file_says_so(pets: Project) -> None:
    with pytest.raises(NotFoundError, match="Import it again"):
        manifest.image_path(pets, "ab" * 32)
