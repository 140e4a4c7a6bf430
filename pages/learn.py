"""Learn: lessons that are runs, the words of the app, and what a teacher needs."""

import streamlit as st

from pages._ui.learn import lesson, overview, teacher, words
from pages._ui.shell import layout, state

layout.begin_page(
    "Learn",
    ":material/school:",
    step="learn",
    lead="Guess first, then let the app try it, then look. Every lesson works without an internet connection.",
    name_project=False,
)
chosen = overview.chosen()
if chosen is not None:
    lesson.show(chosen)
    st.stop()

words.answer()
views = {"Lessons": overview.show, "Words": words.show, "For teachers": teacher.show}
view = st.segmented_control("Show", list(views), required=True, **state.kept("learn", "Lessons", views))
views[view]()
