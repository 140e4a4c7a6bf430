"""The head for boxes: it looks at what three of the blocks give."""

import streamlit as st

from pages._ui.shell import state
from tl_core import wording
from tl_core.language import N_, _
from tl_core.networks import tables
from tl_core.networks.box_shape import STRIDES
from tl_core.tasks import table
from tl_core.workspace import Project


def head(project: Project, classes: int) -> None:
    """Say what the head does; nothing can be chosen."""
    draft = state.draft(project)
    size = draft.image_size or table.of(project).sizes(tables.get(draft.backbone))[0]
    maps = [wording.number(size // stride) for stride in STRIDES]
    st.markdown(_(HEAD).format(size=wording.number(size), first=maps[0], second=maps[1], third=maps[2]))


HEAD = N_(
    "Pictures are seen at {size} × {size} pixels. The head looks at them at three scales: {first} × {first} places for "
    "small things, {second} × {second} for larger ones, {third} × {third} for the largest. At each place it says "
    "whether a thing is there, of which class, and how far it reaches in each direction (FCOS, Tian et al. 2019)."
)
