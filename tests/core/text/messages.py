"""Texts that tests import: written here, by three templates, so that every text differs."""

from collections.abc import Sequence

WHATS = ("parcel", "invoice", "voucher", "mirror", "kettle", "jacket", "garden chair", "lamp", "rug", "bicycle")
QUESTIONS = ("Where is the {} that I paid for?", "Can somebody tell me when my {} arrives?")
COMPLAINTS = ("The {} is broken and nobody answers", "I am angry: this {} came without its screws")
PRAISES = ("What a beautiful {}, thank you", "Best {} I ever had, quick delivery too")
TEXTS = {
    label: [line.format(what) for what in WHATS for line in lines]
    for label, lines in {"question": QUESTIONS, "complaint": COMPLAINTS, "praise": PRAISES}.items()
}
ROWS = [(text, label) for label, texts in TEXTS.items() for text in texts]


def table(rows: Sequence[Sequence[str]] = ROWS, separator: str = ",", head: Sequence[str] = ("text", "label")) -> str:
    """Return rows as a table in which cells are quoted where they have to be."""
    lines = [head, *rows] if head else rows
    return "".join(separator.join(_cell(cell, separator) for cell in line) + "\n" for line in lines)


def _cell(cell: str, separator: str) -> str:
    if not set(cell) & {separator, '"', "\n"}:
        return cell
    doubled = cell.replace('"', '""')
    return f'"{doubled}"'
