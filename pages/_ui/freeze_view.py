"""The freeze line and the head, as widgets. The drawing of the network takes its place in ``line``."""

from dataclasses import replace
from typing import Any

import streamlit as st

from pages._ui import state
from tl_core import outline
from tl_core.catalogue import Backbone
from tl_core.recipe import Head

PRESETS = {
    "all": "Only my new head trains",
    "some": "The top blocks train too",
    "none": "Everything trains",
}
ADVICE = {
    "all": "Fastest, and hard to get wrong. The right start, and often all that is needed below 1,000 pictures.",
    "some": "First the head, then the blocks above the line at a very low rate. For unusual pictures.",
    "none": "Slowest, and forgets most easily. For thousands of pictures.",
}


def line(network: Backbone, current: str) -> str:
    """Let a person choose the freeze line and return it: ``"all"``, ``"none"`` or the id of the last frozen block."""
    preset = st.radio(
        "What trains",
        list(PRESETS),
        index=list(PRESETS).index(current if current in ("all", "none") else "some"),
        format_func=PRESETS.__getitem__,
        captions=list(ADVICE.values()),
    )
    return preset if preset in ("all", "none") else _block(network, current)


def _block(network: Backbone, current: str) -> str:
    drawn = outline.kept(state.workspace(), network.id)
    if drawn is None:
        with st.spinner(f"Looking at the blocks of {network.title} …"):
            drawn = state.engine().ask("tl_core.outline:draw", str(state.workspace().root), network.id)
    blocks = drawn["blocks"]
    lines = blocks[:-1]
    ids = [block["id"] for block in lines]
    start = current if current in ids else ids[len(ids) * 2 // 3]
    chosen = st.select_slider(
        "Freeze up to and with block",
        ids,
        value=start,
        format_func=lambda id_: f"{ids.index(id_) + 1} of {len(blocks)}",
        help="Left is close to the picture, right is close to the answer.",
    )
    at = ids.index(chosen) + 1
    frozen, trained = (sum(block["parameters"] for block in part) for part in (blocks[:at], blocks[at:]))
    with st.container(horizontal=True):
        st.metric("Frozen", f"{at} blocks", f"{frozen / 1e6:.2f} M parameters", delta_color="off", delta_arrow="off")
        st.metric(
            "Trained",
            f"{len(blocks) - at} blocks",
            f"{trained / 1e6:.2f} M parameters",
            delta_color="off",
            delta_arrow="off",
        )
    return str(chosen)


def chosen_head(draft: dict[str, Any], *, two_classes: bool) -> Head:
    """Return the head that was chosen so far; more than two classes have a softmax, whatever was chosen before."""
    chosen = Head(**{"activation": "sigmoid", **draft.get("head", {})})
    return chosen if two_classes else replace(chosen, activation="softmax")


def head(start: Head, *, two_classes: bool) -> dict[str, Any]:
    """Let a person choose the head and return it as the entries of ``recipe.Head``."""
    activation = start.activation
    hidden = st.select_slider(
        "Hidden layer",
        [0, 32, 64, 128, 256, 512],
        value=start.hidden,
        format_func=lambda units: f"{units} units" if units else "none",
        help="One more layer between the network and the answer. More to learn with, more to over-fit with.",
    )
    dropout = st.slider(
        "Dropout",
        0.0,
        0.8,
        start.dropout,
        0.05,
        help="Share of the units silenced while training: works against over-fitting.",
    )
    with st.expander("Pooling and output"):
        pooling = st.selectbox(
            "Pooling",
            ["average", "max", "flatten"],
            index=["average", "max", "flatten"].index(start.pooling),
            help="How the last feature map becomes one row of numbers. Average is right for almost everything.",
        )
        if two_classes:
            activation = st.selectbox(
                "Output",
                ["sigmoid", "softmax"],
                index=["sigmoid", "softmax"].index(activation),
                help="Sigmoid with binary cross-entropy is usual for two classes; softmax gives the same answers.",
            )
        else:
            st.markdown("Output: softmax with categorical cross-entropy, as there are more than two classes.")
    return {"pooling": pooling, "hidden": hidden, "dropout": dropout, "activation": activation}
