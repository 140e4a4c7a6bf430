"""The catalogue of networks as a page shows it: filter, choice, card, table."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from pages._ui.shell import jobs, state, tables
from pages._ui.shell.jobs import Offer
from tl_core import wording
from tl_core.freezing import speed
from tl_core.freezing.speed import Speed
from tl_core.language import N_, _
from tl_core.networks import catalogue, weights
from tl_core.networks.catalogue import Backbone
from tl_core.networks.weights import WeightsStatus
from tl_core.workspace import Project, Workspace

STATES = {"here": N_("On this machine"), "download": N_("Must be downloaded"), "missing": N_("Not available")}
NOT_MEASURED = N_("not measured")
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


def rows(workspace: Workspace, *, only_here: bool, order: str) -> list[Row]:
    """Return the networks that the page offers, in that order."""
    speeds = speed.load(workspace)
    every = [_row(network, workspace, speeds.get(network.id)) for network in catalogue.CATALOGUE]
    return sorted((row for row in every if not only_here or row.status.state == "here"), key=ORDERS[order])


def _row(network: Backbone, workspace: Workspace, measured: Speed | None) -> Row:
    return Row(network, weights.status(network, workspace), measured.pictures_per_second if measured else None)


def choose(project: Project, offered: list[Row]) -> Backbone:
    """Let a person choose the network of the next run; the current choice is always offered."""
    current = catalogue.get(state.draft(project).backbone)
    titles = {row.network.id: f"{row.network.title} — {_(row.network.advice)}" for row in offered}
    titles.setdefault(current.id, current.title)
    binding = state.bound("network", current.id, lambda chosen: state.choose_backbone(project, chosen))
    st.selectbox(_("Network"), list(titles), format_func=titles.__getitem__, **binding)
    state.choose_backbone(project, current.id)
    return current


def card(network: Backbone, status: WeightsStatus) -> None:
    """Show one network: figures with their source, weights and the buttons that belong to them."""
    measured = speed.load(state.workspace()).get(network.id)
    head = wording.count(network.parameters - network.backbone_parameters)
    with st.container(border=True, key="network-card"):
        st.header(network.title, anchor=False)
        with st.container(horizontal=True):
            st.metric(_("Parameters"), wording.count(network.parameters))
            st.metric(_(ACCURACY), wording.percent(network.top1, IMAGENET_PICTURES), help=_(_ACCURACY))
            st.metric(_("Weights"), wording.size(status.size))
            st.metric(_("Picture size"), f"{network.default_size} px")
            st.metric(
                _("Pictures per second"), _speed(measured.pictures_per_second if measured else None), help=_(_SPEED)
            )
        # Not a caption: a link in one is too pale.
        about = _(
            "{head} of the parameters are the network's own head, which yours replaces. "
            "Accuracy as published: {source}. Licence of the weights: {licence}."
        ).format(head=head, source=network.source, licence=network.licence)
        st.markdown(f":small[{about}]")
        _weights(network, status)
        offer = Offer(_("Measure the speed on this machine"), ":material/speed:", "measure")
        jobs.panel("speed", _("Measuring the speed"), offer, **_args(network))


def _speed(pictures_per_second: float | None) -> str:
    return wording.per_second(pictures_per_second) if pictures_per_second else _(NOT_MEASURED)


def _weights(network: Backbone, status: WeightsStatus) -> None:
    if status.state == "here":
        st.success(_(status.message), icon=":material/check_circle:")
        return
    st.warning(_(status.message), icon=":material/cloud_download:")
    if status.state == "download":
        label = _("Download the weights ({size})").format(size=wording.size(status.size))
        offer = Offer(label, ":material/download:", "download", primary=True)
        jobs.panel("download", _("Downloading the weights"), offer, **_args(network))


def _args(network: Backbone) -> dict[str, str]:
    return {"backbone": network.id, "workspace": str(state.workspace().root)}


def table(offered: list[Row]) -> None:
    """Show the networks for comparison."""
    columns = {
        "title": st.column_config.TextColumn(_("Network"), pinned=True),
        "parameters": _("Parameters"),
        "top1": st.column_config.NumberColumn(_(ACCURACY), help=_(_ACCURACY)),
        "speed": st.column_config.TextColumn(_("Pictures per second"), help=_(_SPEED)),
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
            "speed": _speed(row.speed),
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


_SPEED = N_("How fast this machine runs the whole network.")
_ACCURACY = N_(
    "How often the network names the right one of 1,000 things, on ImageNet's 50,000 validation pictures. "
    "The 95% interval is within half a point. A guess is right in 0.1%."
)
