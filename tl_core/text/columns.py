"""What the columns of a table hold: which is the text, which the label, which says what belongs together."""

import re
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

from tl_core import wording
from tl_core.dataset.split_words import word_list, words
from tl_core.errors import InputError
from tl_core.ingest.label_columns import MEASURES, NO_LABEL, is_split, label_rank, repeats
from tl_core.language import _, ngettext
from tl_core.text.guess import Chosen, Guess

#: More labels than this cannot be learnt from one table.
MOST_LABELS = 1000
#: A column of numbers without the name of a label is one only with so few of them; one of codes, with so many of each.
_FEW_NUMBERS = 20
#: A label has at most this many words on average.
_LABEL_WORDS = 6.0
#: A column of fewer words that repeat themselves holds labels and no texts.
_FEWEST_WORDS = 1.5
#: What a column holds is seen from at most so many cells, spread over it.
LOOKED_AT = 2000
#: Nearly all cells are of one kind.
_MOST = 0.95
#: Fewer rows than this say little about whether labels repeat.
FEW_ROWS = 4
#: What stands between several labels in one cell, also as names of classes have it, for those become folders.
_SEVERAL = re.compile(r"[|\u2223;,/\u2215+]")
#: At most so many of such labels are named.
_MOST_NAMED = 3
#: A text that is less than this much better than the next is in doubt.
_CLEAR = 1.5

