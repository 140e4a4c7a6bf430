"""The catalogue of networks as a page shows it: filter, choice, card, table."""

from typing import Any

import streamlit as st

from pages._ui.shell import jobs, state
from pages._ui.shell.jobs import Offer
from tl_core.freezing import speed
from tl_core.networks import catalogue, weights
from tl_core.networks.catalogue import Backbone
from tl_core.networks.weights import WeightsStatus
from tl_core.workspace import Project, Workspace

ORDERS = {
    "Size": lambda row: row["parameters"],
    "Accuracy": lambda row: -(row["top1"] or 0),
    "Speed here": lambda row: -(row["speed"] or 0),
}
STATES = {"here": "On this machine", "download": "Must be downloaded", "missing": "Cannot be had"}


def rows(workspace: Workspace, *, only_here: bool, order: str) -> list[dict[str, Any]]:
    """Return what the table shows of each network, in the order asked for."""
    measured = speed.speeds(workspace)
    found = []
    for network in catalogue.CATALOGUE:
        status = weights.status(network, workspace)
        if only_here and status.state != "here":
            continue
        rate = measured.get(network.id)
        found.append(
            {
                "id": network.id,
                "title": network.title,
                "advice": network.advice,
                "parameters": network.parameters,
                "megabytes": status.megabytes,
                "top1": network.top1,
                "speed": rate and rate.pictures_per_second,
                "weights": STATES[status.state],
            }
        )
    return sorted(found, key=ORDERS[order])


def choose(project: Project, found: list[dict[str, Any]]) -> Backbone:
    """Let a person choose one of the rows for the next run; the current choice is always among them."""
    current = catalogue.get(state.draft(project).backbone)
    titles = {row["id"]: f"{row['title']} — {row['advice']}" for row in found}
    titles.setdefault(current.id, current.title)
    binding = state.bound("network", current.id, lambda chosen: state.choose_backbone(project, chosen))
    st.selectbox("Network", list(titles), format_func=titles.__getitem__, **binding)
    state.choose_backbone(project, current.id)
    return current


def card(network: Backbone, status: WeightsStatus) -> None:
    """Show one network: figures with their source, weights and the buttons that belong to them."""
    rate = speed.speeds(state.workspace()).get(network.id)
    with st.container(border=True, key="network-card"):
        st.subheader(network.title, anchor=False)
        with st.container(horizontal=True):
            st.metric("Parameters", f"{network.parameters / 1e6:.1f} M")
            st.metric("ImageNet top-1", f"{network.top1:.1%}" if network.top1 else "not published")
            st.metric("Weights", f"{status.megabytes:.0f} MB")
            st.metric("Picture size", f"{network.default_size} px")
            st.metric("Speed here", f"{rate.pictures_per_second:.0f} / s" if rate else "not measured")
        st.caption(
            "Top-1 as published, of ImageNet's 50,000 validation pictures (95 % interval: within half a point; a guess "
            f"gets 0.1 %): {network.source}. Licence of the weights: {network.licence}."
        )
        _weights(network, status)
        offer = Offer("Measure the speed on this machine", ":material/speed:", "measure")
        jobs.panel("speed", "Measuring the speed", offer, **_args(network))


def _weights(network: Backbone, status: WeightsStatus) -> None:
    if status.state == "here":
        st.success(status.message, icon=":material/check_circle:")
        return
    st.warning(status.message, icon=":material/cloud_download:")
    if status.state == "download":
        label = f"Download the weights ({status.megabytes:.0f} MB)"
        offer = Offer(label, ":material/download:", "download", primary=True)
        jobs.panel("download", "Downloading the weights", offer, **_args(network))


def _args(network: Backbone) -> dict[str, str]:
    return {"backbone": network.id, "workspace": str(state.workspace().root)}


def table(found: list[dict[str, Any]]) -> None:
    """Show the rows for comparison."""
    columns = {
        "title": st.column_config.TextColumn("Network", pinned=True),
        "advice": "Good for",
        "parameters": st.column_config.NumberColumn("Parameters", format="compact"),
        "megabytes": st.column_config.NumberColumn("MB", format="%.0f"),
        "top1": st.column_config.NumberColumn("ImageNet top-1", format="percent"),
        "speed": st.column_config.NumberColumn("Pictures / s here", format="%.0f"),
        "weights": "Weights",
        "id": None,
    }
    st.dataframe(found, column_config=columns, hide_index=True, width="stretch")
