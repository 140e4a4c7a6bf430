"""For teachers: of each lesson its aims, times, likely answers and sheet to print."""

import functools
from collections.abc import Sequence

import streamlit as st

from pages._ui.shell import downloads, layout
from tl_core import language
from tl_core.language import N_, _
from tl_core.lessons import lesson as lessons
from tl_core.lessons import sheets
from tl_core.lessons.lesson import Lesson
from tl_core.wording import duration

INTRODUCTION = N_("""
Each lesson has parts, and each part four steps: pupils **predict**, the app **does** it, all **look**, somebody
**explains**. Nothing runs before there is a guess. Guesses and figures are kept on this machine. “Start this part over”
makes room for the next group.

Figures differ a little from machine to machine. So discuss intervals, not decimals. Everything is made of pictures
that come with the app; no internet connection is needed. The runs stay in projects called “Lesson: …”.
""")


def show() -> None:
    """Draw the teacher's page."""
    st.markdown(_(INTRODUCTION))
    for number, each in enumerate(lessons.all_lessons(), start=1):
        with layout.drawer(f"{number}. {_(each.title)}", f"teach-{each.id}", each.icon) as drawer:
            if drawer.open:
                _lesson(each)


def _lesson(of: Lesson) -> None:
    runs = duration(sum(each.seconds for each in of.rounds))
    timing = _("**{minutes} minutes**, of which the machine works {time} on two processor cores.")
    st.markdown(timing.format(minutes=of.minutes, time=runs))
    _points(_("Afterwards pupils can:"), of.aims)
    for part in of.rounds:
        st.subheader(_(part.title), anchor=False)
        works = _("The machine works {time}.").format(time=duration(part.seconds))
        st.markdown(f"{works} {_(part.do)}")
        st.markdown(_("**Likely answers.** {answers}").format(answers=_(part.likely)))
    _points(_("To discuss:"), of.discuss)
    sheet(of)


def _points(title: str, points: Sequence[str]) -> None:
    st.markdown("\n".join([f"**{title}**", *(f"* {_(each)}" for each in points)]))


def _sheet(of: Lesson, code: str) -> bytes:
    """Return the sheet in a language: it is made once the button was pressed, outside a session."""
    with language.written_in(code):
        return sheets.sheet(of)


def sheet(of: Lesson) -> None:
    """Draw the button that hands out the sheet of a lesson, to open in a browser and print."""
    downloads.button(
        _("Sheet to print"),
        functools.partial(_sheet, of, language.current()),
        f"{of.id}.html",
        "text/html",
        icon=":material/print:",
        key=f"sheet-{of.id}",
    )
