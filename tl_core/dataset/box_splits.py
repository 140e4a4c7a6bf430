"""Which images with boxes train, validate and test: those at which somebody has looked."""

import pandas as pd

from tl_core.about import USUAL, SplitSettings
from tl_core.dataset import tag_splits
from tl_core.dataset.splits import GIVEN, SPLITS

#: The flag of an image that has lost its boxes, before the split that it had: it gets no other one.
WAS = "was: "


def fill(table: pd.DataFrame, settings: SplitSettings = USUAL, *, carve_test: bool = False) -> pd.DataFrame:
    """Return the table with a split for each row that has none, by its classes (``tag_splits.fill``).

    Images at which nobody has looked are in no split: the network would learn that there is nothing on them. The split
    that one came with, or had before its last box was deleted, waits in its flag: no test image ever trains.
    """
    seen, splits, flags = table["boxes"] != "", table["split"], table["flags"]
    waiting = flags.str.extract(f"^(?:{GIVEN}|{WAS})({'|'.join(SPLITS)})$", expand=False).fillna("")
    splits = splits.mask(seen & (splits == ""), waiting)
    flags = flags.mask(seen & flags.str.startswith(WAS), "")
    flags = flags.mask(~seen & (flags == "") & (splits != ""), WAS + splits)
    table = table.assign(split=splits.where(seen, ""), flags=flags)
    filled = tag_splits.fill(table[seen], settings, carve_test=carve_test)
    return table.assign(split=filled["split"].reindex(table.index, fill_value="").astype("str"))
