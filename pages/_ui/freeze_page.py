"""The parts of the freeze page that follow the line: they run again together when it moves, and the rest does not."""

import streamlit as st

from pages._ui import freeze_costs_view, freeze_view, layout, state
from tl_core import catalogue, estimates, manifest
from tl_core.workspace import Project


def page(project: Project) -> None:
    """Draw the network with its line, what it costs, the head, and what helps to choose."""
    with layout.calm():
        pictures = manifest.load(project)
        draft = state.draft(project)
        network = catalogue.get(draft.get("backbone", catalogue.DEFAULT))
        outlined = freeze_view.drawn(network)
        left, right = st.columns([5, 3], gap="large")
        with left:
            st.subheader(f"The blocks of {network.title}", anchor=False)
            frozen = freeze_view.line(project, outlined, None)
        with right:
            st.subheader("What that means", anchor=False)
            freeze_costs_view.costs(project, network, outlined, frozen, pictures)
        st.subheader("Your new head", anchor=False)
        two = len(pictures.classes) == 2
        head = freeze_view.head(freeze_view.chosen_head(draft, two_classes=two), two_classes=two)
        state.update_draft(project, freeze=estimates.lines(outlined)[frozen], head=head)
