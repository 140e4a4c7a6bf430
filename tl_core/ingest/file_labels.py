"""Classes that are written into the names of files: ``cat.0.jpg``, ``Abyssinian_1.jpg``, ``A_test.jpg``."""

import re
from collections import Counter
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from tl_core.ingest.words import is_generic, without_group

#: At least this share of the files must have a label, and of the labels two files or more.
MOST_OF = 0.95
#: Labels need this many files each, on average.
LEAST_EACH = 3.0
#: Of more files than this, so many are read first: most sets have no labels in their names.
SAMPLE = 2000
_SEPARATORS = " _.-()[]"
_ROBOFLOW = re.compile(r"[_.](?:jpe?g|png|bmp|webp|tiff?)\.rf\.[0-9a-z]+$", re.IGNORECASE)
_COPY = re.compile(r"(?i)(?<=\d)[ _-]*(?:\(\d+\)|copy(?: \d+)?|kopie(?: \d+)?)$")
_WORDNET = re.compile(r"n\d{8}")


@dataclass(frozen=True)
class FileLabels:
    """Labels read from the names of files.

    Attributes:
        of: the label of each file's name; a file that has none is missing.
        sure: whether the names leave little doubt: words, and several files each.
    """

    of: Mapping[str, str]
    sure: bool


def stem(file: str) -> str:
    """Return the name of a file without its ending, and without what download services add.

    >>> stem("cat_0_jpg.rf.0a1b2c.jpg"), stem("beagle 3 (1).png")
    ('cat_0', 'beagle 3')
    """
    name = re.sub(r"\.[A-Za-z0-9]{1,5}$", "", file)
    return _COPY.sub("", _ROBOFLOW.sub("", name))


def _marked(text: str) -> str:
    return text.split("-!-")[0] if "-!-" in text else ""


def _before_last_number(text: str) -> str:
    match = re.fullmatch(r"(.*?)[\W_]*\d+", text)
    return match[1] if match else ""


def _before_first_number(text: str) -> str:
    match = re.match(r"(\D+?)[\W_]*\d", text)
    return match[1] if match else ""


def _after_number(text: str) -> str:
    match = re.fullmatch(r"\d+[\W_]+(\D+)", text)
    return match[1] if match else ""


def _first_word(text: str) -> str:
    match = re.match(r"([^\W\d_]+|\d{1,4}|n\d{8})[\W_]+.", text)
    return match[1] if match else ""


SCHEMES: tuple[Callable[[str], str], ...] = (
    _marked,
    _before_last_number,
    _before_first_number,
    _after_number,
    _first_word,
)


def read(files: Sequence[str]) -> FileLabels | None:
    """Return the labels that the names of files hold, None if they hold none.

    >>> read(["cat.0.jpg", "cat.1.jpg", "dog.0.jpg", "dog.1.jpg"]).of["dog.1.jpg"]
    'dog'
    >>> read(["IMG_0001.jpg", "IMG_0002.jpg", "DSC_1.jpg", "DSC_2.jpg"])
    """
    if len(files) > SAMPLE and read(files[:: len(files) // SAMPLE + 1]) is None:
        return None
    stems = {file: stem(file) for file in files}
    fitting = [labels for scheme in SCHEMES if (labels := _labels(stems, scheme))]
    if not fitting:
        return None
    # “cat_day1_001” has a number in its label: a shorter beginning that fits as well says more.
    chosen = next((labels for labels in fitting if not _numbered(labels.values())), fitting[0])
    counts = Counter(chosen.values())
    numbers = all(label.isdecimal() for label in counts)
    enough = len(chosen) >= LEAST_EACH * len(counts) and min(counts.values()) >= 2
    return FileLabels(chosen, sure=enough and not numbers and len(chosen) == len(stems))


def _labels(stems: Mapping[str, str], scheme: Callable[[str], str]) -> dict[str, str] | None:
    """Return the label of each file by one scheme, None if too few have one or hardly any two the same."""
    labels = {}
    for file, text in stems.items():
        label = without_group(scheme(text).strip(_SEPARATORS)).strip(_SEPARATORS)
        if label and (label.isdecimal() or _WORDNET.fullmatch(label) or not is_generic(label)):
            labels[file] = label
    counts = Counter(labels.values())
    several = sum(count >= 2 for count in counts.values())
    if len(labels) < MOST_OF * len(stems) or len(counts) < 2 or several < MOST_OF * len(counts):
        return None
    if all(label.isdecimal() for label in counts) and len(labels) < 2 * LEAST_EACH * len(counts):
        return None
    return labels


def _numbered(labels: Collection[str]) -> bool:
    different = set(labels)
    numbered = [label for label in different if re.search(r"\d", label) and not _WORDNET.fullmatch(label)]
    return 2 * len(numbered) > len(different)


def by_known(files: Sequence[str], classes: Collection[str]) -> dict[str, str]:
    """Return the class of each file whose name begins with one, if nearly all do; else nothing.

    >>> by_known(["A_test.jpg", "B_test.jpg"], ["A", "B"])
    {'A_test.jpg': 'A', 'B_test.jpg': 'B'}
    """
    longest = sorted(classes, key=lambda name: -len(name))
    labels = {file: name for file in files if (name := _known(stem(file), longest))}
    return labels if len(labels) >= MOST_OF * len(files) else {}


def _known(text: str, classes: Sequence[str]) -> str:
    for fold in (str, str.casefold):
        for name in classes:
            rest = fold(text).removeprefix(fold(name))
            after = r"[\W_]+[^\W\d_]" if name.isdecimal() else r"[\W_]|\d"
            if rest != fold(text) and (rest == "" or re.match(after, rest)):
                return name
    return ""
