"""What was guessed about a source of texts, what speaks for it, and what a person says instead."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Guess:
    """One guess.

    Attributes:
        value: what was guessed; ``""`` for none.
        why: what speaks for it, a sentence.
        others: what it could be otherwise; each can be chosen.
    """

    value: str
    why: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What a person says of a source; None is guessed.

    Attributes:
        table: the table, or the sheet, of several.
        encoding: as Python names it, for instance ``"utf-8"``.
        separator: between the cells of a table.
        header: whether the first row names the columns.
        text, label: names of the columns.
        group: name of the column that says what stays in one split; ``""`` for none.
        one_label: the label of all texts, whatever the columns hold.
    """

    table: str | None = None
    encoding: str | None = None
    separator: str | None = None
    header: bool | None = None
    text: str | None = None
    label: str | None = None
    group: str | None = None
    one_label: str | None = None


GUESSED = Chosen()
