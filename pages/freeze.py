"""Freeze: how much of the network stays as it is, and which new layers go on top."""

import streamlit as st

from pages._ui.freeze import page
from pages._ui.shell import layout
from pages._ui.train import ahead
from tl_core.language import _

layout.begin_page(
    _("Freeze"),
    ":material/ac_unit:",
    step="freeze",
    lead=_(
        "Early layers know edges and textures, and are worth keeping. Choose how much of the network stays frozen; "
        "the rest is trained on your pictures."
    ),
)
project = layout.require_pictures("texts", "tags", "boxes")
st.fragment(page.page)(project)
ahead.show(project)
layout.next_step("train")
