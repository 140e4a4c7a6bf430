"""The express way: one press trains with what is chosen so far, the defaults where nothing is."""

from dataclasses import replace

import streamlit as st

from pages._ui.shell import state
from pages._ui.train import form, start
from tl_core.dataset.manifest import Manifest
from tl_core.language import N_, _
from tl_core.networks import tables
from tl_core.workspace import Project

STEP_BY_STEP = N_("Or go step by step: the next one is Network.")


def button(project: Project, pictures: Manifest) -> None:
    """Draw the button that trains on these pictures and shows the run, whatever step comes before Train.

    Args:
        project: whose pictures.
        pictures: that a network can learn from.
    """
    draft = state.draft(project)
    network = tables.get(draft.backbone)
    with st.container(horizontal=True, vertical_alignment="center", key="train-now"):
        pressed = st.button(
            _("Train now"), type="primary", icon=":material/bolt:", disabled=start.busy(project), key="now"
        )
        usual = draft == replace(state.usual(project), backbone=draft.backbone)
        how = _("With {network} and the usual settings.") if usual else _("With {network} and the settings of Train.")
        st.caption(f"{how.format(network=network.title)} {_(STEP_BY_STEP)}")
    if pressed:
        recipe = draft.recipe(pictures.version, len(pictures.classes), network)
        if form.has_weights(recipe):
            start.start(project, recipe)
            st.switch_page("train.py", query_params=state.query())
