"""What becomes of the texts of a source: which are left out and why, and what a person should know of the others."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from tl_core import wording
from tl_core.dataset import duplicates, manifest
from tl_core.dataset.manifest import Row
from tl_core.dataset.names import plain
from tl_core.dataset.splits import GIVEN, SPLITS, TRAIN
from tl_core.errors import Stopped
from tl_core.ingest.entries import LeftOut
from tl_core.ingest.merge import TEXTS, join
from tl_core.language import _, ngettext
from tl_core.progress import Progress
from tl_core.text import english, likeness
from tl_core.text.reading import Item, TextReading

#: A text with more characters than this is left out.
LONGEST_TEXT = 500_000
#: A text with more words than this is called long: networks that read texts read about so many.
LONG = 300
_HTML = re.compile(
    r"</?(?:a|b|br|div|em|font|h[1-6]|i|img|li|ol|p|span|strong|table|td|tr|u|ul)(?:\s[^<>]*)?/?>|&(?:[a-z]{2,6}|#\d+);",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Cleaned:
    """Texts that are fit for a project.

    Attributes:
        rows: of all texts that can be used, exact copies among them.
        table: of a manifest with each of them once; one text under two labels is flagged and in no split.
        left_out: rows that are not in the table, with the reason.
        notes: sentences on what a person should know.
    """

    rows: list[Row]
    table: pd.DataFrame
    left_out: list[LeftOut]
    notes: list[str]

    @property
    def conflicts(self) -> pd.DataFrame:
        """The rows of the table whose text came under two labels."""
        return manifest.Manifest(0, self.table).conflicts


def clean(reading: TextReading, progress: Progress | None = None) -> Cleaned:
    """Return what becomes of the texts of a reading. Nothing is written.

    Args:
        reading: what was read.
        progress: hears how many texts are done.

    Raises:
        Stopped: a person pressed Stop.
    """
    usable, unusable = [], []
    for item in reading.items:
        text = kept(item.text)
        reason = _unusable(item, text)
        if reason:
            unusable.append(LeftOut(item.source, reason))
        else:
            usable.append((item, text))
    listener = progress or Progress()

    def follow(done: int) -> None:
        listener.emit("progress", what="texts", done=done, total=len(usable))
        if listener.stopped():
            raise Stopped(_("Stopped. No text was imported and the project is unchanged."))

    looks = likeness.looks([text for __, text in usable], follow)
    rows = [_row(item, text, look) for (item, text), look in zip(usable, looks, strict=True)]
    rows = _dividing(rows)
    merged = join(manifest.empty_table(), rows, TEXTS)
    return Cleaned(
        rows=rows,
        table=merged.table,
        left_out=[*reading.left_out, *unusable, *merged.left_out],
        notes=[*merged.notes, *_notes(merged.table)],
    )


def kept(text: str) -> str:
    """Return a text as it is kept: without invisible characters, with its lines, none of them empty twice.

    >>> kept("  Hello\\u200b\\tthere \\r\\n\\r\\n\\r\\n bye")
    'Hello there\\n\\nbye'
    """
    return re.sub(r"\n{3,}", "\n\n", "\n".join(plain(line) for line in text.splitlines())).strip()


def text_id(text: str) -> str:
    """Return the id of a text, 64 hex digits: of its words on one line, whatever the blanks between them."""
    return hashlib.sha256(plain(text).encode()).hexdigest()


def _unusable(item: Item, text: str) -> str:
    if not text:
        return _("The text is empty.")
    if not item.label:
        return _("The row has no label.")
    if len(text) > LONGEST_TEXT:
        return _("The text has {characters} characters; at most {most} are kept.").format(
            characters=wording.number(len(text)), most=wording.number(LONGEST_TEXT)
        )
    return ""


def _row(item: Item, text: str, look: str) -> Row:
    split = item.split if item.split in SPLITS else ""
    return Row(
        id=text_id(text),
        label=item.label,
        split=split,
        width=0,
        height=0,
        source=plain(item.source),
        flags=GIVEN + split if split else "",
        look=look,
        taken="",
        group=plain(item.group),
        text=text,
    )


def _dividing(rows: list[Row]) -> list[Row]:
    """Return the rows without a split that is the only one and leaves validation and test to be divided: training."""
    if {row.split for row in rows} - {""} == {TRAIN}:
        return [replace(row, split="", flags="") for row in rows]
    return rows


def _notes(table: pd.DataFrame) -> list[str]:
    texts = table["text"].tolist()
    return [*_copies(table), *_contents(texts)]


def _copies(table: pd.DataFrame) -> list[str]:
    """Return what to say of texts that are nearly the same."""
    sizes = np.bincount(duplicates.groups(table, near_only=True)) if len(table) else np.zeros(0, dtype=int)
    alike = int(sizes[sizes > 1].sum())
    said = []
    if alike:
        said.append(
            _("{texts} are nearly the same as another. Such texts stay in one split.").format(
                texts=wording.texts(alike)
            )
        )
    two = duplicates.conflicts(table)
    if len(two):
        texts = table.set_index("id")["text"]
        one = two.iloc[0]
        said.append(
            ngettext(
                "{count} pair of texts, nearly the same, has two labels, for instance “{text}” "
                "({label}) and “{other}” ({second}). One of the labels may be wrong.",
                "{count} pairs of texts, nearly the same, have two labels, for instance “{text}” "
                "({label}) and “{other}” ({second}). One of the labels may be wrong.",
                len(two),
            ).format(
                count=wording.number(len(two)),
                text=_short(texts[one["first"]]),
                label=one["first_label"],
                other=_short(texts[one["second"]]),
                second=one["second_label"],
            )
        )
    return said


def _contents(texts: Sequence[str]) -> list[str]:
    """Return what to say of what the texts hold."""
    said = []
    if count := sum(len(text.split()) > LONG for text in texts):
        said.append(
            ngettext(
                "{count} text has more than {most} words. Only its beginning may be read.",
                "{count} texts have more than {most} words. Only their beginnings may be read.",
                count,
            ).format(count=wording.number(count), most=LONG)
        )
    if count := sum(bool(_HTML.search(text)) for text in texts):
        said.append(
            ngettext(
                "{count} text holds HTML, which is kept as it is. Remove it if later texts will have none.",
                "{count} texts hold HTML, which is kept as it is. Remove it if later texts will have none.",
                count,
            ).format(count=wording.number(count))
        )
    return [*said, *english.remarks(texts)]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else f"{line[:60]}…"
