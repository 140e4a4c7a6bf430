"""Whether a text is in English, as far as its letters and its small words say."""

import re
from collections.abc import Sequence

from tl_core.dataset.split_words import word_list

#: Fewer words than this say nothing about the language.
_FEW = 4
#: So many characters of a text tell its language.
_BEGINNING = 400
#: Small words of a language, by its code.
_WORDS = {
    "en": frozenset(
        word_list(
            "the a an is are was were be been to of and or not in on at for with it this that you i my me we "
            "he she they have has had do does did can will would what how why when where who your from as but "
            "so if"
        )
    ),
    "de": frozenset(
        word_list(
            "der die das ein eine einen ist sind war nicht und oder ich du er sie wir ihr mein mit von zu auf "
            "für im den dem des wie was warum wo habe hat haben bitte kein keine aber auch"
        )
    ),
    "fr": frozenset(
        word_list(
            "le la les un une des est sont et ou ne pas je tu il elle nous vous mon ma avec de du pour dans "
            "sur que qui quoi comment pourquoi où au aux ce cette mais très"
        )
    ),
    "es": frozenset(
        word_list(
            "el la los las un una es son y o no yo tú él ella nosotros mi con de del para en que qué cómo por "
            "dónde como se lo muy pero esta este mis"
        )
    ),
    "it": frozenset(
        word_list(
            "il lo la gli le un una è sono e o non io tu lui lei noi mio mia con di del della per che come "
            "perché dove ho ha molto ma questo questa"
        )
    ),
    "pt": frozenset(
        word_list(
            "o a os as um uma é são e ou não eu tu ele ela nós meu minha com de do da para em que como por "
            "onde muito mas isso este esta"
        )
    ),
    "nl": frozenset(
        word_list(
            "de het een is zijn was niet en of ik jij hij zij wij mijn met van te op voor in dat wat hoe "
            "waarom waar heb heeft maar ook geen"
        )
    ),
}
_LETTER = re.compile(r"[^\W\d_]")
_LATIN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]")
_WORD = re.compile(r"[^\W\d_]+")


def is_latin(text: str) -> bool:
    """Return whether at least half of the letters of a text are Latin; a text without letters is.

    >>> is_latin("Où est mon colis ?"), is_latin("Где мой заказ?"), is_latin("42!")
    (True, False, True)
    """
    return text.isascii() or 2 * len(_LATIN.findall(text)) >= len(_LETTER.findall(text))


def is_another_language(text: str) -> bool:
    """Return whether the small words of a text are those of another European language and not of English.

    >>> is_another_language("Wo ist mein Paket und wann kommt es an?")
    True
    >>> is_another_language("Where is my parcel?"), is_another_language("Siemens Kühlschrank")
    (False, False)
    """
    said = _WORD.findall(text[:_BEGINNING].casefold())
    english = sum(map(_WORDS["en"].__contains__, said))
    least = max(2, 2 * english + 1)
    if len(said) < max(_FEW, least):
        return False
    return any(sum(map(known.__contains__, said)) >= least for known in _WORDS.values())


def foreign(texts: Sequence[str]) -> int:
    """Return how many texts are not in English, by their letters or by their small words."""
    return sum(not is_latin(text) or is_another_language(text) for text in texts)
