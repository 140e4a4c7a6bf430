"""The words that the app uses, two sentences each, and what each page is about: ``assets/lessons/words.toml``."""

import functools
from dataclasses import dataclass

import msgspec

from tl_core.errors import InputError
from tl_core.language import _, pgettext
from tl_core.lessons import texts
from tl_core.lessons.lesson import ASSETS

#: More words than these nobody reads.
MOST = 40


@dataclass(frozen=True, kw_only=True)
class Word:
    """A word of the app.

    Attributes:
        id: stable, names it in links.
        term: as it stands in the list.
        forms: how it stands on pages, in lower case.
        text: two sentences; our own words.
        step: key of the page where one meets it, see ``pages/steps.py``.
        lesson: id of the lesson that shows it.
    """

    id: str
    term: str
    forms: tuple[str, ...]
    text: str
    step: str
    lesson: str


@dataclass(frozen=True, kw_only=True)
class AboutPage:
    """What a page is about.

    Attributes:
        step: key of the page.
        text: two or three sentences; our own words.
        lesson: id of the lesson that shows it.
        words: ids of its words.
    """

    step: str
    text: str
    lesson: str
    words: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Glossary:
    """All ``words``, by alphabet, and what each of the ``pages`` is about."""

    words: tuple[Word, ...]
    pages: tuple[AboutPage, ...]

    def word(self, id_: str) -> Word:
        """Return the word of that id. Raises InputError if there is none."""
        for each in self.words:
            if each.id == id_:
                return each
        raise InputError(_("There is no word “{id}” in the list. Go back to Learn.").format(id=id_[:40]))

    def page(self, step: str) -> AboutPage | None:
        """Return what a page is about, None for one that needs no words."""
        return next((each for each in self.pages if each.step == step), None)


def forms(of: Word) -> list[str]:
    """Return how a word stands on pages, in the language that is read in."""
    return pgettext(texts.FORMS, texts.BETWEEN.join(of.forms)).split(texts.BETWEEN)


@functools.cache
def load() -> Glossary:
    """Return the words and pages."""
    read = msgspec.toml.decode((ASSETS / "words.toml").read_bytes(), type=Glossary)
    return Glossary(words=tuple(sorted(read.words, key=lambda each: each.term.lower())), pages=read.pages)
