"""What the freeze line costs: parameters, disk, time, from a speed that was measured on this machine."""

from typing import Any

import streamlit as st

from pages._ui.freeze import layers, words
from pages._ui.shell import jobs, state
from pages._ui.shell.jobs import Offer
from tl_core.dataset.manifest import Manifest
from tl_core.freezing import estimates, speed
from tl_core.freezing.estimates import Data, Estimate
from tl_core.freezing.speed import Speed
from tl_core.networks.catalogue import Backbone
from tl_core.recipe import Draft
from tl_core.workspace import Project


def data_of(draft: Draft, network: Backbone, pictures: Manifest) -> Data:
    """Return what would be trained on by the options chosen so far."""
    return Data.of(draft, network, train=len(pictures.split("train")), validation=len(pictures.split("validation")))


def costs(
    project: Project, network: Backbone, outlined: dict[str, Any], frozen: int, data: Data, pictures: Manifest
) -> None:
    """Show what it costs to freeze so many blocks of a network."""
    draft, classes = state.draft(project), len(pictures.classes)
    measured = speed.speeds(state.workspace()).get(network.id)
    found = estimates.estimate(
        outlined,
        frozen,
        data,
        head=draft.head_for(classes),
        classes=classes,
        speed=measured,
        keep_frozen=layers.kept(project, outlined),
        train_batch_norm=draft.train_batch_norm,
    )
    _figures(found)
    _remarks(found, data, frozen)
    if measured:
        st.caption(_basis(measured, data))
    else:
        args = {"backbone": network.id, "workspace": str(state.workspace().root)}
        jobs.panel("speed", "Measuring the speed", _OFFER, **args)


def _figures(found: Estimate) -> None:
    counts = (("Trainable", found.trainable, _HELP["trainable"]), ("Frozen", found.frozen, _HELP["frozen"]))
    times = (("First look", found.first_pass, _HELP["first"]), ("Each epoch", found.epoch, _HELP["epoch"]))
    with st.container(key="freeze-costs"):
        for column, (label, number, text) in zip(st.columns(2, wrap=False), counts, strict=True):
            value = words.count(number)
            column.metric(label, value, "parameters", delta_color="off", delta_arrow="off", help=text)
        for column, (label, seconds, text) in zip(st.columns(2, wrap=False), times, strict=True):
            column.metric(label, _time(seconds), help=text)
        st.metric("Kept on disk", words.size(found.kept_bytes), help=_HELP["kept"])


def _time(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    return words.about(seconds) if seconds else "none"


def _remarks(found: Estimate, data: Data, frozen: int) -> None:
    if data.live:
        again = "every epoch runs all of it again" + (f" and takes {words.about(found.epoch)}" if found.epoch else "")
        st.warning(
            "Your pictures are changed anew in every epoch (Augmentation, on the Train page), so what the frozen part "
            f"makes of them cannot be kept: {again}.",
            icon=":material/shuffle:",
        )
    if not frozen:
        st.caption(
            "Nothing is frozen: first the head alone learns from what the network makes of your pictures as it is, "
            "then every epoch runs and trains the whole network."
        )
    elif data.augmented and not data.live:
        st.caption(f"With {data.variants} kept versions of every training picture.")


def _basis(measured: Speed, data: Data) -> str:
    return (
        f"Times are estimates, from {measured.pictures_per_second:.0f} pictures a second measured on this machine, "
        f"for {data.train:,} training and {data.validation:,} validation pictures of {data.size} px."
    )


_OFFER = Offer(
    "Measure the speed on this machine",
    ":material/speed:",
    "measure",
    "How long it takes is not known yet: the speed of this network was not measured on this machine.",
)
_HELP = {
    "trainable": "Numbers in the network that change while training. Those of your head count, too.",
    "frozen": "They stay exactly as they are. Behind the line, BatchNorm layers do so, too, unless you let them train.",
    "first": "Before the head trains, the whole network looks at every picture once. Before what lies behind the line "
    "trains, the frozen part does so, too.",
    "epoch": "One epoch goes through all training pictures once. This one trains all that lies behind the line.",
    "kept": "What the frozen part made of each picture, so that it need not run again in every epoch.",
}
