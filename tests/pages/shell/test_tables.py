"""Tables: shares read as in a sentence, and stay numbers underneath."""

import pandas as pd

from pages._ui.shell import tables
from tl_core.wording import certainty


def test_shares_read_as_everywhere_else_and_are_still_numbers():
    rows = [{"name": "few", "right": 2 / 3, "of": 30}, {"name": "many", "right": 0.98312, "of": 300}]
    table = tables.shares([*rows, {"name": "none", "right": None, "of": 0}], ["right"], count="of")
    shown = table.to_html()
    assert ">67%<" in shown, "whole per cent: 30 pictures cannot say more"
    assert ">98.3%<" in shown
    assert ">–<" in shown, "nothing to count"
    assert table.data["right"].dtype == float, "so that a press on the title sorts them"


def test_one_column_in_words_and_a_huge_table_as_it_is():
    frame = pd.DataFrame({"picture": ["a", "b"], "probability": [0.9961, None]})
    shown = tables.worded(frame, {"probability": certainty}).to_html()
    assert "&gt;99%" in shown or ">99%" in shown
    assert "nan" not in shown.lower()
    huge = frame.iloc[[0] * tables.MOST_CELLS]
    assert isinstance(tables.worded(huge, {"probability": certainty}), pd.DataFrame)
