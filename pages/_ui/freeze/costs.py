"""What the freeze line costs: parameters, disk, time, from a speed that was measured on this machine."""

import streamlit as st

from pages._ui.freeze import layers
from pages._ui.shell import jobs, state
from pages._ui.shell.jobs import Offer
from tl_core import wording
from tl_core.dataset.manifest import Manifest
from tl_core.draft import Draft
from tl_core.freezing import estimates, speed
from tl_core.freezing.estimates import Data, Estimate
from tl_core.freezing.outline import Outline
from tl_core.freezing.speed import Speed
from tl_core.networks.catalogue import Backbone
from tl_core.workspace import Project


def data_of(draft: Draft, network: Backbone, pictures: Manifest) -> Data:
    """Return what the next run would train on, by the options chosen so far."""
    return Data.of(draft, network, train=len(pictures.split("train")), validation=len(pictures.split("validation")))


def costs(project: Project, network: Backbone, outline: Outline, frozen: int, data: Data, pictures: Manifest) -> None:
    """Show what it costs to freeze the first ``frozen`` blocks of a network."""
    draft, classes = state.draft(project), len(pictures.classes)
    measured = speed.load(state.workspace()).get(network.id)
    estimate = estimates.estimate(
        outline,
        frozen,
        data,
        head=draft.head_for(classes),
        classes=classes,
        speed=measured,
        keep_frozen=layers.keep_frozen(project, outline),
        train_batch_norm=draft.train_batch_norm,
    )
    _figures(estimate)
    _remarks(estimate, data, frozen)
    if measured:
        st.caption(_basis(measured, data))
    else:
        args = {"backbone": network.id, "workspace": str(state.workspace().root)}
        jobs.panel("speed", "Measuring the speed", _OFFER, **args)


def _figures(estimate: Estimate) -> None:
    counts = (("Trainable", estimate.trainable, _HELP["trainable"]), ("Frozen", estimate.frozen, _HELP["frozen"]))
    times = (("First pass", estimate.first_pass, _HELP["first"]), ("Each epoch", estimate.epoch, _HELP["epoch"]))
    with st.container(key="freeze-costs"):
        for column, (label, number, text) in zip(st.columns(2, wrap=False), counts, strict=True):
            value = wording.count(number)
            column.metric(label, value, "parameters", delta_color="off", delta_arrow="off", help=text)
        for column, (label, seconds, text) in zip(st.columns(2, wrap=False), times, strict=True):
            column.metric(label, _time(seconds), help=text)
        st.metric("Cache on disk", wording.size(estimate.cache_bytes), help=_HELP["cache"])


def _time(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    return wording.estimate(seconds) if seconds else "none"


def _remarks(estimate: Estimate, data: Data, frozen: int) -> None:
    if data.live:
        time = f" and takes {wording.estimate(estimate.epoch)}" if estimate.epoch else ""
        st.warning(
            "Augmentation changes your pictures in every epoch, so the output of the frozen part cannot be cached. "
            f"Every epoch runs all of it again{time}.",
            icon=":material/shuffle:",
        )
    if not frozen:
        st.caption("First only the head trains. Then every epoch runs and trains the whole network.")
    elif data.augmented and not data.live:
        copies = wording.plural(data.variants, "augmented copy", "augmented copies")
        st.caption(f"With {copies} of each training picture.")


def _basis(measured: Speed, data: Data) -> str:
    return (
        f"Times are estimates for {wording.number(data.train)} training and {wording.number(data.validation)} "
        f"validation pictures of {data.size} px. This machine runs the whole network on "
        f"{wording.per_second(measured.pictures_per_second)} pictures a second."
    )


_OFFER = Offer(
    "Measure the speed on this machine",
    ":material/speed:",
    "measure",
    "There are no times yet: the speed of this network has not been measured on this machine.",
)
_HELP = {
    "trainable": "Numbers in the network that training changes, including those of your head.",
    "frozen": "These never change. After the freeze line, BatchNorm layers stay fixed too unless you choose to train "
    "them.",
    "first": "Before the head trains, every picture goes through the whole network once. "
    "If blocks train after that, every picture also goes through the frozen part once.",
    "epoch": "One epoch goes through all training pictures once. This one trains everything after the freeze line.",
    "cache": "The output of the frozen part for each picture, so that it need not run again in every epoch.",
}
