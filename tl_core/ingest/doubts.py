"""What speaks against a reading by folders: pairs of files, single pictures, and files that are called otherwise."""

import itertools
import math
import re
from collections import defaultdict
from collections.abc import Collection
from dataclasses import replace
from pathlib import PurePosixPath

from tl_core import wording
from tl_core.dataset.split_words import words
from tl_core.ingest.reading import Reading
from tl_core.ingest.words import MASKS, is_generic
from tl_core.language import _, ngettext

#: So many names at least, and this share of all, must be the same.
LEAST, MOST = 4, 0.8
#: Numbers that fill less than this share of what lies between the first and the last are no plain series.
DENSE = 1 / 3
#: So many classes with this share of single pictures are no classes; so many files called otherwise are a doubt.
FEW, SINGLE, OTHERWISE = 4, 0.9, 0.1


def pairs(reading: Reading) -> str:
    """Return a doubt if two classes hold files of the same names, and that is no chance; ``""`` otherwise.

    Files of another kind are no chance, nor names that are more than a camera's word and a series of numbers.
    """
    stems: dict[str, set[str]] = defaultdict(set)
    endings: dict[str, set[str]] = defaultdict(set)
    for place in reading.places:
        path = PurePosixPath(place.name)
        stems[place.label].add(path.stem)
        endings[place.label].add(path.suffix.lower())
        if len(stems) > 2:
            return ""
    if len(stems) != 2:
        return ""
    one, other = stems
    (first, ending), (second, other_ending) = (_without_ending(stems[each]) for each in (one, other))
    marked = not MASKS.isdisjoint(words(f"{ending} {other_ending}"))
    same = first & second
    if len(first) < LEAST or len(same) < MOST * len(first | second):
        return ""
    if endings[one] & endings[other] and not marked and _plain_series(same):
        return ""
    return _("“{one}” and “{other}” have files of the same names: one may be masks of the other.").format(
        one=one, other=other
    )


def _without_ending(stems: Collection[str]) -> tuple[set[str], str]:
    """Return names without the word that all of them end in, ``_leftImg8bit`` for instance, and that word."""
    first, last = min(turned := [stem[::-1] for stem in stems]), max(turned)
    same = sum(1 for __ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False)))
    common = first[:same][::-1]
    found = re.search(r"[ _.-].*[^\W\d_].*$", common)
    ending = found[0] if found else ""
    return {stem.removesuffix(ending) for stem in stems}, ending


def _plain_series(stems: Collection[str]) -> bool:
    """Return whether names are those that any folder may have: one word and numbers that follow each other."""
    texts = {re.sub(r"\d+", "", stem) for stem in stems}
    if len({text for text in texts if not is_generic(text)}) > 1:
        return False
    numbers = sorted({int(found[-1]) for stem in stems if (found := re.findall(r"\d+", stem))})
    if len(numbers) < len(stems):
        return True
    step = math.gcd(*(after - before for before, after in itertools.pairwise(numbers))) or 1
    return len(numbers) >= DENSE * ((numbers[-1] - numbers[0]) // step + 1)


def single(reading: Reading) -> str:
    """Return a doubt if nearly every class has one picture: its folder is that of the picture."""
    counts = reading.classes.values()
    if len(counts) < FEW or sum(count == 1 for count in counts) < SINGLE * len(counts):
        return ""
    return _("Nearly every folder holds one picture, so the folders may be no classes.")


def against(folders: Reading, names: Reading) -> tuple[Reading, Reading]:
    """Return the readings by folders and by file names with what speaks against both: they give other classes."""
    called = {place.name: place.label.casefold() for place in names.places}
    classes = {place.label.casefold() for place in folders.places}
    if set(called.values()) != classes:
        return folders, names
    other = [place for place in folders.places if called.get(place.name, "") not in ("", place.label.casefold())]
    if not other:
        return folders, names
    text = ngettext(
        "{n} file is called like another class than its folder: {file}.",
        "{n} files are called like another class than their folder, such as {file}.",
        len(other),
    ).format(n=wording.number(len(other)), file=other[0].name)
    if len(other) > OTHERWISE * len(folders.places):
        return replace(folders, doubt=folders.doubt or text), replace(names, doubt=names.doubt or text)
    return replace(folders, remarks=[*folders.remarks, text]), names
