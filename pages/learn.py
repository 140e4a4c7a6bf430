"""Learn: lessons that are runs, the words of the app, and what a teacher needs."""

import streamlit as st

from pages._ui.learn import lesson, overview, teacher, words
from pages._ui.shell import layout, state
from tl_core.language import _

layout.begin_page(
    _("Learn"),
    ":material/school:",
    step="learn",
    lead=_("Guess first, then let the app try it, then look. Every lesson works without an internet connection."),
    name_project=False,
)
chosen = overview.chosen()
if chosen is not None:
    lesson.show(chosen)
    st.stop()

words.answer()
views = {"Lessons": overview.show, "Words": words.show, "For teachers": teacher.show}
titles = {"Lessons": _("Lessons"), "Words": _("Words"), "For teachers": _("For teachers")}
chosen_view = state.kept("learn", "Lessons", views)
view: str = st.segmented_control(
    _("Show"), list(views), format_func=lambda each: titles.get(each, each), required=True, **chosen_view
)
views[view]()
