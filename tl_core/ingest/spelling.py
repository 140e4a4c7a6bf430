"""Which spellings of a folder's name mean one class: ``Cat`` and ``cat``, ``big cat`` and ``big_cat``, ``cat (1)``."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping

Place = tuple[str, ...]
#: How file managers and browsers end the name of a second folder of one name.
_COPY = re.compile(r"(?:[ _-]+(?:copy|kopie|copie|copia)| - コピー| - 副本)?(?: ?\(\d{1,2}\))?$", re.IGNORECASE)
_BETWEEN = re.compile(r"[\s_-]+")


def one_spelling(labels: Mapping[str, str], places: Mapping[str, Place]) -> dict[str, str]:
    """Return the labels, of which those that differ by case or by what parts words are one.

    They stay apart where they lie side by side anywhere: then a person has made two of them.

    Args:
        labels: of each picture, by name.
        places: the folder around that of the class, for each picture.
    """
    spelled: dict[str, Counter[str]] = defaultdict(Counter)
    beside: dict[tuple[str, Place], set[str]] = defaultdict(set)
    for name, label in labels.items():
        spelled[_folded(label)][label] += 1
        beside[_folded(label), places[name]].add(label)
    apart = {key for (key, __), each in beside.items() if len(each) > 1}
    usual = {key: max(sorted(each), key=each.__getitem__) for key, each in spelled.items()}
    return {name: label if _folded(label) in apart else usual[_folded(label)] for name, label in labels.items()}


def _folded(label: str) -> str:
    return _BETWEEN.sub(" ", label.casefold())


def without_copies(labels: Mapping[str, str], places: Mapping[str, Place]) -> dict[str, str]:
    """Return the labels, of which that of a copied folder is that of the folder beside it: ``cat - Copy``, ``cat (1)``.

    >>> without_copies({"a": "cat", "b": "cat (1)", "c": "dog (1)"}, dict.fromkeys("abc", ()))
    {'a': 'cat', 'b': 'cat', 'c': 'dog (1)'}
    """
    beside: dict[Place, set[str]] = defaultdict(set)
    for name, label in labels.items():
        beside[places[name]].add(label)
    return {
        name: bare if (bare := _COPY.sub("", label)) and bare in beside[places[name]] else label
        for name, label in labels.items()
    }
