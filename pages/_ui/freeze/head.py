"""The new layers on top of the network, as widgets."""

from dataclasses import replace
from typing import Any, get_args

import streamlit as st

from pages._ui.shell import layout, state
from tl_core import wording
from tl_core.language import N_, _
from tl_core.recipe import Activation
from tl_core.tasks import table
from tl_core.workspace import Project

HIDDEN = (0, 32, 64, 128, 256, 512)
POOLINGS = {"average": N_("average"), "max": N_("max"), "flatten": N_("flatten"), "first": N_("first word piece")}
ACTIVATIONS = {"softmax": N_("softmax"), "sigmoid": N_("sigmoid")}


def choose(project: Project, classes: int) -> None:
    """Let a person choose the head of the next run.

    Args:
        project: whose next run it is.
        classes: how many it tells apart.
    """
    draft = state.draft(project)
    head = draft.head_for(classes)

    def bound(field: str, **more: Any) -> Any:
        def save(value: Any) -> None:
            state.update_draft(project, head=replace(state.draft(project).head, **{field: value}))

        return state.bound(f"head-{field}", getattr(head, field), save, **more)

    st.select_slider(
        _("Hidden layer"),
        sorted({*HIDDEN, head.hidden}),
        format_func=lambda units: wording.plural(units, "unit", "units") if units else _("none"),
        help=_("One more layer between the network and the answer. It can learn more, and overfit more."),
        **bound("hidden"),
    )
    most = max(0.8, head.dropout)
    st.slider(
        _("Dropout"),
        0.0,
        most,
        step=0.05,
        help=_(
            "Share of the units switched off at random while training. Works against overfitting. Logistic "
            "regression, by which a head without a hidden layer learns, has a penalty instead."
        ),
        disabled=draft.convex and draft.line == "all",
        **bound("dropout", bounds=(0.0, most)),
    )
    with layout.drawer(_("Expert: pooling and output"), "head-expert"):
        st.selectbox(
            _("Pooling"),
            table.of(project).poolings,
            format_func=lambda pooling: _(POOLINGS[pooling]),
            help=_("How the last feature map becomes one row of numbers. Average suits almost everything."),
            **bound("pooling", options=POOLINGS),
        )
        st.toggle(
            _("Show the features through a tanh, too"),
            help=_(
                "A weak sign of something then counts nearly as much as a strong one. It helped with most pictures."
            ),
            **bound("saturated"),
        )
        st.toggle(
            _("Centre the features"),
            help=_(
                "Fits their middle and size to your pictures first. It helps most where pictures are few. Without it, "
                "a learning rate of 0.01 is right."
            ),
            **bound("centred"),
        )
        if head.several:
            st.markdown(_("Output: a sigmoid with binary cross-entropy for each label, because there may be several."))
        elif classes == 2:
            st.selectbox(
                _("Output"),
                get_args(Activation),
                format_func=lambda activation: _(ACTIVATIONS[activation]),
                help=_("Sigmoid with binary cross-entropy is usual for two classes. Softmax gives the same answers."),
                **bound("activation", options=ACTIVATIONS),
            )
        else:
            st.markdown(_("Output: softmax with categorical cross-entropy, because there are more than two classes."))
