"""What the freeze line costs: parameters, disk, time, from a speed that was measured on this machine."""

from typing import Any

import streamlit as st

from pages._ui import following, freeze_view, freeze_words, state
from tl_core import estimates, speed
from tl_core.catalogue import Backbone
from tl_core.estimates import Data, Estimate
from tl_core.manifest import Manifest
from tl_core.speed import Speed
from tl_core.workspace import Project


def data_of(draft: dict[str, Any], network: Backbone, pictures: Manifest) -> Data:
    """Return what would be trained on by the options chosen so far."""
    options = draft.get("options", {})
    return Data(
        train=len(pictures.part("train")),
        validation=len(pictures.part("validation")),
        size=int(options.get("image_size", network.default_size)),
        augmented=options.get("augmentation", "off") != "off",
        variants=int(options.get("augmentation_variants", 0)),
        precision=options.get("cache_precision", "float32"),
        batch_size=int(options.get("batch_size", Data.batch_size)),
    )


def costs(project: Project, network: Backbone, outlined: dict[str, Any], frozen: int, pictures: Manifest) -> None:
    """Show what it costs to freeze so many blocks of a network."""
    draft, classes = state.draft(project), len(pictures.classes)
    data = data_of(draft, network, pictures)
    measured = speed.speeds(state.workspace()).get(network.id)
    found = estimates.estimate(
        outlined,
        frozen,
        data,
        head=freeze_view.chosen_head(draft, two_classes=classes == 2),
        classes=classes,
        speed=measured,
        keep_frozen=draft.get("keep_frozen", ()),
        train_batch_norm=draft.get("train_batch_norm", False),
    )
    _figures(found, data, frozen)
    _remarks(data, frozen)
    if measured:
        st.caption(_basis(measured, data))
    else:
        _measure(network)


def _figures(found: Estimate, data: Data, frozen: int) -> None:
    kept = "nothing" if data.live and frozen else freeze_words.size(found.kept_bytes)
    counts = (
        ("Trainable", freeze_words.count(found.trainable), "They change while training. Those of the head count, too."),
        ("Frozen", freeze_words.count(found.frozen), "They stay exactly as they are."),
    )
    rest = (
        ("First look", _time(found.first_pass), "The frozen part looks at every picture once, before the first epoch."),
        ("Each epoch", _time(found.epoch), "One epoch goes through all training pictures once."),
        ("Kept on disk", kept, "What the frozen part gave for each picture, so that it need not run again."),
    )
    with st.container(key="freeze-costs"):
        for column, (label, value, text) in zip(st.columns(2, wrap=False), counts, strict=True):
            column.metric(label, value, "parameters", delta_color="off", delta_arrow="off", help=text)
        for column, (label, value, text) in zip(st.columns(2, wrap=False), rest[:2], strict=True):
            column.metric(label, value, help=text)
        label, value, text = rest[2]
        st.metric(label, value, help=text)


def _time(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    return freeze_words.about(seconds) if seconds else "none"


def _remarks(data: Data, frozen: int) -> None:
    if not frozen:
        st.caption("Nothing is frozen, so nothing can be kept: every epoch runs the whole network.")
    elif data.live:
        st.warning(
            "Your pictures are changed anew in every epoch (Augmentation, on the Train page), so what the frozen part "
            "sees of them cannot be kept: every epoch runs the whole network.",
            icon=":material/shuffle:",
        )
    elif data.augmented:
        st.caption(f"With {data.variants} kept variants of every training picture.")


def _basis(measured: Speed, data: Data) -> str:
    return (
        f"Times are estimates, from {measured.pictures_per_second:.0f} pictures a second measured on this machine, "
        f"for {data.train:,} training and {data.validation:,} validation pictures of {data.size} px."
    )


def _measure(network: Backbone) -> None:
    """Offer to measure the speed, or show the measurement that goes on."""
    job = state.job()
    if job is not None and job.kind == "speed" and job.active:
        following.follow(job, "Measuring the speed")
        return
    if job is not None and job.kind == "speed" and job.state != "done":
        following.ended_early(job)
        return
    st.caption("How long it takes is not known yet: the speed of this network was not measured on this machine.")
    if st.button("Measure the speed on this machine", icon=":material/speed:", key="measure"):
        state.start_job("speed", backbone=network.id, workspace=str(state.workspace().root))
        st.rerun()
