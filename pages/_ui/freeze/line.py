"""The freeze line as widgets that always agree: the drawing, the presets, the slider."""

from typing import Any

import streamlit as st

from pages._ui.freeze import freeze_picker, words
from pages._ui.shell import layout, state
from tl_core.freezing import estimates, outline
from tl_core.networks.catalogue import Backbone
from tl_core.workspace import Project

PICKER, PRESET, SLIDER = "freeze-picker", "freeze-preset", "freeze-slider"
PRESETS = {"all": "Only my head", "third": "Top third", "none": "Everything"}


def drawn(network: Backbone) -> dict[str, Any]:
    """Return the outline of a network; it is made by a worker when it is asked for the first time."""
    found = outline.kept(state.workspace(), network.id)
    if found is None:
        with st.spinner(f"Looking at the blocks of {network.title}: only needed once …"):
            found = state.engine().ask("outline", str(state.workspace().root), network.id)
    return dict(found)


def line(project: Project, outlined: dict[str, Any], curve: dict[str, Any] | None) -> int:
    """Let a person choose the freeze line and return how many blocks are frozen. It is kept in the draft at once.

    Args:
        project: whose next run it is.
        outlined: the outline of the network.
        curve: accuracies to draw over the bars, see ``freeze_picker.probe_curve``.
    """
    blocks, values = outlined["blocks"], estimates.lines(outlined)
    frozen = estimates.frozen_blocks(outlined, state.draft(project).line)
    presets = {"all": len(blocks), "third": estimates.top_third(outlined), "none": 0}

    def move(to: int | None) -> None:
        if to is not None:
            state.update_draft(project, freeze=values[to])

    state.set_widget(PRESET, next((name for name, at in presets.items() if at == frozen), None))
    st.segmented_control(
        "What trains",
        list(PRESETS),
        format_func=PRESETS.__getitem__,
        key=PRESET,
        on_change=lambda: move(presets.get(state.widget(PRESET))),
    )
    freeze_picker.freeze_picker(
        blocks,
        frozen,
        titles=[words.block(block, number, len(blocks)) for number, block in enumerate(blocks, 1)],
        texts=[words.place(blocks, at) for at in range(len(values))],
        probe=curve,
        key=PICKER,
        on_move=move,
    )
    state.set_widget(SLIDER, frozen)
    st.select_slider(
        "Frozen blocks",
        list(range(len(values))),
        format_func=lambda at: f"{at} of {len(blocks)}",
        key=SLIDER,
        on_change=lambda: move(state.widget(SLIDER)),
        help="The same line as in the drawing. Left is close to the picture, right is close to the answer. "
        "The taller a bar, the more parameters its block has (square-root scale).",
    )
    knowledge = words.knows(blocks, frozen, outlined["size"])
    st.markdown(f":material/lightbulb: {layout.escape(knowledge)}")
    if outlined.get("note"):
        st.caption(layout.escape(outlined["note"]))
    return frozen
