"""Try it: ask the trained model about new pictures."""

import streamlit as st

from pages._ui.shell import layout, state
from pages._ui.try_it import try_it

layout.begin_page(
    "Try it",
    ":material/auto_awesome:",
    step="try",
    lead="Show the model new pictures, and compare its answers with those of the original network.",
)
project = layout.require_pictures()
run = layout.require_run()

ways = ["Upload", "Camera", *(["Folder on this machine"] if state.is_local() else [])]
way = st.segmented_control("Pictures from", ways, default="Upload", required=True, key="try_way")
pictures = try_it.choose(way)
if not pictures:
    st.info(
        "Choose one or more pictures. They are not added to your training pictures.", icon=":material/image_search:"
    )
    st.stop()
answers = try_it.ask(run, pictures)
if len(pictures) == 1:
    try_it.one(run, pictures[0], answers[0])
else:
    try_it.many(pictures, answers)
