"""Freeze: how much of the network stays as it is, and which new layers go on top."""

import streamlit as st

from pages._ui import freeze_view, layout, state
from tl_core import catalogue, manifest

layout.begin_page(
    "Freeze",
    ":material/ac_unit:",
    step="freeze",
    lead="Early layers know edges and textures, and are worth keeping. Choose how much of the network stays frozen; "
    "the rest is trained on your pictures.",
)
project = layout.require_pictures()
draft = state.draft(project)
network = catalogue.get(draft.get("backbone", catalogue.DEFAULT))

left, right = st.columns([3, 2], gap="large")
with left:
    st.subheader("The network", anchor=False)
    freeze = freeze_view.line(network, draft.get("freeze", "all"))
with right:
    st.subheader("Your new head", anchor=False)
    head = freeze_view.head(draft.get("head", {}), two_classes=len(manifest.load(project).classes) == 2)
state.update_draft(project, freeze=freeze, head=head)
layout.next_step("train")
