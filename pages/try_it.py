"""Try it: ask the trained model about new pictures."""

import streamlit as st

from pages._ui.shell import layout, present, run_names, state
from pages._ui.try_it import choice, live, try_it
from tl_core.language import _

layout.begin_page(
    _("Try it"),
    ":material/auto_awesome:",
    step="try",
    lead=_("Show the model new pictures, and compare its answers with those of the original network."),
)
project = layout.require_pictures("texts")
run = layout.require_run()
if present.asked():
    live.presented(run)
    st.stop()
run_names.choose(run)

ways = [choice.UPLOAD, choice.CAMERA, *([choice.FOLDER] if state.is_local() else [])]
kept = state.kept("try-way", choice.UPLOAD, ways)
way = st.segmented_control(_("Pictures from"), ways, format_func=_, required=True, **kept)
if way == choice.CAMERA:
    present.button()
pictures = live.camera(run) if way == choice.CAMERA else choice.choose(way) or choice.example(run)
if pictures:
    try_it.show(run, pictures)
layout.next_step("take")
