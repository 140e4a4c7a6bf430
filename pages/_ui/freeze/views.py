"""What Freeze shows, by what a project holds."""

from collections.abc import Callable, Mapping

import streamlit as st

from pages._ui.freeze import boxes, page
from tl_core.about import Things
from tl_core.dataset import kinds
from tl_core.workspace import Project

#: Of a kind whose line cannot be moved.
OTHERWISE: Mapping[Things, Callable[[Project], None]] = {"boxes": boxes.page}


def show(project: Project) -> None:
    """Draw the network with its line, and what follows from it: a fragment, which runs again when the line moves."""
    st.fragment(OTHERWISE.get(kinds.of(project), page.page))(project)
