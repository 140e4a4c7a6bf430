"""The freeze line as widgets that always agree: the drawing, the presets, the slider."""

import streamlit as st

from pages._ui.freeze import freeze_picker, words
from pages._ui.freeze.freeze_picker import Curve
from pages._ui.shell import layout, state, workers
from tl_core import wording
from tl_core.freezing import outline as outlines
from tl_core.freezing.outline import Outline
from tl_core.language import N_, _
from tl_core.networks.tables import Pretrained
from tl_core.workspace import Project

PICKER, PRESET, SLIDER = "freeze-picker", "freeze-preset", "freeze-slider"
PRESETS = {"all": N_("Only my head"), "third": N_("Top third"), "none": N_("Everything")}
#: Below the drawing.
DRAWING = N_(
    "Each bar is a block of the network: the taller, the more parameters it has. "
    "The head turns what the blocks find into your classes, and always trains."
)


def outline_of(network: Pretrained) -> Outline:
    """Return the outline of a network; a worker draws it when it is asked for the first time."""
    stored = outlines.load(state.workspace(), network.id)
    if stored is not None:
        return stored
    drawing = _("Drawing the blocks of {network}. This is needed only once …").format(network=network.title)
    with st.spinner(drawing):
        drawn: Outline = workers.engine().ask("outline", str(state.workspace().root), network.id)
    return drawn


def line(project: Project, outline: Outline, curve: Curve | None) -> int:
    """Let a person choose the freeze line and return how many blocks are frozen. It is saved in the draft at once.

    Args:
        project: whose next run it is.
        outline: of the network.
        curve: accuracies to draw over the bars.
    """
    blocks, values = outline.blocks, outline.lines
    frozen = outline.frozen_blocks(state.draft(project).line)
    presets = {"all": len(blocks), "third": outline.top_third, "none": 0}

    def move(to: int | None) -> None:
        if to is not None:
            state.update_draft(project, freeze=values[to])

    state.set_widget(PRESET, next((name for name, at in presets.items() if at == frozen), None))
    st.segmented_control(
        _("What trains"),
        list(PRESETS),
        format_func=lambda preset: _(PRESETS[preset]),
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
        _("Frozen blocks"),
        list(range(len(values))),
        format_func=lambda at: wording.out_of(at, len(blocks)),
        key=SLIDER,
        on_change=lambda: move(state.widget(SLIDER)),
        help=_(
            "The same line as in the drawing. Left is close to the picture, right is close to the answer. "
            "The height of a bar is the square root of its parameters."
        ),
    )
    st.caption(_(DRAWING))
    knowledge = words.knowledge(blocks, frozen, outline.size)
    st.markdown(f":material/lightbulb: {layout.escape(knowledge)}")
    if outline.note:
        st.caption(layout.escape(outline.note))
    return frozen
