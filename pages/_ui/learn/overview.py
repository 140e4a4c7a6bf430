"""The lessons as cards, and which of them is opened."""

import streamlit as st

from pages._ui.shell import layout, state
from tl_core.errors import InputError
from tl_core.language import _
from tl_core.lessons import lesson as lessons
from tl_core.lessons import record
from tl_core.lessons.lesson import Lesson
from tl_core.wording import out_of, plural

#: In the address: the opened lesson.
LESSON = "lesson"


def chosen() -> Lesson | None:
    """Return the lesson in the address, None for all of them."""
    id_ = st.query_params.get(LESSON, "")
    try:
        return lessons.get(id_) if id_ else None
    except InputError:
        return None


def show() -> None:
    """Draw a card for each lesson."""
    with st.grid("auto", min_column_width=300, border=True):
        for number, each in enumerate(lessons.all_lessons(), start=1):
            with st.container(key=f"lesson-{each.id}", gap="xsmall"):
                _card(number, each)


def _card(number: int, each: Lesson) -> None:
    st.header(f"{each.icon} {number}. {_(each.title)}", anchor=False)
    st.markdown(_(each.lead))
    parts, done = len(each.rounds), record.done(state.workspace(), each)
    how_far = (
        _("done")
        if done == parts
        else _("{some} parts done").format(some=out_of(done, parts))
        if done
        else plural(parts, "part", "parts")
    )
    st.caption(" · ".join((plural(each.minutes, "minute", "minutes"), how_far)))
    layout.link("learn", _("Look again") if done == parts else _("Go on") if done else _("Begin"), **{LESSON: each.id})
