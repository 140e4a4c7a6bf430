"""The layers one by one: what they are, and which of those after the line stay frozen."""

from typing import Any

import streamlit as st

from pages._ui.shell import layout, state
from tl_core.freezing import estimates
from tl_core.freezing.outline import Outline
from tl_core.language import N_, _
from tl_core.networks.structure import Layer, spoken
from tl_core.workspace import Project

TYPES, NAMES, BATCH_NORM = "keep-types", "keep-names", "train-batch-norm"
WITHOUT, FROZEN = N_("no parameters"), N_("frozen")
STILL, TRAINS = N_("after the line, kept frozen"), N_("trains")


def show(project: Project, outline: Outline, frozen: int) -> None:
    """Show the layers of each block and what may be chosen for them. Nothing is drawn while closed."""
    box = layout.drawer(_("Layer by layer (advanced)"), "layers", ":material/layers:")
    if not box.open:
        return
    with box:
        if frozen == len(outline.blocks):
            st.caption(_("Only your new head trains. Move the freeze line to choose layers after it."))
        else:
            _choices(project, outline, frozen)
        _table(project, outline, frozen)


def keep_frozen(project: Project, outline: Outline) -> list[str]:
    """Return the names and types that stay frozen after the line, without those that this network does not have."""
    known = {name for layer in outline.layers for name in (layer.name, layer.type)}
    return [name for name in state.draft(project).keep_frozen if name in known]


def _choices(project: Project, outline: Outline, frozen: int) -> None:
    after = [layer for block in outline.blocks[frozen:] for layer in block.layers if _can_train(layer)]
    chosen = keep_frozen(project, outline)
    types = list(dict.fromkeys(layer.type for layer in after))
    names = [layer.name for layer in after if layer.type not in chosen]
    with st.container(key="layer-choices"):
        for key, label, offered in (
            (TYPES, _("Types of layers to keep frozen"), types),
            (NAMES, _("Single layers to keep frozen"), names),
        ):
            _select(project, key, label, offered, chosen)
        state.set_widget(BATCH_NORM, state.draft(project).train_batch_norm)
        st.toggle(
            _("Train the BatchNorm layers after the line"),
            key=BATCH_NORM,
            on_change=lambda: state.update_draft(project, train_batch_norm=bool(state.widget(BATCH_NORM))),
        )
        st.caption(
            _(
                "BatchNorm layers scale what passes through them by statistics of ImageNet's million pictures. With "
                "few pictures per step, new statistics are noisy and can quickly undo what the network has learned. "
                "Off is right for almost everyone."
            )
        )


def _can_train(layer: Layer) -> bool:
    return layer.parameters > 0 and layer.type != estimates.BATCH_NORM


def _select(project: Project, key: str, label: str, offered: list[str], chosen: list[str]) -> None:
    """Let a person choose among the offered. An earlier choice that is not offered now stays chosen."""
    state.set_widget(key, [name for name in offered if name in chosen])

    def changed() -> None:
        now = set(state.widget(key) or ())
        others = [name for name in chosen if name not in offered]
        state.update_draft(project, keep_frozen=(*others, *(name for name in offered if name in now)))

    st.multiselect(label, offered, key=key, on_change=changed, placeholder=_("None: all of them train"))


def _table(project: Project, outline: Outline, frozen: int) -> None:
    chosen, norm = keep_frozen(project, outline), state.draft(project).train_batch_norm
    rows = [
        {
            "block": f"{number}. {spoken(block.label)}",
            "layer": layer.name,
            "type": layer.type,
            "shape": " × ".join(map(str, layer.shape)),
            "parameters": layer.parameters,
            "state": _(FROZEN if number <= frozen and layer.parameters else _after(layer, chosen, norm)),
        }
        for number, block in enumerate(outline.blocks, 1)
        for layer in block.layers
    ]
    columns: dict[str, Any] = {
        "block": _("Block"),
        "layer": _("Layer"),
        "type": _("Type"),
        "shape": st.column_config.TextColumn(_("Output"), help=_("Height × width × channels.")),
        "parameters": st.column_config.NumberColumn(_("Parameters"), format="localized"),
        "state": _("While training"),
    }
    st.dataframe(rows, column_config=columns, hide_index=True, width="stretch", height=360)


def _after(layer: Layer, chosen: list[str], norm: bool) -> str:
    if not layer.parameters:
        return WITHOUT
    still = layer.name in chosen or layer.type in chosen
    trained = estimates.trainable_parameters(layer, train_batch_norm=norm)
    return STILL if still or not trained else TRAINS
