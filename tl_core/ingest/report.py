"""What an import reports: how many pictures were added, and by name which files were left out and why."""

import csv
import io
from dataclasses import dataclass, field
from typing import Literal

from tl_core import wording
from tl_core.dataset.names import safe_cell
from tl_core.ingest.entries import LeftOut
from tl_core.language import _
from tl_core.wording import number


@dataclass(frozen=True, kw_only=True)
class ImportResult:
    """The result of an "import" or "sample" job: the project's slug, the manifest's version, the report's path."""

    project: str
    manifest: int
    report: str


@dataclass(frozen=True, kw_only=True)
class ImportReport:
    """The report of one import. Names and class names in it are plain text, not Markdown.

    Attributes:
        source: name of what was imported.
        found: number of files, or rows; ``imported + already + len(left_out)``.
        imported: number of images, or texts, that were added.
        already: number of those that were in the project before.
        left_out: every other file, or row, with the reason.
        notes: sentences about what was imported.
        classes: images of each class in the manifest after this import.
        layout: what the folders meant, for instance ``"split/class/picture"``; empty if a class was given.
        seconds: how long it took.
        unit: what is counted.
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
    unit: Literal["files", "rows"] = "files"

    @property
    def duplicates(self) -> int:
        """How many say nothing new: they were in the project before, or are copies of others in the source."""
        return self.already + sum(item.copy for item in self.left_out)

    @property
    def skipped(self) -> int:
        """How many cannot be used, or not yet."""
        return sum(not item.copy for item in self.left_out)

    def summary(self) -> str:
        """Return the report in one sentence."""
        rows = self.unit == "rows"
        found = wording.plural(self.found, "row", "rows") if rows else wording.plural(self.found, "file", "files")
        counts = [_("{imported} of {files} added").format(imported=number(self.imported), files=found)]
        counts += [wording.plural(self.duplicates, "duplicate", "duplicates")] if self.duplicates else []
        counts += [_("{number} skipped").format(number=number(self.skipped))] if self.skipped else []
        return ", ".join(counts) + "."

    def to_csv(self) -> str:
        """Return what was left out as CSV (``file``, ``reason``), safe to open in a spreadsheet."""
        text = io.StringIO()
        rows = csv.writer(text, lineterminator="\r\n")
        rows.writerow(("file", "reason"))
        rows.writerows((safe_cell(item.name), safe_cell(item.reason)) for item in self.left_out)
        return text.getvalue()
