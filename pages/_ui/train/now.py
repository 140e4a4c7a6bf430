"""The express way: one press trains with what is chosen so far, the defaults where nothing is."""

import streamlit as st

from pages._ui.shell import state
from pages._ui.train import form, start
from tl_core.dataset.manifest import Manifest
from tl_core.networks import catalogue
from tl_core.workspace import Project


def button(project: Project, pictures: Manifest) -> None:
    """Draw the button that trains on these pictures and shows the run, whatever step comes before Train.

    Args:
        project: whose pictures.
        pictures: that a network can learn from.
    """
    draft = state.draft(project)
    network = catalogue.get(draft.backbone)
    with st.container(horizontal=True, vertical_alignment="center", key="train-now"):
        pressed = st.button(
            "Train now", type="primary", icon=":material/bolt:", disabled=start.busy(project), key="now"
        )
        st.caption(f"With {network.title} and the usual settings. Or go step by step: the next one is Network.")
    if pressed:
        recipe = draft.recipe(pictures.version, len(pictures.classes), network)
        if form.has_weights(recipe):
            start.start(project, recipe)
            st.switch_page("train.py", query_params=state.query())
