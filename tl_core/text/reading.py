"""How a source of texts was read, to be shown and corrected before anything is imported."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from tl_core import wording
from tl_core.ingest.entries import LeftOut
from tl_core.ingest.reading import MOST_CLASSES
from tl_core.language import _
from tl_core.text.guess import Guess


@dataclass(frozen=True, kw_only=True)
class Item:
    """One text as it was read.

    Attributes:
        source: where it comes from: the file, and the row in it, ``"mails.csv:12"``.
        text: as it stands there.
        label: its class; ``""`` without one.
        split: that the source gives it, or ``""``.
        group: what it shares with others of one author or thread, which stay in one split; or ``""``.
    """

    source: str
    text: str
    label: str
    split: str = ""
    group: str = ""


@dataclass(frozen=True, kw_only=True)
class TextReading:
    """How a source was read.

    Attributes:
        name: of the source, for a person.
        items: its texts, in their order.
        encoding, separator, header: what was guessed about the format; None where the format has none. Header is
            ``"yes"`` or ``"no"``.
        table: the table, or sheet, that was read, and the others; None where there is only one.
        text, label, group: names of columns; None where folders say it.
        columns: the names of all columns.
        left_out: rows and files that hold no text.
        remarks: sentences on what was taken for what.
        doubt: why a person has to look, a sentence; empty if the reading is clear.
    """

    name: str
    items: Sequence[Item]
    encoding: Guess | None = None
    separator: Guess | None = None
    header: Guess | None = None
    table: Guess | None = None
    text: Guess | None = None
    label: Guess | None = None
    group: Guess | None = None
    columns: tuple[str, ...] = ()
    left_out: Sequence[LeftOut] = ()
    remarks: tuple[str, ...] = ()
    doubt: str = ""

    @property
    def filled(self) -> list[Item]:
        """The texts in which something stands: an import leaves out the others."""
        return [item for item in self.items if item.text.strip()]

    @property
    def classes(self) -> dict[str, int]:
        """Texts of each label, by name; texts without a label are not counted."""
        return dict(sorted(Counter(item.label for item in self.filled if item.label).items()))

    @property
    def parts(self) -> dict[str, int]:
        """Texts that the source itself gives to each split, by its name."""
        return dict(Counter(item.split for item in self.filled if item.split))

    def first(self, count: int = 5) -> Sequence[Item]:
        """Return the first texts."""
        return self.items[:count]

    def summary(self) -> str:
        """Return the number of texts and the labels with their numbers, in one sentence.

        >>> items = [Item(source=f"a.csv:{row}", text=text, label="greeting") for row, text in enumerate(["Hello", ""])]
        >>> TextReading(name="a.csv", items=items).summary()
        '1 text, 1 class: greeting (1).'
        """
        named = [f"{label} ({wording.number(count)})" for label, count in self.classes.items()]
        return _("{texts}, {classes}: {named}.").format(
            texts=wording.texts(len(self.filled)),
            classes=wording.classes(len(named)),
            named=wording.listed(named, MOST_CLASSES) or _("no label"),
        )
