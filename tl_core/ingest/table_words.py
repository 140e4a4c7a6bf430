"""What a person should know of a label table, in sentences."""

from collections.abc import Sequence

from tl_core import wording
from tl_core.dataset.names import plain
from tl_core.ingest.reading import Place
from tl_core.ingest.tables import Table
from tl_core.language import ngettext

#: At most this many names stand in a sentence.
MOST_TITLED = 4
#: Characters of a cell that are shown.
MOST_CELL = 40


def missing_rows(table: Table) -> str:
    """Return a sentence on what the tables name and is not here, or ``""``."""
    missing = table.missing
    if not missing:
        return ""
    text = ngettext(
        "{n} row names a picture that is not here: {files}.",
        "{n} rows name pictures that are not here: {files}.",
        len(missing),
    )
    files = wording.listed(list(dict.fromkeys(map(plain, missing))), MOST_TITLED)
    return text.format(n=wording.number(len(missing)), files=files)


def about_tags(table: Table, places: Sequence[Place]) -> list[str]:
    """Return what a person should know of a table of tags, as sentences."""
    sentences = []
    if untagged := sum(not place.label for place in places):
        text = ngettext("{pictures} has no label.", "{pictures} have no label.", untagged)
        sentences.append(text.format(pictures=wording.pictures(untagged)))
    sentences.append(missing_rows(table))
    if unclear := table.unclear:
        name, cell = next(iter(unclear.items()))
        text = ngettext(
            "{n} picture has a cell that says neither 0 nor 1, “{cell}” ({file}). It is left out.",
            "{n} pictures have a cell that says neither 0 nor 1, such as “{cell}” ({file}). They are left out.",
            len(unclear),
        )
        file = plain(name.rpartition("/")[2])
        sentences.append(text.format(n=wording.number(len(unclear)), cell=plain(cell)[:MOST_CELL], file=file))
    if never := table.never:
        text = ngettext(
            "No picture has the label {labels}, so it is left out.",
            "No picture has one of the labels {labels}, so they are left out.",
            len(never),
        )
        sentences.append(text.format(labels=wording.listed(list(map(plain, never)), MOST_TITLED)))
    if table.empty:
        text = ngettext("{n} cell is empty and was read as 0.", "{n} cells are empty and were read as 0.", table.empty)
        sentences.append(text.format(n=wording.number(table.empty)))
    return sentences
