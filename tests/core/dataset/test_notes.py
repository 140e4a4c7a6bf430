import pandas as pd

from tl_core.dataset import manifest, notes


def test_of_many_small_classes_some_are_named_and_the_others_counted():
    rows = pd.DataFrame([(f"c{n}", split) for n in range(200) for split in ["train"] * 4 + ["test"]])
    rows.columns = ["label", "split"]
    rows.loc[4, "split"] = "validation"
    table = rows.assign(id=[f"{n:04d}" for n in range(1000)], flags="", source="", look="", width=99, height=99)
    text = " ".join(notes.notes(manifest.Manifest(1, table)))
    assert "“c101” (5) and 195 more" in text
    assert "No validation pictures in “c1”, “c10”, “c100”, “c101”, “c102” and 194 more." in text
