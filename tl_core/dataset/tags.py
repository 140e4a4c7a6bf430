"""Several labels on one picture, called tags: how they stand in the list of pictures, which has one text for each."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from tl_core.about import Things
from tl_core.dataset.names import class_name, matching_class

#: Between the tags of a picture. No tag has a semicolon in it; a picture without a tag has an empty text.
SEPARATOR = "; "
#: Kinds of which a picture may have several labels: as they are, or one for each of its boxes.
SEVERAL: frozenset[Things] = frozenset({"tags", "boxes"})
_SEMICOLON = str.maketrans({";": "\uff1b"})


def tag_name(text: str) -> str:
    """Return a tag as it is stored: like the name of a class, without a semicolon. Raises what ``class_name`` does.

    >>> tag_name("  red  hair ")
    'red hair'
    """
    return class_name(text).translate(_SEMICOLON)


def join(tags: Iterable[str]) -> str:
    """Return tags as one text, each once, in the order of the alphabet.

    >>> join(["dog", "cat", "dog"]), join([])
    ('cat; dog', '')
    """
    return SEPARATOR.join(sorted(set(tags)))


def typed(text: str) -> str:
    """Return what a person gives pictures, as a label: one tag as it is stored, or none. Raises as ``tag_name``.

    >>> typed(" red  hair "), typed("")
    ('red hair', '')
    """
    return tag_name(text) if text else ""


def split(label: str) -> list[str]:
    """Return the tags of a text.

    >>> split("cat; dog"), split("")
    (['cat', 'dog'], [])
    """
    return label.split(SEPARATOR) if label else []


def names(kind: Things, label: str) -> list[str]:
    """Return what a label names: its tags in a project of several labels a picture, else itself."""
    return split(label) if kind in SEVERAL else [label]


def matrix(labels: Sequence[str], tags: Sequence[str]) -> NDArray[np.bool_]:
    """Return which picture has which tag, ``(n, tags)``; tags that are not asked for are passed over.

    >>> matrix(["cat; dog", ""], ["cat", "dog"]).tolist()
    [[True, True], [False, False]]
    """
    position = {tag: at for at, tag in enumerate(tags)}
    found = np.zeros((len(labels), len(tags)), bool)
    for row, label in enumerate(labels):
        found[row, [position[tag] for tag in split(label) if tag in position]] = True
    return found


def renamed(label: str, old: str, new: str | None) -> str:
    """Return a text with another name for one of its tags, once where it has both; None takes the tag away.

    >>> renamed("cat; dog", "dog", "cat"), renamed("cat; dog", "dog", None), renamed("cat", "dog", "cow")
    ('cat', 'cat', 'cat')
    """
    kept = set(split(label)) - {old}
    return join(kept | {new}) if new is not None and old in split(label) else join(kept)


def spelled(label: str, known: Mapping[str, str]) -> str:
    """Return a text with each tag as it is spelled already."""
    return join(known.get(tag, tag) for tag in split(label))


def one_spelling(labels: Iterable[str], before: Iterable[str]) -> dict[str, str]:
    """Return for each tag of new labels how it is spelled: as one of ``before`` that reads the same, else as it is."""
    tags, known = (
        {tag for label in labels for tag in split(label)},
        sorted({tag for each in before for tag in split(each)}),
    )
    found: dict[str, str] = {}
    for tag in sorted(tags):
        found[tag] = matching_class(tag, [*known, *found.values()])
    return found
