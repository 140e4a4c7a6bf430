"""What an import says at its end: so many in, so many left out and why, by name."""

import csv
import io
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Self

from tl_core.dataset.names import safe_cell
from tl_core.ingest.sources import LeftOut
from tl_core.workspace import read_json


@dataclass(kw_only=True)
class ImportReport:
    """The report of one import. Names and class names in it are plain text, not Markdown.

    Attributes:
        source: what was brought, by name.
        found: files seen; ``imported + already + len(left_out)``.
        imported: pictures that were added.
        already: pictures that were in the project before.
        left_out: every other file with the reason.
        notes: sentences about what was taken in.
        classes: pictures of each class in the manifest after this import.
        layout: what the folders meant, for instance ``"split/class/picture"``.
        seconds: how long it took.
    """

    source: str = ""
    found: int = 0
    imported: int = 0
    already: int = 0
    left_out: list[LeftOut] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    classes: dict[str, int] = field(default_factory=dict)
    layout: str = ""
    seconds: float = 0.0

    def summary(self) -> str:
        """Return the report in one sentence."""
        parts = [f"{self.imported:,} of {self.found:,} files brought in as pictures"]
        parts += [f"{self.already:,} already there"] if self.already else []
        parts += [f"{len(self.left_out):,} left out"] if self.left_out else []
        return ", ".join(parts) + "."

    def to_csv(self) -> str:
        """Return what was left out as CSV (``file``, ``reason``), safe to open in a spreadsheet."""
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\r\n")
        rows.writerow(("file", "reason"))
        rows.writerows((safe_cell(item.name), safe_cell(item.reason)) for item in self.left_out)
        return text.getvalue()

    def to_json(self) -> dict[str, Any]:
        """Return the report as a JSON object; ``from_json`` reads it."""
        return asdict(self)

    @classmethod
    def from_json(cls, value: dict[str, Any]) -> Self:
        """Return the report that ``to_json`` wrote."""
        return cls(**{**value, "left_out": [LeftOut(**item) for item in value["left_out"]]})

    @classmethod
    def load(cls, path: str | Path) -> Self:
        """Read a report from its file. Raises NotFoundError."""
        return cls.from_json(read_json(Path(path)))
