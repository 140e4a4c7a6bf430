"""Pictures, or texts: import them, look at them, correct them."""

import streamlit as st

from pages._ui.pictures import export_menu, exported, projects, report, ways_in
from pages._ui.shell import layout, state
from tl_core.language import _

words = ways_in.shown(state.settle())
state.speak_of(words.id)
current = layout.begin_page(_(words.title), words.icon, "pictures", _(words.lead), name_project=False)
if current is not None and state.drawn_on() and state.has_pictures(current):
    from pages._ui.pictures import listed, shown

    if shown.instead(current, listed.require(current)):
        st.stop()
report.show_job(current)
exported.show_job()
current = state.project()
projects.choose(current, lambda: export_menu.both(current))
export_menu.show_jobs(current)
ways_in.show_waiting(current)

if current is None or not state.has_pictures(current):
    ways_in.ways_in(current)
    st.stop()

# pandas can wait until there are pictures.
from pages._ui.pictures import listed, shown  # noqa: E402
from pages._ui.train import ahead, now  # noqa: E402
from tl_core.tasks import table  # noqa: E402

examples = listed.require(current)
trainable = not table.of(current).problems(examples)
if trainable:
    now.button(current, examples)
shown.show(current, examples)
if trainable and not examples.table.empty:
    ahead.show(current)
    layout.next_step("network")
