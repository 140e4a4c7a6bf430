"""Whether the first row of a table names its columns."""

from collections.abc import Sequence

from tl_core.ingest.label_columns import repeats
from tl_core.language import _
from tl_core.text.columns import FEW_ROWS, LOOKED_AT, kind_of, says_role
from tl_core.text.guess import Guess

#: Values that stand this many times in a column, on average, are labels.
_MANY_TIMES = 5


def header(rows: Sequence[Sequence[str]]) -> Guess:
    """Return whether the first row names the columns, ``"yes"`` or ``"no"``."""
    first, rest = rows[0], rows[1:]
    names = [cell for cell in first if cell]
    said = [name for name in names if says_role(name)]
    if not rest:
        return _header(yes=len(said) == len(first), why=_("There is only one row."))
    again = len(said) == len(first) and first in rest  # files were put together
    for place, cell in enumerate(first):
        if cell and not again and any(row[place] == cell for row in rest):
            return _header(yes=False, why=_("“{cell}” stands in other rows, too.").format(cell=cell[:40]))
    if said:
        return _header(yes=True, why=_("“{name}” is the name of a column.").format(name=said[0][:40]))
    for place, cell in enumerate(first):
        below = [row[place] for row in rest if row[place]]
        if cell and len(below) > FEW_ROWS and _MANY_TIMES * len(set(below)) <= len(below):
            return _header(yes=True, why=_("“{cell}” stands above labels and is none of them.").format(cell=cell[:40]))
    if len(set(names)) < len(first):
        return _header(yes=False, why=_("The first row does not name every column."))
    for place, cell in enumerate(first):
        kind = kind_of([row[place] for row in rest[:LOOKED_AT] if row[place]])
        if kind not in ("words", "empty") and kind_of([cell]) == "words":
            why = _("“{cell}” stands above cells of another kind.").format(cell=cell[:40])
            return _header(yes=True, why=why)
    usual = sum(len(cell) for row in rest[:LOOKED_AT] for cell in row) / len(rest[:LOOKED_AT])
    if sum(map(len, first)) < 0.5 * usual and all(len(cell.split()) <= 3 for cell in first) and len(rest) > FEW_ROWS:
        labels = [place for place in range(len(first)) if repeats([row[place] for row in rest])]
        if labels:
            return _header(yes=True, why=_("The first row is short and repeats nothing of the others."))
    return _header(yes=False, why=_("The first row looks like the others."))


def _header(*, yes: bool, why: str) -> Guess:
    return Guess(value="yes" if yes else "no", why=why, others=("no" if yes else "yes",))
