"""Tables whose shares read as everywhere else, and are sorted as the numbers that they are."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from tl_core.wording import DECIMAL_FROM, percent

if TYPE_CHECKING:
    import pandas as pd
    from pandas.io.formats.style import Styler

#: Streamlit refuses a table with words of its own for more cells.
MOST_CELLS = 250_000


def shares(rows: Sequence[Mapping[str, Any]], columns: Sequence[str], count: str) -> "Styler":
    """Return a table whose ``columns`` are shares (0..1), counted from the number of trials in the column ``count``."""
    import pandas as pd

    frame = pd.DataFrame(list(rows))
    many = frame[count] >= DECIMAL_FROM
    style = frame.style
    for some, n in ((many, DECIMAL_FROM), (~many, None)):
        style = style.format(partial(percent, n=n), na_rep="–", subset=(some[some].index, list(columns)))
    return style


def worded(
    rows: "pd.DataFrame | Sequence[Mapping[str, Any]]", words: Mapping[str, Callable[[Any], str]]
) -> "pd.DataFrame | Styler":
    """Return a table whose numbers read as ``words`` says them, by column; a huge one stays as it is."""
    import pandas as pd

    frame = pd.DataFrame(rows)
    if frame.empty or frame.size > MOST_CELLS:
        return frame
    return frame.style.format({**words}, na_rep="", subset=list(words))
