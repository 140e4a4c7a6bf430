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
_FIRST = re.compile(r"([^\W\d_]+)[\W_\d]")
_PARTS = re.compile(r"(.+?)[\W_]+([^\W\d_]+)")


@dataclass(frozen=True)
class FileLabels:
    """Labels read from the names of files.

    Attributes:
        of: the label of each file's name; a file that has none is missing.
        sure: whether the names leave little doubt: words, and several files each.
        two: examples of two things that the names hold, either of which may be the class; empty for one thing.
    """

    of: Mapping[str, str]
    sure: bool
    two: tuple[str, ...] = ()


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


def read(files: Sequence[str]) -> list[FileLabels]:
    """Return the labels that the names of files hold, the likeliest first; empty if they hold none.

    >>> read(["cat.0.jpg", "cat.1.jpg", "dog.0.jpg", "dog.1.jpg"])[0].of["dog.1.jpg"]
    'dog'
    >>> read(["IMG_0001.jpg", "IMG_0002.jpg", "DSC_1.jpg", "DSC_2.jpg"])
    []
    """
    if len(files) > SAMPLE and not read(files[:: len(files) // SAMPLE + 1]):
        return []
    stems = _without_camera({file: stem(file) for file in files})
    fitting = [labels for scheme in SCHEMES if (labels := _labels(stems, scheme))]
    if not fitting:
        return []
    # “cat_day1_001” has a number in its label: a shorter beginning that fits as well says more.
    chosen = next((labels for labels in fitting if not _numbered(labels.values())), fitting[0])
    two = _two(set(chosen.values()))
    if not two:
        return [_judged(chosen, len(stems))]
    fronts, backs = ({file: two[label][at] for file, label in chosen.items()} for at in (0, 1))
    if all(front.isdecimal() for front in fronts.values()):  # “20240501_cat_1”
        return [_judged(backs, len(stems))]
    return [_judged(each, len(stems), two[min(two)]) for each in (chosen, fronts, backs)]


def _judged(labels: Mapping[str, str], files: int, two: tuple[str, ...] = ()) -> FileLabels:
    counts = Counter(labels.values())
    numbers = all(label.isdecimal() for label in counts)
    enough = len(labels) >= LEAST_EACH * len(counts) and min(counts.values()) >= 2
    return FileLabels(labels, sure=enough and not numbers and len(labels) == files, two=two)


def _without_camera(stems: Mapping[str, str]) -> dict[str, str]:
    """Return the names without a word of cameras and programs with which all of them begin: ``img_cat_1``."""
    begins = {match[1] if (match := _FIRST.match(text)) else "" for text in stems.values()}
    word = begins.pop() if len(begins) == 1 else ""
    if not word or not is_generic(word):
        return dict(stems)
    return {file: text[len(word) :].lstrip(_SEPARATORS) for file, text in stems.items()}


def _two(labels: Collection[str]) -> dict[str, tuple[str, str]]:
    """Return the two parts of each label where each is combined with each other: ``happy_anna``, ``sad_anna`` …"""
    found = {label: match.groups() for label in labels if (match := _PARTS.fullmatch(label))}
    fronts, backs = ({parts[at] for parts in found.values()} for at in (0, 1))
    crossed = 1 < len(fronts) < len(labels) and 1 < len(backs) < len(labels)
    dated = all(front.isdecimal() for front in fronts) and len(backs) > 1
    if len(found) < len(labels) or not (crossed or dated) or 2 * len(labels) < len(fronts) * len(backs):
        return {}
    return {label: (front, back) for label, (front, back) in found.items()}


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
