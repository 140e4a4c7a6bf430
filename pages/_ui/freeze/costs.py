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
from tl_core.language import N_, _
from tl_core.networks.tables import Pretrained
from tl_core.tasks import table
from tl_core.workspace import Project


def data_of(draft: Draft, network: Pretrained, pictures: Manifest) -> Data:
    """Return what the next run would train on, by the options chosen so far."""
    return Data.of(draft, network, train=len(pictures.split("train")), validation=len(pictures.split("validation")))


def costs(project: Project, network: Pretrained, outline: Outline, frozen: int, data: Data, pictures: Manifest) -> None:
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
        boxes=table.of(project).boxes,
    )
    _figures(estimate)
    _remarks(estimate, data, frozen)
    if measured:
        st.caption(_basis(measured, data))
    else:
        args = {"backbone": network.id, "workspace": str(state.workspace().root)}
        jobs.panel("speed", _("Measuring the speed"), _offer(), **args)


def _figures(estimate: Estimate) -> None:
    counts = ((_("Trainable"), estimate.trainable, "trainable"), (_("Frozen"), estimate.frozen, "frozen"))
    times = ((_("First pass"), estimate.first_pass, "first"), (_("Each epoch"), estimate.epoch, "epoch"))
    with st.container(key="freeze-costs"):
        for column, (label, number, figure) in zip(st.columns(2, wrap=False), counts, strict=True):
            value, text = wording.count(number), _(_HELP[figure])
            column.metric(label, value, _("parameters"), delta_color="off", delta_arrow="off", help=text)
        for column, (label, seconds, figure) in zip(st.columns(2, wrap=False), times, strict=True):
            column.metric(label, _time(seconds), help=_(_HELP[figure]))
        st.metric(_("Cache on disk"), wording.size(estimate.cache_bytes), help=_(_HELP["cache"]))


def _time(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    return wording.estimate(seconds) if seconds else _("none")


def _remarks(estimate: Estimate, data: Data, frozen: int) -> None:
    if data.live:
        why = _("Augmentation changes your pictures in every epoch, so the output of the frozen part cannot be cached.")
        again = _("Every epoch runs all of it again.")
        if estimate.epoch:
            time = wording.estimate(estimate.epoch)
            again = _("Every epoch runs all of it again and takes {time}.").format(time=time)
        st.warning(f"{why} {again}", icon=":material/shuffle:")
    if not frozen:
        st.caption(_("First only the head trains. Then every epoch runs and trains the whole network."))
    elif data.augmented and not data.live:
        copies = wording.plural(data.variants, "augmented copy", "augmented copies")
        st.caption(_("With {copies} of each training picture.").format(copies=copies))


def _basis(measured: Speed, data: Data) -> str:
    return _(
        "Times are estimates for {train} training and {validation} validation pictures of {size} px. "
        "This machine runs the whole network on {speed} pictures a second."
    ).format(
        train=wording.number(data.train),
        validation=wording.number(data.validation),
        size=data.size,
        speed=wording.per_second(measured.pictures_per_second),
    )


def _offer() -> Offer:
    return Offer(
        _("Measure the speed on this machine"),
        ":material/speed:",
        "measure",
        _("There are no times yet: the speed of this network has not been measured on this machine."),
    )


_HELP = {
    "trainable": N_("Numbers in the network that training changes, including those of your head."),
    "frozen": N_(
        "These never change. After the freeze line, BatchNorm layers stay fixed too unless you choose to train them."
    ),
    "first": N_(
        "Before the head trains, every picture goes through the whole network once. "
        "If blocks train after that, every picture also goes through the frozen part once."
    ),
    "epoch": N_("One epoch goes through all training pictures once. This one trains everything after the freeze line."),
    "cache": N_("The output of the frozen part for each picture, so that it need not run again in every epoch."),
}
