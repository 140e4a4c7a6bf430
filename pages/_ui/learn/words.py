"""The words of the app, and what a page is about: where "What is this?" leads."""

import streamlit as st

from pages import steps
from pages._ui.learn import overview
from pages._ui.shell import layout
from tl_core.errors import InputError
from tl_core.language import _
from tl_core.lessons import glossary
from tl_core.lessons import lesson as lessons
from tl_core.lessons.glossary import Word

#: In the address: a page that is asked about, and a word.
ABOUT, WORD = "about", "word"


def answer() -> None:
    """Draw what the address asks for: what a page is about, with its words, or one word."""
    if about := _page():
        step = next(each for each in steps.PAGES if each.key == about.step)
        with st.container(border=True, key="about-page"):
            st.header(_("{icon} What the page {page} is for").format(icon=step.icon, page=_(step.title)), anchor=False)
            st.markdown(_(about.text))
            with st.container(horizontal=True):
                layout.link(about.step, _("Back to {page}").format(page=_(step.title)), icon=":material/undo:")
                _lesson(about.lesson)
            for id_ in about.words:
                _draw(glossary.load().word(id_), linked=False)
    elif word := _word():
        with st.container(border=True, key="asked-word"):
            _draw(word)
            _lesson(word.lesson)


def show() -> None:
    """Draw all words, by alphabet."""
    with st.grid("auto", min_column_width=300, border=True):
        for each in sorted(glossary.load().words, key=lambda word: _(word.term).lower()):
            with st.container(key=f"word-{each.id}", gap="xsmall"):
                _draw(each)


def _page() -> glossary.AboutPage | None:
    return glossary.load().page(st.query_params.get(ABOUT, ""))


def _word() -> Word | None:
    try:
        return glossary.load().word(st.query_params.get(WORD, ""))
    except InputError:
        return None


def _draw(each: Word, *, linked: bool = True) -> None:
    st.markdown(f"**{_(each.term)}.** {_(each.text)}")
    if linked:
        step = next(page for page in steps.PAGES if page.key == each.step)
        layout.link(each.step, _(step.title), icon=step.icon)


def _lesson(id_: str) -> None:
    of = lessons.get(id_)
    layout.link("learn", _(of.title), icon=of.icon, **{overview.LESSON: id_, ABOUT: "", WORD: ""})
