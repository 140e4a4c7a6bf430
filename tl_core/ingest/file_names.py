"""The names in an archive as text, where nothing in it says in which encoding they are.

Old programs wrote names in the code page of their country. One encoding is taken for all names of an archive: UTF-8 if
all are valid in it, which hardly ever happens by chance; else the code page in which the names look most like names.
Detectors for texts (charset-normalizer, for instance) need sentences; names are a few letters.
"""

import functools
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from tl_core.dataset.names import plain
from tl_core.language import N_, _

#: Code pages of Windows and of its command line, and the languages that a person knows them by. The earlier wins a tie.
CODE_PAGES = {
    "cp437": N_("Western"),
    "cp1252": N_("Western"),
    "cp866": N_("Cyrillic"),
    "cp1251": "Cyrillic",
    "cp932": N_("Japanese"),
    "gb18030": N_("Chinese, simplified"),
    "big5": N_("Chinese, traditional"),
    "cp949": N_("Korean"),
    "cp850": "Western",
    "cp852": N_("Central European"),
    "cp1250": N_("Central European"),
    "cp737": N_("Greek"),
    "cp1253": "Greek",
}
#: At most so many different names are looked at.
MOST = 2000
_WORD = re.compile(r"[^\W\d_]+")
_LATIN = {"cp437", "cp1252", "cp850", "cp852", "cp1250"}
#: Letters with marks that are common in names, in the code pages of their languages.
_COMMON_LATIN = {
    "Western": "äöüßéèêàáâçñóòôíìîúùûëïåøæãõœÄÖÜÉÈÀÁÇÑÓÅØÆ",
    "Central European": "ąćęłńóśźżáčďéěíňřšťúůýžäöüßőűĄĆĘŁŃÓŚŹŻÁČĎÉÍŇŘŠŤÚÝŽÄÖÜŐŰ",
}


@dataclass(frozen=True)
class Names:
    """Names as text.

    Attributes:
        texts: the names, in the order of the bytes.
        notes: what was assumed, in sentences.
    """

    texts: list[str]
    notes: list[str] = field(default_factory=list)


