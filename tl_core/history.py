"""The finished epochs of a run, kept in its ``history.csv``."""

import math
from pathlib import Path
from typing import Any

import pandas as pd

from tl_core.workspace import write_bytes

Row = dict[str, Any]
COLUMNS = ("phase", "epoch", "loss", "accuracy", "val_loss", "val_accuracy", "seconds")


class History:
    """One row per finished epoch: phase, epoch from 1, loss and accuracy of both parts, seconds.

    A number that is not finite is kept as None.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.rows: list[Row] = []
        if path.exists():
            table = pd.read_csv(path).astype(object)
            self.rows = [_plain(row) for row in table.where(table.notna(), None).to_dict("records")]

    def of(self, phase: str) -> list[Row]:
        """Return the epochs of one phase."""
        return [row for row in self.rows if row["phase"] == phase]

    def add(self, row: Row) -> Row:
        """Keep a finished epoch and return it; one that was run again after a restart takes the place of the first."""
        row = _plain(row)
        key = (row["phase"], row["epoch"])
        self.rows = [kept for kept in self.rows if (kept["phase"], kept["epoch"]) != key] + [row]
        write_bytes(self.path, pd.DataFrame(self.rows, columns=list(COLUMNS)).to_csv(index=False).encode())
        return row

    def best(self) -> Row | None:
        """Return the epoch with the lowest validation loss, None if there is none with a number."""
        finished = [row for row in self.rows if row["val_loss"] is not None]
        return min(finished, key=lambda row: float(row["val_loss"]), default=None)


def exhausted(losses: list[float], patience: int) -> bool:
    """Return whether the last ``patience`` losses all failed to be lower than the best before them."""
    best_at = min(range(len(losses)), key=losses.__getitem__, default=0)
    return bool(losses) and len(losses) - 1 - best_at >= patience


def _plain(row: Any) -> Row:
    return {
        str(name): None if isinstance(value, float) and not math.isfinite(value) else value
        for name, value in row.items()
    }
