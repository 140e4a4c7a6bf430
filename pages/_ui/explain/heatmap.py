"""The evidence for a class in a picture (Grad-CAM), and whether covering that part changes the answer."""

from pathlib import Path

import streamlit as st

from pages._ui.explain import asked
from pages._ui.shell import layout, state
from tl_core.explain import heatmap, overlay
from tl_core.explain.heatmap import Heat, HeatMap
from tl_core.explain.occlusion import LITTLE, Occlusion, Sweep
from tl_core.language import N_, _
from tl_core.runs import RunFolder
from tl_core.wording import certainty, percent

SIDE = 560


def show(run: RunFolder, picture: bytes | str, key: str, first: str | None = None) -> None:
    """Show the map of a class over a picture, and the check by covering.

    Args:
        run: whose model is asked.
        picture: the content of a picture file, or its path.
        key: of the widgets.
        first: the class that is shown first; None for the most probable one.
    """
    with st.spinner(_("Looking for the evidence …")):
        predicted: HeatMap = asked.ask("grad-cam", run, picture, None)
    shares = predicted.probabilities
    order = sorted(shares, key=lambda label: -shares[label])
    left, right = st.columns(2, gap="medium")
    with left:
        choice = state.kept(f"why-{key[:12]}", first or order[0], order)
        label = st.selectbox(
            _("Evidence for"), order, format_func=lambda each: f"{each} · {certainty(shares[each])}", **choice
        )
        _map(picture, predicted if label == predicted.label else asked.ask("grad-cam", run, picture, label))
    with right:
        choice = state.kept(f"cover-{key[:12]}", False)
        if st.toggle(_("Check the map: cover parts of the picture"), help=_(CHECK), **choice):
            with st.spinner(_("Covering …")):
                _covered(picture, label, asked.ask("cover", run, picture, label))
        else:
            st.caption(_("Where the answer falls when a part is covered, the part mattered."))


CHECK = N_(
    "The map on the left comes from inside the network. This check asks the network again and again, each time with "
    "one part of the picture covered."
)
READING = N_(
    "The line surrounds the strongest fifth of the map. The map shows where the evidence is, not how much there is: "
    "its brightest place always looks the same."
)


def _map(picture: bytes | str, shown: HeatMap) -> None:
    name = layout.escape(shown.label)
    if not shown.heat.any():
        st.image(_drawn(picture, shown.heat), alt=_("The picture in greys, without a map"), width="stretch")
        words = _("The last feature map holds no evidence for **{name}**, so there is no map to draw.")
        st.info(words.format(name=name))
        return
    where = heatmap.where(shown.heat)
    alt = _("The strongest evidence for {label} is {where}").format(label=shown.label, where=where)
    st.image(_drawn(picture, shown.heat), alt=alt, width="stretch")
    words = _("Bright areas are evidence for **{name}**. The strongest is {where}.")
    st.caption(words.format(name=name, where=where), help=_(READING))


def _covered(picture: bytes | str, label: str, occlusion: Occlusion) -> None:
    _sweep(picture, label, occlusion.sweep)
    if occlusion.check is not None:
        measured, verdict = occlusion.check.sentences(label)
        st.markdown(f"{layout.escape(measured)} **{layout.escape(verdict)}**")


def _sweep(picture: bytes | str, label: str, sweep: Sweep) -> None:
    name = layout.escape(label)
    tried = _("{side} × {side} places were tried.").format(side=sweep.positions)
    if not sweep.heat.any():
        alt = _("The picture in greys: no covered place matters")
        st.image(_drawn(picture, sweep.heat), alt=alt, width="stretch")
        words = _(
            "Covering any one place costs **{name}** no more than {share}: the answer does not depend on a single "
            "place."
        )
        st.caption(f"{words.format(name=name, share=percent(LITTLE))} {tried}")
        return
    before, lowest = percent(sweep.before), percent(sweep.lowest)
    alt = _("Covering a place costs {label} most {where}: from {before} to {lowest}").format(
        label=label, where=heatmap.where(sweep.heat), before=before, lowest=lowest
    )
    st.image(_drawn(picture, sweep.heat, outlined=False), alt=alt, width="stretch")
    words = _("Covering the brightest place lowers **{name}** from {before} to {lowest}.")
    st.caption(f"{words.format(name=name, before=before, lowest=lowest)} {tried}")


@st.cache_data(max_entries=200, show_spinner=False)
def _drawn(picture: bytes | str, heat: Heat, outlined: bool = True) -> bytes:
    return overlay.overlay(picture if isinstance(picture, bytes) else Path(picture), heat, SIDE, outlined=outlined)
