import pandas as pd

from tl_core import wording
from tl_core.dataset import manifest, notes


def test_of_many_small_classes_some_are_named_and_the_others_counted():
    labels = pd.Index([f"c{number}" for number in range(200)])
    counts = pd.DataFrame({"train": 4, "validation": 0, "test": 1, "unused": 0, "total": 5}, index=labels)
    counts.loc["c0", "validation"] = 1
    table = manifest.empty_table()
    said = " ".join(notes.notes(table, counts))
    assert "“c4” (5) and 195 more" in said
    assert "No validation pictures in “c1”, “c2”, “c3”, “c4”, “c5” and 194 more." in said


def test_a_probability_below_one_is_not_called_certain():
    assert [wording.certainty(each) for each in (0.876, 0.9961, 0.0003, 1.0, 0.0)] == [
        "88%",
        ">99%",
        "<1%",
        "100%",
        "0%",
    ]