_TEXT_HEADS = frozenset(
    word_list(
        "text texts message messages msg sms mail email body content sentence sentences utterance question query "
        "review comment comments tweet post document description phrase statement transcript prompt request feedback"
    )
)
_GROUP_HEADS = frozenset(
    word_list(
        "author user username userid customer customerid sender speaker thread threadid conversation conversationid "
        "dialogue dialog session patient reviewer person participant student employee group"
    )
)
_LABEL_HEADS = frozenset(word_list("intent topic rating stars polarity spam ham toxic department theme mood stance"))
Kind = Literal["words", "number", "fraction", "date", "address", "id", "empty"]
_DATE = r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T ,].*)?|\d{1,2}:\d\d(?::\d\d)?(?: ?[AaPp][Mm])?"
_KINDS: tuple[tuple[Kind, str], ...] = (
    ("number", r"[+-]?\d+(?:\.0+)?"),
    ("fraction", r"[+-]?\d*[.,]?\d+(?:[eE][+-]?\d+)?"),
    ("date", _DATE),
    ("address", r"(?:https?://|www\.)\S+|[^\s@]+@[^\s@]+\.\w+"),
    ("id", r"(?=\S*\d)[\w#-]{6,}|[0-9a-fA-F]{8,}|(?=\S*\d)\w+-?\w*"),
)


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column.

    Attributes:
        name: from the first row, else the letter of spreadsheets.
        kind: what its cells are.
        different: how many different values it has.
        filled: how many of its cells hold something.
        words: of a filled cell, on average.
        characters: of a filled cell, on average.
        cells: all of it.
    """

    name: str
    kind: Kind
    different: int
    filled: int
    words: float
    characters: float
    cells: tuple[str, ...]

    @property
    def distinct(self) -> float:
        """Which share of the filled cells is different, 0..1."""
        return self.different / max(self.filled, 1)


@dataclass(frozen=True, kw_only=True)
class Roles:
    """Which column is what (``""`` for none), and why a person has to look; ``""`` if all is clear."""

    text: Guess
    label: Guess
    group: Guess
    split: str
    doubt: str


def column(name: str, cells: Sequence[str]) -> Column:
    """Return a column with what its cells are."""
    filled = [cell for cell in cells if cell]
    looked_at = filled[:: len(filled) // LOOKED_AT + 1]
    count = max(len(looked_at), 1)
    return Column(
        name=name,
        kind=kind_of(looked_at),
        different=len(set(filled)),
        filled=len(filled),
        words=sum(len(cell.split()) for cell in looked_at) / count,
        characters=sum(map(len, looked_at)) / count,
        cells=tuple(cells),
    )


def kind_of(cells: Sequence[str]) -> Kind:
    """Return what nearly all of these cells are."""
    if not cells:
        return "empty"
    for kind, pattern in _KINDS:
        if sum(bool(re.fullmatch(pattern, cell)) for cell in cells) >= _MOST * len(cells):
            return kind
    return "words"


def says_role(name: str) -> bool:
    """Return whether a cell is the name of a column of texts, labels or authors."""
    short = len(name.split()) <= 3 and len(name) <= 30
    return short and (_says(name, _TEXT_HEADS) or _says(name, _GROUP_HEADS) or _rank(name) < _UNKNOWN)


def _rank(name: str) -> int:
    """Return how well the name of a column names labels: the less the better, ``_UNKNOWN`` if it says nothing of them.

    A number that names an author is no label, and the word "id" says that of any number.
    """
    if _says(name, _GROUP_HEADS):
        return _UNKNOWN + 1
    rank = label_rank(" ".join(word for word in words(name) if word != "id"))
    return rank if rank < NO_LABEL else NO_LABEL if _says(name, _LABEL_HEADS) else _UNKNOWN


_UNKNOWN = NO_LABEL + 1


def _says(name: str, known: frozenset[str]) -> bool:
    said = words(name)
    return bool(({*said, "".join(said)}) & known)


def roles(columns: Sequence[Column], name: str, chosen: Chosen) -> Roles:
    """Return which column is what.

    Args:
        columns: of the table.
        name: of the table, for a person.
        chosen: what a person said of ``text``, ``label`` and ``group``.

    Raises:
        InputError: there is no column of a name that was chosen, or none can be the text or the label.
    """
    if len(columns) < 2:
        raise InputError(
            _(
                "“{name}” has one column, and a text needs a label in another. "
                "Add a column with labels, or choose another separator."
            ).format(name=name)
        )
    for wanted in (chosen.text, chosen.label, chosen.group):
        if wanted and wanted not in {each.name for each in columns}:
            raise InputError(
                _("“{name}” has no column “{column}”. Columns: {columns}.").format(
                    name=name, column=wanted, columns=wording.listed([each.name for each in columns], 12)
                )
            )
    if chosen.text is not None and chosen.text == chosen.label:
        raise InputError(_("Text and label are both “{column}”. Choose two columns.").format(column=chosen.text))
    split = next((each.name for each in columns if is_split(each.name, [cell for cell in each.cells if cell])), "")
    if chosen.group and chosen.group in (chosen.text, chosen.label, split):
        raise InputError(
            _("“{column}” cannot be the column of groups, too. Choose another one.").format(column=chosen.group)
        )
    free = [each for each in columns if each.name not in {split, chosen.text, chosen.label, chosen.group}]
    text_column, unclear = text(columns, free, name, chosen)
    label, several = _label(columns, [each for each in free if each.name != text_column.value], name, chosen)
    taken = {text_column.value, label.value, split}
    group = _group([each for each in columns if each.name not in taken], chosen)
    return Roles(text=text_column, label=label, group=group, split=split, doubt=unclear or several)


def with_one_label(columns: Sequence[Column], name: str, chosen: Chosen) -> Roles:
    """Return which column is what where all texts have one label. Args and errors are those of ``roles``."""
    found, doubt = text(columns, columns, name, chosen)
    none = Guess(value="", why=_("You chose one label for all texts."))
    rest = [each for each in columns if each.name != found.value]
    return Roles(text=found, label=none, group=_group(rest, chosen), split="", doubt=doubt)


def text(columns: Sequence[Column], free: Sequence[Column], name: str, chosen: Chosen) -> tuple[Guess, str]:
    """Return the column of the texts among those that are ``free``, and why that is in doubt; "" if it is not.

    Raises:
        InputError: none of them has texts.
    """
    if chosen.text is not None:
        others = tuple(each.name for each in columns if each.name != chosen.text)
        return Guess(value=chosen.text, why=_("You chose it."), others=others), ""
    ranked = sorted((each for each in free if _may_be_text(each)), key=_worth, reverse=True)
    if not ranked:
        raise InputError(
            _("“{name}” has no column of texts: there are only {columns}. Choose the column of the texts.").format(
                name=name, columns=wording.listed([wording.quoted(each.name) for each in free])
            )
        )
    best = ranked[0]
    others = tuple(each.name for each in ranked[1:])
    why = _("{words} words in a cell on average, {different} different cells in {rows}.").format(
        words=wording.decimal(best.words, 1),
        different=wording.number(best.different),
        rows=wording.plural(len(best.cells), "row", "rows"),
    )
    rival = next((each for each in ranked[1:] if _worth(best) < _CLEAR * _worth(each)), None)
    doubt = ""
    if rival is not None and not repeats(rival.cells):
        doubt = _("The texts may stand in “{one}” or in “{other}”. Choose the column.").format(
            one=best.name, other=rival.name
        )
    return Guess(value=best.name, why=why, others=others), doubt


def _may_be_text(each: Column) -> bool:
    return each.kind == "words" and (each.words >= _FEWEST_WORDS or not repeats(each.cells))


def _worth(each: Column) -> float:
    """Return how much a column looks like texts: long, different, and called so."""
    return each.characters * (0.1 + each.distinct) * (3 if _says(each.name, _TEXT_HEADS) else 1)


def _label(columns: Sequence[Column], free: Sequence[Column], name: str, chosen: Chosen) -> tuple[Guess, str]:
    """Return the column of the labels, and why that is in doubt."""
    if chosen.label is not None:
        picked = next(each for each in columns if each.name == chosen.label)
        _check_label(picked, name)
        others = tuple(each.name for each in columns if each.name != chosen.label)
        return Guess(value=chosen.label, why=_("You chose it."), others=others), ""
    ranked = sorted((each for each in free if _may_be_label(each)), key=_label_key)
    if not ranked:
        _say_why_no_label(free, name)
    best = ranked[0]
    why = _("{labels} in {rows}.").format(
        labels=wording.plural(best.different, "label", "labels"),
        rows=wording.plural(len(best.cells), "row", "rows"),
    )
    same = [each for each in ranked[1:] if _label_key(each)[:2] == _label_key(best)[:2]]
    doubt = ""
    if same:
        doubt = _("The labels may stand in “{one}” or in “{other}”. Choose the column.").format(
            one=best.name, other=same[0].name
        )
    return Guess(value=best.name, why=why, others=tuple(each.name for each in ranked[1:])), doubt


def _may_be_label(each: Column) -> bool:
    if each.kind not in ("words", "number", "id") or not 0 < each.different <= MOST_LABELS or each.words > _LABEL_WORDS:
        return False
    if _rank(each.name) >= _UNKNOWN:
        numbers = each.kind == "number" and (each.different > _FEW_NUMBERS or _says(each.name, MEASURES))
        codes = each.kind == "id" and each.different > max(_FEW_NUMBERS, each.filled / _FEW_NUMBERS)
        if numbers or codes:
            return False
    return len(each.cells) < FEW_ROWS or repeats(each.cells)


def _label_key(each: Column) -> tuple[bool, int, bool]:
    """Return by what the better of two columns of labels is told: the smaller is better."""
    return each.different < 2, _rank(each.name), each.kind != "words"


def _say_why_no_label(free: Sequence[Column], name: str) -> None:
    """Raise the InputError that names why the likeliest column holds no labels."""
    likely = [each for each in free if each.kind in ("words", "number", "id")] or list(free)
    likely.sort(key=lambda each: (_rank(each.name), each.different))
    if likely:
        _check_label(likely[0], name)
    raise InputError(
        _("“{name}” has no column of labels: there are only {columns}. Choose the column of the labels.").format(
            name=name, columns=wording.listed([wording.quoted(each.name) for each in free])
        )
    )


def said_of_several(labels: Collection[str]) -> list[str]:
    """Return, as a sentence, which labels look like several in one cell, such as "ham|other"; empty if none does.

    A name may have such a sign in it. So at least two of the parts are labels of their own, or parts of another one.

    >>> said_of_several(["ham", "other", "ham|other"])[0].split(".")[0]
    'A text has one label, so “ham|other” counts as a label of its own'
    >>> said_of_several(["and/or", "yes", "no"])
    []
    """
    known = {label: parts for label in labels if len(parts := _parts(label)) > 1}
    single = set(labels) - known.keys()
    often = Counter(part for parts in known.values() for part in parts)
    meant = [each for each, parts in known.items() if sum(part in single or often[part] > 1 for part in parts) > 1]
    if not meant:
        return []
    named = wording.listed([wording.quoted(each) for each in meant], _MOST_NAMED)
    return [
        ngettext(
            "A text has one label, so {labels} counts as a label of its own. If it means several, leave one of them.",
            "A text has one label, so {labels} count as labels of their own. If they mean several, leave one in each.",
            len(meant),
        ).format(labels=named)
    ]


def _parts(label: str) -> set[str]:
    return {part.strip() for part in _SEVERAL.split(label) if part.strip()}


def _check_label(each: Column, name: str) -> None:
    if each.filled >= FEW_ROWS and each.different == each.filled:
        raise InputError(
            _(
                "In “{name}” every row has a label of its own in “{column}”. "
                "A label needs several texts: choose a column whose values repeat."
            ).format(name=name, column=each.name)
        )
    if each.different > MOST_LABELS:
        raise InputError(
            _(
                "“{column}” in “{name}” has {labels}; at most {most} can be learnt. "
                "Choose another column, or join rare labels into one."
            ).format(
                column=each.name,
                name=name,
                labels=wording.plural(each.different, "label", "labels"),
                most=wording.number(MOST_LABELS),
            )
        )
    if not each.filled:
        raise InputError(
            _("The column “{column}” of “{name}” is empty. Choose the column of the labels.").format(
                column=each.name, name=name
            )
        )


def _group(free: Sequence[Column], chosen: Chosen) -> Guess:
    may_be = [each for each in free if 1 < each.different < each.filled and each.kind not in ("fraction", "empty")]
    names = [each.name for each in may_be]
    if chosen.group is not None:
        others = tuple(each for each in ("", *names) if each != chosen.group)
        return Guess(value=chosen.group, why=_("You chose it."), others=others)
    best = next((each for each in may_be if _says(each.name, _GROUP_HEADS)), None)
    if best is None:
        return Guess(value="", why=_("No column is called like an author or a conversation."), others=tuple(names))
    usual = Counter(cell for cell in best.cells if cell).most_common(1)[0][1]
    why = _("It is called like an author or a conversation; one of them has {texts}.").format(
        texts=wording.texts(usual)
    )
    return Guess(value=best.name, why=why, others=("", *(each for each in names if each != best.name)))
