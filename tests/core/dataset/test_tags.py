"""Several labels a picture: how they are kept, split and spoken of."""

import hashlib

import numpy as np
import pandas as pd
import pytest

from tl_core.about import SplitSettings
from tl_core.dataset import kinds, tag_notes, tag_splits, tags
from tl_core.dataset.manifest import Manifest
from tl_core.errors import InputError
from tl_core.workspace import Workspace


def table(labels: list[str], **columns: object) -> pd.DataFrame:
    names = [hashlib.sha256(str(number).encode()).hexdigest() for number in range(len(labels))]
    usual = {"split": "", "flags": "", "source": "", "look": "", "taken": "", "apart": "", "group": "", "text": ""}
    return pd.DataFrame({"id": names, "label": labels, "width": 100, "height": 100, **usual, **columns})


def drawn(count: int, *shares: float) -> list[str]:
    draw = np.random.default_rng(0)
    return [tags.join(f"t{at}" for at, share in enumerate(shares) if draw.random() < share) for _ in range(count)]


def counts(split: pd.DataFrame) -> pd.DataFrame:
    return Manifest(1, split, "tags").counts()


def test_a_label_is_its_tags():
    assert tags.split(tags.join(["b", "a", "b"])) == ["a", "b"]
    assert tags.tag_name("wear; tear") not in ("wear", "wear; tear")
    assert tags.one_spelling(["cafe\u0301; x"], ["caf\u00e9"])["cafe\u0301"] == "caf\u00e9"


def test_every_tag_comes_to_its_share_in_every_split():
    labels = drawn(600, 0.5, 0.3, 0.05, 0.02, 0.97)
    split = tag_splits.fill(table(labels))
    for tag, row in counts(split).iterrows():
        for name in ("validation", "test"):
            assert abs(row[name] - 0.15 * row["total"]) <= 2, tag
    assert split["split"].value_counts().to_dict() == {"train": 420, "validation": 90, "test": 90}
    always = split[~split["label"].str.contains("t4")]
    assert set(always["split"]) == {"train", "validation", "test"}, "those without a frequent tag are dealt, too"


def test_the_split_depends_on_the_pictures_and_the_seed_alone():
    rows = table(drawn(80, 0.5, 0.2))
    one, other = (tag_splits.fill(each).set_index("id")["split"] for each in (rows, rows.iloc[::-1]))
    assert one.to_dict() == other.to_dict()
    again = tag_splits.fill(rows, SplitSettings(seed=1)).set_index("id")["split"]
    assert one.to_dict() != again.to_dict()


def test_what_belongs_together_stays_in_one_split():
    labels = drawn(120, 0.5, 0.2)
    split = tag_splits.fill(table(labels, group=[f"day {number // 6}" for number in range(120)]))
    assert split.groupby("group")["split"].nunique().max() == 1
    assert (counts(split)[["train", "validation", "test"]] > 0).all(axis=None)


@pytest.mark.parametrize(("pictures", "splits"), [(1, {"train"}), (2, {"train", "validation"})])
def test_a_rare_tag_is_trained_on_first(pictures: int, splits: set[str]):
    split = tag_splits.fill(table(["rare"] * pictures + [""] * 20))
    assert set(split.loc[split["label"] == "rare", "split"]) == splits


def test_splits_that_came_are_kept_and_validation_is_taken_from_training():
    came = ["train"] * 40 + ["test"] * 20
    split = tag_splits.fill(table(drawn(60, 0.5, 0.3), split=came, flags=[f"given: {each}" for each in came]))
    assert (split["split"][40:] == "test").all()
    assert set(split["split"][:40]) == {"train", "validation"}


def test_conflicts_take_no_part():
    split = tag_splits.fill(table(["a", "b", "a", "b"], flags=["conflict: a | b", "", "", ""]))
    assert split["split"].tolist()[0] == ""
    assert "" not in split["split"].tolist()[1:]


def test_what_cannot_be_learned_is_said():
    assert "No picture has a label" in tag_notes.problems(Manifest(1, tag_splits.fill(table([""] * 5)), "tags"))[0]
    assert "have the same labels" in tag_notes.problems(Manifest(1, tag_splits.fill(table(["a"] * 5)), "tags"))[0]
    listed = Manifest(1, tag_splits.fill(table(["all; one", *["all; some", "all"] * 30])), "tags")
    assert not tag_notes.problems(listed)
    said = " ".join(tag_notes.notes_of(listed))
    assert "All pictures have “all”" in said
    assert "“one” (1)" in said


def test_a_project_holds_one_kind_of_thing(workspace: Workspace):
    project = workspace.create_project("Lamps")
    kinds.claim(project, "tags")
    project.update(manifest=1)
    with pytest.raises(InputError, match="several labels each, and a project holds one kind"):
        kinds.claim(project, "pictures")
    with pytest.raises(InputError, match="for one label so far"):
        kinds.require_pictures(project)
