"""The confusion matrix: a table whose numbers open the pictures that they count, by mouse or keyboard."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from pages._ui.shell import charts, components, state
from tl_core import wording
from tl_core.language import N_, _

CELL = "cell"
READING = N_("Rows: the label. Columns: what the model says. Press a number to see its pictures.")


def confusion_matrix(
    counts: Sequence[Sequence[int]],
    labels: Sequence[str],
    *,
    percent: bool,
    chosen: tuple[int, int] | None,
    key: str,
    on_choose: Callable[[int, int], None],
) -> None:
    """Draw a confusion matrix.

    Args:
        counts: pictures, row by row: the true class; column by column: what the model said.
        labels: the names of the classes, plain text.
        percent: show the share of the row instead of the number of pictures.
        chosen: row and column of the cell that is shown as chosen.
        key: of the element.
        on_choose: called with row and column of a cell that is pressed.
    """
    shares = [[number / max(1, sum(row)) for number in row] for row in counts]
    data: dict[str, Any] = {
        "labels": list(labels),
        "texts": [
            [_text(number, share, percent) for number, share in zip(row, part, strict=True)]
            for row, part in zip(counts, shares, strict=True)
        ],
        "shares": shares,
        "says": [
            [
                _("It is {truth}, the model says {answer}: {share}").format(
                    truth=truth, answer=answer, share=wording.out_of(n, sum(row))
                )
                for answer, n in zip(labels, row, strict=True)
            ]
            for truth, row in zip(labels, counts, strict=True)
        ],
        "words": {"reading": _(READING)},
        "chosen": list(chosen) if chosen else None,
        "colours": {"right": charts.TRAIN, "wrong": charts.TRAINABLE},
    }

    def pressed() -> None:
        cell = (state.widget(key) or {}).get(CELL)
        if cell and all(0 <= int(place) < len(labels) for place in cell):
            on_choose(int(cell[0]), int(cell[1]))

    components.load(Path(__file__).parent)(key=key, data=data, on_cell_change=pressed)


def _text(number: int, share: float, percent: bool) -> str:
    if not number:
        return ""
    return wording.percent(share) if percent else wording.number(number)
