"""Try it: ask the trained model about new pictures."""

import streamlit as st

from pages._ui.shell import layout, present, run_names
from pages._ui.try_it import live, views
from tl_core.language import _

layout.begin_page(
    _("Try it"),
    ":material/auto_awesome:",
    step="try",
    lead=_("Show the model new pictures, and compare its answers with those of the original network."),
)
layout.require_pictures("texts", "tags", "boxes")
run = layout.require_run()
if present.asked():
    live.presented(run)
    st.stop()
run_names.choose(run)

views.show(run)
layout.next_step("take")
