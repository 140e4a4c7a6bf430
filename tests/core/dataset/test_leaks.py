from pathlib import Path

import pytest

from tests.core.pictures import encoded, lay, noise, picture
from tl_core.about import USUAL
from tl_core.dataset import duplicates, edits, leaks, manifest, notes, splits
from tl_core.errors import NotFoundError
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.workspace import Project


@pytest.fixture
def leaky(project: Project, tmp_path: Path) -> Project:
    """Pictures that came in two splits, two of the test also in training as JPEGs, one copy under both classes."""
    tree: dict[str, int | bytes] = {}
    for number, label in enumerate(("cat", "dog")):
        tree |= {f"train/{label}/{n}.png": 100 * number + n for n in range(8)}
        tree |= {f"test/{label}/{n}.png": 100 * number + n for n in range(20, 24)}
        tree[f"test/{label}/copy.jpg"] = encoded(noise(100 * number), "JPEG")
    tree["train/dog/cat.jpg"] = encoded(noise(1), "JPEG")
    importer.import_source(project, Source("folder", str(lay(tmp_path / "pets", tree))))
    return project


def test_an_import_reports_how_many_pictures_leak(leaky: Project) -> None:
    text = " ".join(notes.notes(manifest.load(leaky)))
    assert "2 test pictures also appear in training, exactly or nearly" in text
    assert "1 pair of pictures looks the same under two labels" in text


def test_exact_copies_in_two_parts_stay_in_the_more_sealed_one(project: Project, tmp_path: Path) -> None:
    tree = {
        f"{split}/{label}/{n}.png": 10 * n + k for split in ("train",) for k, label in enumerate("ab") for n in range(9)
    }
    tree |= {"test/a/0.png": 0, "test/a/x.png": 900, "test/b/0.png": 901}
    report = importer.import_source(project, Source("folder", str(lay(tmp_path / "set", tree)))).report
    assert any(note.startswith("1 picture came as exact copies in two splits.") for note in report.notes)
    table = manifest.load(project).table
    assert table.loc[table["source"].str.contains("test/a/0.png"), "split"].tolist() == ["test"]
    assert splits.leaks(table).empty


def test_taking_out_leaves_the_test_as_it_came(leaky: Project) -> None:
    table = manifest.load(leaky).table
    removal = leaks.removal(table)
    gone, spared = removal.ids, removal.spared
    assert sorted(table.set_index("id").loc[gone, "source"]) == ["train/cat/0.png", "train/dog/0.png"]
    assert spared == []
    after = edits.remove(leaky, gone)
    assert splits.leaks(after.table).empty
    assert set(after.split("test")["id"]) == set(manifest.load(leaky, 1).split("test")["id"])


def test_of_three_parts_the_less_sealed_leaves(leaky: Project) -> None:
    table = manifest.load(leaky).table
    (cats,) = (
        rows for _, rows in table[table["source"].isin(["train/cat/0.png", "test/cat/copy.jpg"])].groupby("label")
    )
    for one, other, leaves in (("train", "validation", 0), ("validation", "test", 0), ("test", "train", 1)):
        moved = table.assign(split=table["split"].where(~table["id"].isin(cats["id"]), ""))
        moved.loc[cats.index, "split"] = [one, other]
        gone = leaks.removal(moved).ids
        assert set(gone) & set(cats["id"]) == {cats["id"].iloc[leaves]}


def test_of_a_burst_all_leave_but_never_a_whole_class(leaky: Project) -> None:
    table = manifest.load(leaky).table
    film = table["source"].str.contains("train/cat|copy.jpg") & (table["label"] == "cat")
    table = table.assign(look=table["look"].where(~film, table["look"][film.idxmax()]))
    removal = leaks.removal(table)
    assert removal.spared == ["cat"]
    assert table.set_index("id").loc[removal.ids, "label"].tolist() == ["dog"]
    more = table.assign(label=table["label"].where(table["source"] != "train/dog/1.png", "cat"))
    removal = leaks.removal(more)
    assert removal.spared == []
    assert set(removal.ids) >= set(more["id"][film & (more["split"] != "test")])


def test_together_in_one_part_also_after_splitting_again(leaky: Project) -> None:
    leak = splits.leaks(manifest.load(leaky).table).iloc[0]
    after = edits.set_split(leaky, [leak["first"], leak["second"]], "train")
    assert len(splits.leaks(after.table)) == 1
    again = edits.resplit(leaky, USUAL)
    assert len(splits.leaks(again.table)) == 1
    assert len(splits.leaks(manifest.undo(leaky).table)) == 1
    assert len(splits.leaks(manifest.undo(leaky).table)) == 2


def test_different_pictures_are_not_asked_about_again(leaky: Project) -> None:
    result = splits.leaks(manifest.load(leaky).table)
    pairs = list(zip(result["first"], result["second"], strict=True))
    after = leaks.mark_different(leaky, pairs)
    assert splits.leaks(after.table).empty
    assert len(duplicates.conflicts(after.table)) == 1
    assert splits.leaks(edits.resplit(leaky, USUAL).table).empty
    assert len(splits.leaks(manifest.load(leaky, 1).table)) == 2
    with pytest.raises(NotFoundError, match="No longer in the list"):
        leaks.mark_different(leaky, [("nowhere", pairs[0][0])])


def test_a_label_settles_a_conflict(leaky: Project) -> None:
    (conflict,) = duplicates.conflicts(manifest.load(leaky).table).itertuples()
    after = edits.move(leaky, [conflict.first, conflict.second], "cat")
    assert duplicates.conflicts(after.table).empty


def test_a_picture_that_is_added_follows_its_copy(leaky: Project, tmp_path: Path) -> None:
    folder = lay(tmp_path / "more", {f"cat/{n}.jpg": picture(n, "JPEG") for n in (20, 21, 2)})
    importer.import_source(leaky, Source("folder", str(folder)))
    table = manifest.load(leaky).table
    parts = dict(zip(table["source"], table["split"], strict=True))
    assert parts["cat/20.jpg"] == parts["cat/21.jpg"] == "test"
    assert parts["cat/2.jpg"] == parts["train/cat/2.png"]
