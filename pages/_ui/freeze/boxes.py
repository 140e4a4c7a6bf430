"""Freeze, for boxes: all blocks stay frozen, and the head looks at what three of them give."""

import streamlit as st

from pages._ui.freeze import layers, line, words
from pages._ui.freeze.freeze_picker import freeze_picker
from pages._ui.shell import layout, state
from tl_core import wording
from tl_core.language import N_, _
from tl_core.networks import tables
from tl_core.tasks import table
from tl_core.workspace import Project


def page(project: Project) -> None:
    """Say what is frozen and what learns; nothing can be chosen."""
    with layout.calm():
        draft = state.draft(project)
        network = tables.get(draft.backbone)
        if draft.freeze != "all":
            state.update_draft(project, freeze="all")
        outline = line.outline_of(network)
        blocks, size = outline.blocks, draft.image_size or table.of(project).sizes(network)[0]
        st.header(_("The blocks of {network}").format(network=network.title), anchor=False)
        st.info(_(FROZEN), icon=":material/ac_unit:")
        freeze_picker(
            blocks,
            len(blocks),
            titles=[words.block(block, number, len(blocks)) for number, block in enumerate(blocks, 1)],
            texts=[words.place(blocks, at) for at in range(len(outline.lines))],
            probe=None,
            key="freeze-boxes",
            on_move=lambda to: None,
        )
        st.header(_("Your new head"), anchor=False)
        maps = [wording.number(size // stride) for stride in (8, 16, 32)]
        st.markdown(_(HEAD).format(size=wording.number(size), first=maps[0], second=maps[1], third=maps[2]))
        layers.show(project, outline, len(blocks))


FROZEN = N_(
    "Boxes are learned on a frozen network: it looks at each picture once, and only the new head learns. Fine-tuning "
    "blocks is not offered for boxes yet, so the line cannot be moved."
)
HEAD = N_(
    "Pictures are seen at {size} × {size} pixels. The head looks at them at three scales: {first} × {first} places for "
    "small things, {second} × {second} for larger ones, {third} × {third} for the largest. At each place it says "
    "whether a thing is there, of which class, and how far it reaches in each direction (FCOS, Tian et al. 2019)."
)
