"""Whether the network that comes with the app can read a text: whether it is in English, and whether it has words."""

import re
import unicodedata
from collections.abc import Sequence
from functools import cache

import numpy as np

from tl_core import wording
from tl_core.dataset.split_words import word_list
from tl_core.language import ngettext
from tl_core.networks import bert_weights, text_catalogue
from tl_core.networks.vocabulary import Tokenizer

#: Fewer words than this say nothing about the language.
_FEW = 4
#: So many characters of a text tell its language.
_BEGINNING = 400
#: Of so many different words it can be told whether the network knows them, or only pieces of them.
_ENOUGH = 5
#: Small words of a language, by its code. Those of English hold what other languages write the same.
_WORDS = {
    code: frozenset(words)
    for code, words in {
        "en": word_list(
            "the a an is are was were be been to of and or not in on at for with it this that you i my me we "
            "he she they have has had do does did can will would what how why when where who your from as but "
            "so if no by us am any all its just more go get now there here out up new one come just ur im dont ha oh"
        ),
        "de": word_list(
            "der die das ein eine einen ist sind war nicht und oder ich du er sie wir ihr mein mit von zu auf "
            "für im den dem des wie was warum wo habe hat haben bitte kein keine aber auch"
        ),
        "fr": word_list(
            "le la les un une des est sont et ou ne pas je tu il elle nous vous mon ma avec de du pour dans "
            "sur que qui quoi comment pourquoi où au aux ce cette mais très"
        ),
        "es": word_list(
            "el la los las un una es son no yo tú él ella nosotros mi con de del para en que qué cómo por "
            "dónde como se lo muy pero esta este mis"
        ),
        "it": word_list(
            "il lo la gli le un una è sono non io tu lui lei noi mio mia con di del della per che come "
            "perché dove ho ha molto ma questo questa"
        ),
        "pt": word_list(
            "os as um uma é são ou não eu tu ele ela nós meu minha com de do da para em que como por "
            "onde muito mas isso este esta"
        ),
        "nl": word_list(
            "de het een is zijn was niet en of ik jij hij zij wij mijn met van te op voor in dat wat hoe "
            "waarom waar heb heeft maar ook geen"
        ),
        "pl": word_list(
            "jest są był nie się na do że jak co gdzie kiedy mój moja moje mnie mi mam masz ale lub czy dla "
            "przez tak już tylko bardzo proszę to ten ta"
        ),
        "sv": word_list(
            "är och att jag du han hon vi ni mitt min inte det den ett en på för med som var när hur till av "
            "men eller har kan från"
        ),
        "da": word_list(
            "er og at jeg du han hun vi min mit ikke det den et en på for med som hvor når hvornår til af "
            "men eller har kan fra hvad"
        ),
        "fi": word_list(
            "on ja ei en minä sinä hän se tämä mutta kun missä milloin minun olen ovat että kuin myös joka "
            "tai voi jos mitä"
        ),
        "cs": word_list(
            "je jsem jsou není a se na že jak co kde kdy můj moje mi mě ale nebo pro do od už jen velmi prosím to "
            "ten ta při k ke"
        ),
        "ro": word_list(
            "este sunt nu și în la un o care ce unde când cum pentru cu din pe meu mea mai dar sau am fost "
            "foarte vă mă să"
        ),
        "hu": word_list(
            "a az és nem van hogy de egy én te ő mi ez ki hol mikor mert csak vagy már is volt nagyon kérem meg fel"
        ),
        "tr": word_list(
            "bir ve bu ne için çok mı mi mu değil ben sen o benim nerede zaman nasıl ama da de ile var yok "
            "daha gibi olarak"
        ),
        "id": word_list(
            "yang dan di ke dari tidak ini itu saya kamu dengan untuk ada akan sudah apa kapan mana bisa "
            "tapi atau belum"
        ),
        "vi": word_list("và là của tôi bạn không có ở đâu khi nào một các này cho với được đã đến người như nó rất"),
    }.items()
}
#: Signs in the vocabulary of the network.
_KNOWN_SIGNS = frozenset("¦©®°№™⇄⇌─│■▪●★☆☉♠♣♥♦♭")
_LETTER = re.compile(r"[^\W\d_]")
_LATIN = re.compile(r"[A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]")
_WORD = re.compile(r"[^\W\d_]+")
_ADDRESS = re.compile(r"(?:https?://|www\.)\S+|\S+@\S+")


