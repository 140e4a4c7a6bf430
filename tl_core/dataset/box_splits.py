"""Which images with boxes train, validate and test: those at which somebody has looked."""

import pandas as pd

from tl_core.about import USUAL, SplitSettings
from tl_core.dataset import tag_splits
from tl_core.dataset.splits import GIVEN


def fill(table: pd.DataFrame, settings: SplitSettings = USUAL, *, carve_test: bool = False) -> pd.DataFrame:
    """Return the table with a split for each row that has none, by its classes (``tag_splits.fill``).

    Images at which nobody has looked are in no split: the network would learn that there is nothing on them. The split
    that one came with waits in its flag.
    """
    seen = table["boxes"] != ""
    given = table["flags"].str.extract(f"^{GIVEN}(.*)$", expand=False).fillna("")
    back = seen & (table["split"] == "") & (given != "")
    table = table.assign(split=table["split"].mask(back, given))
    filled = tag_splits.fill(table[seen], settings, carve_test=carve_test)
    splits = pd.Series("", index=table.index, dtype="str")
    splits[seen] = filled["split"]
    return table.assign(split=splits)
