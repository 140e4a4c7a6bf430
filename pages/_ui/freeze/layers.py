"""The layers one by one: what they are, and which of those behind the line stay frozen all the same."""

from typing import Any

import streamlit as st

from pages._ui.shell import state
from tl_core.freezing import estimates
from tl_core.workspace import Project

TYPES, NAMES, BATCH_NORM = "keep-types", "keep-names", "train-batch-norm"
WITHOUT, FROZEN, KEPT, TRAINS = "has no parameters", "frozen", "behind the line, stays frozen", "trains"


def show(project: Project, outlined: dict[str, Any], frozen: int) -> None:
    """Show the layers of each block and what may be chosen for them. Nothing is drawn while closed."""
    box = st.expander("Layer by layer (advanced)", icon=":material/layers:", on_change="rerun", key="layers")
    if not box.open:
        return
    with box:
        if frozen == len(outlined["blocks"]):
            st.caption("Only your new head trains. Move the line to choose among the layers behind it.")
        else:
            _choices(project, outlined, frozen)
        _table(project, outlined, frozen)


def kept(project: Project, outlined: dict[str, Any]) -> list[str]:
    """Return the names and types that stay frozen behind the line, without those that this network does not have."""
    layers = [layer for block in outlined["blocks"] for layer in block["layers"]]
    known = {layer[field] for layer in layers for field in ("name", "type")}
    return [name for name in state.draft(project).keep_frozen if name in known]


def _choices(project: Project, outlined: dict[str, Any], frozen: int) -> None:
    behind = [layer for block in outlined["blocks"][frozen:] for layer in block["layers"] if _can_train(layer)]
    chosen = kept(project, outlined)
    types = list(dict.fromkeys(layer["type"] for layer in behind))
    names = [layer["name"] for layer in behind if layer["type"] not in chosen]
    with st.container(key="layer-choices"):
        for key, label, offered in (
            (TYPES, "Types of layers to keep frozen", types),
            (NAMES, "Single layers to keep frozen", names),
        ):
            _keep(project, key, label, offered, chosen)
        state.set_widget(BATCH_NORM, state.draft(project).train_batch_norm)
        st.toggle(
            "Let BatchNorm layers behind the line train",
            key=BATCH_NORM,
            on_change=lambda: state.update_draft(project, train_batch_norm=bool(state.widget(BATCH_NORM))),
        )
        st.caption(
            "BatchNorm layers scale what passes through them by statistics of the million pictures of ImageNet. With "
            "few pictures per step new statistics are noisy, and can undo within a few steps what the network knows. "
            "Off is right for nearly everybody."
        )


def _can_train(layer: dict[str, Any]) -> bool:
    return layer["parameters"] > 0 and layer["type"] != estimates.BATCH_NORM


def _keep(project: Project, key: str, label: str, offered: list[str], chosen: list[str]) -> None:
    """Let a person choose among the offered; what was chosen before and is not offered now stays chosen."""
    state.set_widget(key, [name for name in offered if name in chosen])

    def changed() -> None:
        now = set(state.widget(key) or ())
        others = [name for name in chosen if name not in offered]
        state.update_draft(project, keep_frozen=(*others, *(name for name in offered if name in now)))

    st.multiselect(label, offered, key=key, on_change=changed, placeholder="None: all of them train")


def _table(project: Project, outlined: dict[str, Any], frozen: int) -> None:
    chosen, norm = kept(project, outlined), state.draft(project).train_batch_norm
    rows = [
        {
            "block": f"{number}. {block['label']}",
            "layer": layer["name"],
            "type": layer["type"],
            "shape": " × ".join(map(str, layer["shape"])),
            "parameters": layer["parameters"],
            "state": FROZEN if number <= frozen and layer["parameters"] else _behind(layer, chosen, norm),
        }
        for number, block in enumerate(outlined["blocks"], 1)
        for layer in block["layers"]
    ]
    columns = {
        "block": "Block",
        "layer": "Layer",
        "type": "Type",
        "shape": st.column_config.TextColumn("Gives", help="Height × width × channels."),
        "parameters": st.column_config.NumberColumn("Parameters", format="localized"),
        "state": "While training",
    }
    st.dataframe(rows, column_config=columns, hide_index=True, width="stretch", height=360)


def _behind(layer: dict[str, Any], chosen: list[str], norm: bool) -> str:
    if not layer["parameters"]:
        return WITHOUT
    still = layer["name"] in chosen or layer["type"] in chosen
    trained = estimates.trainable_parameters(layer, train_batch_norm=norm)
    return KEPT if still or not trained else TRAINS