def is_latin(text: str) -> bool:
    """Return whether at least two thirds of the letters of a text are Latin; a text without letters is.

    >>> is_latin("Où est mon colis ?"), is_latin("Где мой заказ?"), is_latin("42!")
    (True, False, True)
    """
    return text.isascii() or 3 * len(_LATIN.findall(text)) >= 2 * len(_LETTER.findall(text))


def is_another_language(text: str) -> bool:
    """Return whether the small words of a text are those of another European language and not of English.

    A word that is repeated counts once, a single letter not at all: a laugh and a line of code are of no language.

    >>> is_another_language("Wo ist mein Paket und wann kommt es an?")
    True
    >>> is_another_language("Where is my parcel?"), is_another_language("Siemens Kühlschrank")
    (False, False)
    >>> is_another_language("Ha ha ha ha, yo!"), is_another_language("https://example.org/la/de/el/un")
    (False, False)
    """
    said = _WORD.findall(_ADDRESS.sub(" ", text[:_BEGINNING]).casefold())
    small = set(said)
    english = len(small & _WORDS["en"])
    least = max(2, 2 * english + 1)
    if len(said) < max(_FEW, least):
        return False
    telling = {word for word in small - _WORDS["en"] if len(word) > 1}
    return any(len(telling & known) >= least for known in _WORDS.values())


def is_in_pieces(text: str) -> bool:
    """Return whether the network that comes with the app knows the words of a text only as pieces, by its vocabulary.

    That tells languages of which no words are listed here, such as Hindi in Latin letters: half of the words or more
    are in pieces (the "proportion of continued words" of P. Rust et al., "How Good is Your Tokenizer?", ACL 2021,
    https://arxiv.org/abs/2012.15613), and at most every fifth is a small English word. Different words count once, of
    two letters or more; fewer than five say nothing.

    It is right for most texts, not for all. Found are 23 of 26 sentences of Hinglish that were written for this, 34 of
    38 in 22 other languages, and 92% and 76% of 1,186 German and 1,206 Spanish texts of the app (98% and 95% together
    with the small words). Of English, 0 of 9,588 questions to a bank, 36 of 9,612 sentences of film reviews, and 71 of
    5,070 text messages: about 15 of those are in Indian languages, the others in a spelling of their own ("Gud mrng
    dear hav a nice day"). What has many English words ("Wo bola ki meeting cancel ho gayi") is not found, and English
    of rare words, such as terms or names, may be taken for foreign.

    >>> is_in_pieces("Mera card kahan hai yaar, abhi tak nahi aaya"), is_in_pieces("Where is my card, it has not come")
    (True, False)

    Raises:
        MissingWeightsError: the package with the vocabulary is not installed.
    """
    said = {word for word in _WORD.findall(_ADDRESS.sub(" ", text[:_BEGINNING]).casefold()) if len(word) > 1}
    if len(said) < _ENOUGH or 5 * len(said & _WORDS["en"]) > len(said):
        return False
    whole = 3  # the word, between what stands before and after each text
    return bool(np.mean(_tokenizer().lengths(sorted(said)) > whole) >= 0.5)


@cache
def _tokenizer() -> Tokenizer:
    return bert_weights.tokenizer(text_catalogue.get(None))


def has_words(text: str) -> bool:
    """Return whether a text has letters or digits, or at least no signs that the network does not know.

    >>> has_words("Great 🎉"), has_words("42"), has_words("★★☆"), has_words("🎉🎉 😀!")
    (True, True, True, False)
    """
    signs = [character for character in text if not character.isspace()]
    return any(character.isalnum() for character in signs) or not any(
        unicodedata.category(character) == "So" and character not in _KNOWN_SIGNS for character in signs
    )


def foreign(texts: Sequence[str]) -> int:
    """Return how many texts are not in English, or a good part of them is not, by letters, small words or pieces."""
    return sum(not is_latin(text) or is_another_language(text) or is_in_pieces(text) for text in texts)


def remarks(texts: Sequence[str]) -> list[str]:
    """Return what the network that comes with the app does not read in these texts, as sentences."""
    said = []
    if count := foreign(texts):
        said.append(
            ngettext(
                "{count} text does not look like English, or only in part, and "
                "the network that comes with the app knows English.",
                "{count} texts do not look like English, or only in part, and "
                "the network that comes with the app knows English.",
                count,
            ).format(count=wording.number(count))
        )
    if count := sum(not has_words(text) for text in texts):
        said.append(
            ngettext(
                "{count} text has no words, only signs such as emoji. "
                "The network that comes with the app does not know emoji: they all look the same to it.",
                "{count} texts have no words, only signs such as emoji. "
                "The network that comes with the app does not know emoji: they all look the same to it.",
                count,
            ).format(count=wording.number(count))
        )
    return said
