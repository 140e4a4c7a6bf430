"""Names of classes and files from outside: made fit to be shown, stored and compared."""

import hashlib
import unicodedata
from collections.abc import Iterable

from tl_core.errors import InputError
from tl_core.language import _

#: Longest class name, in characters.
LONGEST_NAME = 60
#: Characters that are normalised at a time: accents on one letter take as long as the square of their number.
_AT_A_TIME = 1000
_JOINERS = "\u200c\u200d"
_LOOKALIKES = str.maketrans({"/": "\u2215", "\\": "\u2216", "|": "\u2223"})


def plain(text: str) -> str:
    """Return a text without control, direction and other invisible characters, on one line, storable as UTF-8.

    >>> plain("cat\\u202egpj.\\n jpg")
    'catgpj. jpg'
    """
    parts = (unicodedata.normalize("NFC", text[at : at + _AT_A_TIME]) for at in range(0, len(text), _AT_A_TIME))
    joined = "".join(parts)
    if joined.isprintable():
        return " ".join(joined.split())
    visible = (_visible(character) for character in joined)
    return " ".join("".join(visible).split())


def _visible(character: str) -> str:
    kind = unicodedata.category(character)
    if kind == "Cs":  # half of a pair: from a file name that is no valid text
        return "\N{REPLACEMENT CHARACTER}"
    if kind == "Cc":
        return " " if character.isspace() else ""
    return "" if kind == "Cf" and character not in _JOINERS else character


def class_name(text: str) -> str:
    """Return a class name as it is stored: one line, at most 60 characters, nothing invisible, no slashes.

    A longer name is cut and ends in six characters that depend on all of it, so that two long names stay apart.
    Slashes, backslashes and bars become characters that look like them. Markdown stays: show names as plain text.

    >>> ascii(class_name("  black/white\\t cat "))
    "'black\\\\u2215white cat'"

    Raises:
        InputError: nothing visible is left.
    """
    name = plain(text).translate(_LOOKALIKES)
    if not name.strip("." + _JOINERS):
        raise InputError(
            _("A class name needs at least one visible character. Received: {name}.").format(name=repr(text))
        )
    if len(name) <= LONGEST_NAME:
        return name
    ending = hashlib.sha256(name.casefold().encode()).hexdigest()[:6]
    return f"{name[: LONGEST_NAME - 7].rstrip()}…{ending}"


def key(name: str) -> str:
    """Return a text that is the same for class names between which nobody sees a difference.

    Case makes a difference: ``A`` and ``a`` are two classes.

    >>> key("ca\u200dt") == key("cat"), key("A") == key("a")
    (True, False)
    """
    return "".join(character for character in unicodedata.normalize("NFC", name) if character not in _JOINERS)


def matching_class(name: str, classes: Iterable[str]) -> str:
    """Return the class among ``classes`` that reads the same as ``name``; else ``name`` itself."""
    classes = list(classes)
    return name if name in classes else next((each for each in classes if key(each) == key(name)), name)


def differing_by_case(classes: Iterable[str]) -> list[str]:
    """Return a sentence on each few classes that differ only by case.

    >>> differing_by_case(["cat", "Cat", "dog"])
    ['“Cat” and “cat” differ only by case. They are two classes; rename one to the other to merge them.']
    """
    alike: dict[str, list[str]] = {}
    for name in dict.fromkeys(classes):
        alike.setdefault(name.casefold(), []).append(name)
    text = _("{named} differ only by case. They are two classes; rename one to the other to merge them.")
    each = (" " + _("and") + " ").join
    return [
        text.format(named=each(f"“{name}”" for name in sorted(names))) for names in alike.values() if len(names) > 1
    ]


def safe_cell(text: str) -> str:
    """Return a text that no spreadsheet takes for a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


class ClassNames(dict[str, str]):
    """The class name of each label as it came; ``""`` for one that cannot name a class."""

    def __missing__(self, label: str) -> str:
        try:
            self[label] = class_name(label)
        except InputError:
            self[label] = ""
        return self[label]
