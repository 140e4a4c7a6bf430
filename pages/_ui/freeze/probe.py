"""The layer probe: how far a simple classifier gets behind each block, and the line that this suggests."""

from typing import Any

import streamlit as st

from pages._ui.freeze import freeze_picker
from pages._ui.shell import jobs, layout, state
from pages._ui.shell.jobs import Offer
from tl_core.dataset.manifest import Manifest
from tl_core.freezing import estimates
from tl_core.metrics.intervals import percent
from tl_core.networks import weights
from tl_core.networks.catalogue import Backbone
from tl_core.workspace import Project


def curve(found: dict[str, Any] | None, outlined: dict[str, Any]) -> dict[str, Any] | None:
    """Return the accuracies of a probe as the picker draws them, None where there are none for these blocks."""
    places = {block["id"]: number for number, block in enumerate(outlined["blocks"])}
    measured = {places[each["id"]]: each for each in found["blocks"] if each["id"] in places} if found else {}
    if not found or not measured:
        return None
    labels = [block["label"] for block in outlined["blocks"]]
    told = "; ".join(f"{labels[at]} {percent(each['accuracy'])}" for at, each in sorted(measured.items()))
    legend = "Accuracy of a simple classifier behind each block"
    return freeze_picker.probe_curve(
        {at: each["accuracy"] for at, each in measured.items()},
        estimates.frozen_blocks(outlined, found["suggested"]),
        legend=f"{legend}, on {found['n']} pictures",
        alt=f"{legend}, measured on {found['n']} pictures: {told}.",
    )


def show(
    project: Project,
    network: Backbone,
    outlined: dict[str, Any],
    found: dict[str, Any] | None,
    *,
    size: int,
    pictures: Manifest,
) -> None:
    """Show what the probe found, or its progress, or the button that starts it."""
    st.subheader("Which line suits your pictures?", anchor=False)
    with st.container(key="probe"):
        if found:
            _result(project, outlined, found)
        elif here(network):
            args = {"backbone": network.id, "size": size, "manifest": pictures.version}
            jobs.panel("probe", "Probing the blocks", _OFFER, project=str(project.folder), **args)


def here(network: Backbone) -> bool:
    """Return whether the weights of a network are on this machine; if not, say so with a link."""
    status = weights.status(network, state.workspace())
    if status.state == "here":
        return True
    st.warning(f"This needs the weights of {network.title}. {status.message}", icon=":material/cloud_download:")
    layout.link("network", "Go to Network")
    return False


def _result(project: Project, outlined: dict[str, Any], found: dict[str, Any]) -> None:
    st.markdown(layout.escape(found["why"]))
    at = estimates.frozen_blocks(outlined, found["suggested"])
    chosen = estimates.frozen_blocks(outlined, state.draft(project).line)
    st.caption(_certainty(outlined, found, at))
    label = "This is your line" if chosen == at else "Use this line"
    st.button(
        label,
        icon=":material/check:" if chosen == at else ":material/ac_unit:",
        disabled=chosen == at,
        key="use-suggested",
        on_click=lambda: state.update_draft(project, freeze=estimates.lines(outlined)[at]),
    )


def _certainty(outlined: dict[str, Any], found: dict[str, Any], at: int) -> str:
    """Return how far the accuracy at the suggested line is to be trusted, or of the best block where it has none."""
    line = outlined["blocks"][at - 1]["id"] if at else None
    best = max(found["blocks"], key=lambda each: each["accuracy"])
    shown = next((each for each in found["blocks"] if each["id"] == line), best)
    low, high = shown["interval"]
    where = "There" if shown["id"] == line else "At its best"
    return (
        f"Trained on {found['train']:,} pictures and measured on {found['n']:,} others, none from the test part. "
        f"{where} it was right in {percent(shown['accuracy'])}; with so many pictures the true figure likely lies "
        f"between {percent(low)} and {percent(high)}. Always naming the most frequent class is right in "
        f"{percent(found['chance'])}. Points that are closer together than that may be equal."
    )


_OFFER = Offer(
    "Probe the blocks",
    ":material/troubleshoot:",
    "start-probe",
    "A simple classifier is trained on what each block makes of your pictures. How often it is right shows up to "
    "where the network already knows what your classes need.",
)