def decoded(names: Sequence[bytes], what: str) -> Names:
    """Return the names of an archive as text; no two become one.

    Args:
        names: in bytes.
        what: the archive's name, for a person.
    """
    foreign = sorted({name for name in names if not name.isascii()})
    if not foreign or _strict(foreign, "utf-8"):
        return Names([name.decode("utf-8") for name in names])
    page = best(foreign[:: len(foreign) // MOST + 1], foreign)
    texts = [name.decode(page) for name in names]
    shown = next(text for text in texts if not text.isascii())
    return Names(
        texts,
        [
            _(
                "“{what}” does not say how its names are encoded. They are read as {page} "
                "({languages}), for instance “{example}”. If that is wrong, unpack it and import the "
                "folder."
            ).format(what=what, page=page, languages=_(CODE_PAGES[page]), example=plain(shown))
        ],
    )


def best(sample: Sequence[bytes], every: Sequence[bytes]) -> str:
    """Return the code page in which names look most like names; ``"cp437"``, which knows every byte, if none fits."""
    pages = [page for page in CODE_PAGES if _strict(every, page)]
    return max(pages, key=lambda page: likeness(sample, page), default="cp437")


def _strict(names: Sequence[bytes], page: str) -> bool:
    """Return whether all names are valid in a code page, differ in it, and hold only characters that can be seen."""
    try:
        texts = [name.decode(page) for name in names]
    except UnicodeDecodeError:
        return False
    unseen = any(unicodedata.category(character) in ("Cc", "Co", "Cn") for text in texts for character in text)
    return not unseen and len({plain(text) for text in texts}) == len(set(names))


def likeness(names: Sequence[bytes], page: str) -> float:
    """Return how much names look like names in a code page: the mean of -1 (no) to 1 (yes) over their foreign bytes."""
    total, size = 0.0, 0
    for name in names:
        text = name.decode(page)
        total += sum(_word(word, page) for word in _WORD.findall(text))
        total -= sum(1.0 for character in text if not character.isascii() and not _WORD.match(character))
        size += sum(byte > 127 for byte in name)
    return total / max(size, 1)


def _word(word: str, page: str) -> float:
    """Return the sum of what the foreign letters of a word speak for."""
    foreign = [letter for letter in word if not letter.isascii()]
    if not foreign:
        return 0.0
    scripts = {_script(letter) for letter in word}
    if len(scripts - {"KANA", "CJK"}) > 1 or (len(scripts) > 1 and not scripts <= {"KANA", "CJK"}):
        return -1.0 * len(foreign)
    if scripts == {"LATIN"}:
        return _latin(word, foreign, page)
    if scripts <= {"CYRILLIC", "GREEK"}:
        return len(foreign) * (_casing(word) if scripts == {_expected(page)} else -1.0)
    return sum(2 * _common(letter, page) for letter in foreign)


def _expected(page: str) -> str:
    return {"Cyrillic": "CYRILLIC", "Greek": "GREEK"}.get(CODE_PAGES[page], "")


@functools.lru_cache(maxsize=4096)
def _script(letter: str) -> str:
    first = unicodedata.name(letter, "").split(" ")[0].removesuffix("-A")
    return {"HIRAGANA": "KANA", "KATAKANA": "KANA", "KATAKANA-HIRAGANA": "KANA"}.get(first, first)


def _casing(word: str) -> float:
    """Return how usual the case of a word's letters is."""
    if word.islower() or (word[0].isupper() and word[1:].islower()):
        return 0.9
    return 0.6 if word.isupper() and len(word) > 2 else -0.5


def _latin(word: str, foreign: Sequence[str], page: str) -> float:
    """Return the sum for a word of Latin letters: common ones with marks, few of them, in the case of the others."""
    common = _COMMON_LATIN.get(CODE_PAGES[page], "")
    known = sum(0.9 if letter in common else -0.2 for letter in foreign)
    cased = _casing(word) > 0
    crowded = len(foreign) > 1 and 2 * len(foreign) > len(word)
    return known - (0 if cased else 0.8 * len(foreign)) - (0.6 * len(foreign) if crowded else 0)


@functools.lru_cache(maxsize=16384)
def _common(letter: str, page: str) -> float:
    """Return how common a letter of East Asia is in the language of a code page, -0.5 to 1.

    The national standards have the common characters in their first part, and each other's common ones are common too:
    JIS X 0208 (level 1: rows 16 to 47), GB 2312 (level 1: rows 16 to 55), Big5 (level 1: A440 to C67E), KS X 1001.
    """
    if page == "cp949":
        return _korean(letter)
    if _script(letter) == "KANA":
        return (-0.3 if unicodedata.east_asian_width(letter) == "H" else 1.0) if page == "cp932" else -0.5
    if _script(letter) != "CJK":
        return -0.5
    own = {"cp932": _JIS, "gb18030": _GB, "big5": _BIG5}.get(page)
    if own is None or not _within(letter, own):
        return -0.2
    others = sum(_within(letter, standard) for standard in (_JIS, _GB, _BIG5))
    return 0.4 + 0.2 * others


def _korean(letter: str) -> float:
    """Return how common a Korean syllable is: few have a rare last consonant or a rare vowel."""
    place = ord(letter) - 0xAC00
    if not 0 <= place < 11172 or not _within(letter, ("euc_kr", 0xB0A1, 0xC8FE)):
        return -0.3
    first, vowel, last = place // 588, place // 28 % 21, place % 28
    usual = (first in _FIRST, vowel in _VOWELS, last in _LAST, last == 0)
    return 0.12 + sum(weight * each for weight, each in zip((0.35, 0.25, 0.3, 0.2), usual, strict=True))


#: Places of the usual first consonants, vowels and last consonants in the order of Unicode's Korean syllables.
_FIRST, _VOWELS, _LAST = {0, 2, 3, 5, 6, 7, 9, 11, 12, 18}, {0, 1, 4, 5, 6, 8, 9, 13, 18, 20}, {0, 1, 4, 8, 16, 17, 21}

_JIS, _GB, _BIG5 = ("euc_jp", 0xB0A1, 0xCFD3), ("gb2312", 0xB0A1, 0xD7F9), ("big5", 0xA440, 0xC67E)


def _within(letter: str, standard: tuple[str, int, int]) -> bool:
    encoding, first, last = standard
    try:
        return first <= int.from_bytes(letter.encode(encoding), "big") <= last
    except UnicodeEncodeError:
        return False
