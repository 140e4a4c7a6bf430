"""The catalogue of networks as a page shows it: filter, choice, card, table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages._ui.network import measured
from pages._ui.shell import jobs, layout, state, tables
from pages._ui.shell.jobs import Offer
from tl_core import wording
from tl_core.language import N_, _
from tl_core.networks import catalogue, weights
from tl_core.networks.catalogue import Backbone
from tl_core.networks.weights import WeightsStatus
from tl_core.tasks import table as tasks
from tl_core.workspace import Project, Workspace

STATES = {"here": N_("On this machine"), "download": N_("Must be downloaded"), "missing": N_("Not available")}
ACCURACY = N_("Accuracy on everyday things")
#: That the published accuracies were counted from.
IMAGENET_PICTURES = 50_000


@dataclass(frozen=True)
class Row:
    """A network as the page shows it.

    Attributes:
        network: a row of the catalogue.
        status: whether its weights are on this machine.
        speed: pictures per second on this machine, None if not measured.
    """

    network: Backbone
    status: WeightsStatus
    speed: float | None


ORDERS: dict[str, Callable[[Row], float]] = {
    N_("Size"): lambda row: row.network.parameters,
    N_("Accuracy"): lambda row: -row.network.top1,
    N_("Speed"): lambda row: -(row.speed or 0),
}


def show(project: Project) -> None:
    """Let a person choose among the networks for pictures, and show what is known of them."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        offline = st.toggle(_("Only networks that work without a download"), **state.kept("offline", True))
        orders = list(ORDERS)
        order = st.segmented_control(
            _("Sort by"),
            orders,
            required=True,
            width="content",
            format_func=_,
            **state.kept("network-order", "Size", orders),
        )
    every, unfit = rows(state.workspace(), only_here=offline, order=order), tasks.of(project).unfit
    offered = [row for row in every if row.network.family not in unfit]
    network = choose(project, offered)
    for reason in dict.fromkeys(unfit.values()):
        named = [row.network.title for row in every if unfit.get(row.network.family) == reason]
        if named:
            st.caption(_(reason).format(networks=wording.listed(named)))
    card(network, weights.status(network, state.workspace()), state.draft(project).image_size)
    if "shootout" in tasks.of(project).experiments:
        layout.link("experiments", _("Compare them on your own pictures"), icon=":material/science:")
    with layout.drawer(_("Compare all of them in a table"), "networks-table", ":material/table_rows:") as drawer:
        if drawer.open:
            table(offered)


def rows(workspace: Workspace, *, only_here: bool, order: str) -> list[Row]:
    """Return the networks that the page offers, in that order."""
    every = [_row(network, workspace) for network in catalogue.CATALOGUE]
    return sorted((row for row in every if not only_here or row.status.state == "here"), key=ORDERS[order])


def _row(network: Backbone, workspace: Workspace) -> Row:
    return Row(network, weights.status(network, workspace), measured.of(network.id))


def choose(project: Project, offered: list[Row]) -> Backbone:
    """Let a person choose the network of the next run; the current choice is always offered."""
    current = catalogue.get(state.draft(project).backbone)
    titles = {row.network.id: f"{row.network.title} — {_(row.network.advice)}" for row in offered}
    titles.setdefault(current.id, current.title)
    binding = state.bound("network", current.id, lambda chosen: state.choose_backbone(project, chosen), options=titles)
    st.selectbox(_("Network"), list(titles), format_func=titles.__getitem__, **binding)
    state.choose_backbone(project, current.id)
    return current


def card(network: Backbone, status: WeightsStatus, size: int | None) -> None:
    """Show one network: figures with their source, weights and the buttons that belong to them.

    Args:
        network: the network.
        status: of its weights.
        size: at which it will see the pictures, in pixels; None for its own.
    """
    head = wording.count(network.parameters - network.backbone_parameters)
    with st.container(border=True, key="network-card"):
        st.header(network.title, anchor=False)
        with st.container(horizontal=True):
            st.metric(_("Parameters"), wording.count(network.parameters))
            st.metric(_(ACCURACY), wording.percent(network.top1, IMAGENET_PICTURES), help=_(_ACCURACY))
            st.metric(_("Weights"), wording.size(status.size))
            st.metric(_("Picture size"), f"{size or network.default_size} px")
            measured.metric(network.id)
        # Not a caption: a link in one is too pale.
        about = _(
            "{head} of the parameters are the network's own head, which yours replaces. "
            "Accuracy as published: {source}. Licence of the weights: {licence}."
        ).format(head=head, source=network.source, licence=network.licence)
        st.markdown(f":small[{about}]")
        _weights(network, status)
        measured.panel(network.id)


def _weights(network: Backbone, status: WeightsStatus) -> None:
    if status.state == "here":
        st.success(_(status.message), icon=":material/check_circle:")
        return
    st.warning(_(status.message), icon=":material/cloud_download:")
    if status.state == "download":
        label = _("Download the weights ({size})").format(size=wording.size(status.size))
        offer = Offer(label, ":material/download:", "download", primary=True)
        args = {"backbone": network.id, "workspace": str(state.workspace().root)}
        jobs.panel("download", _("Downloading the weights"), offer, **args)


def table(offered: list[Row]) -> None:
    """Show the networks for comparison."""
    columns: dict[str, Any] = {
        "title": st.column_config.TextColumn(_("Network"), pinned=True),
        "parameters": _("Parameters"),
        "top1": st.column_config.NumberColumn(_(ACCURACY), help=_(_ACCURACY)),
        "speed": st.column_config.TextColumn(_("Pictures per second"), help=_(measured.HELP)),
        "weights": st.column_config.TextColumn(_("Weights"), width=150),
        "size": _("Size of the weights"),
        "advice": _("Good for"),
    }
    values = [
        {
            "title": row.network.title,
            "advice": _(row.network.advice),
            "parameters": row.network.parameters,
            "weights": _(STATES[row.status.state]),
            "size": wording.size(row.status.size),
            "top1": row.network.top1,
            "speed": measured.words(row.speed),
        }
        for row in offered
    ]
    words = {"parameters": wording.count, "top1": lambda share: wording.percent(share, IMAGENET_PICTURES)}
    st.dataframe(
        tables.worded(values, words),
        column_config=columns,
        column_order=list(columns),
        hide_index=True,
        width="stretch",
    )


_ACCURACY = N_(
    "How often the network names the right one of 1,000 things, on ImageNet's 50,000 validation pictures. "
    "The 95% interval is within half a point. A guess is right in 0.1%."
)
