"""The layer probe: how often a simple classifier is right after each block, and the line that this suggests."""

import streamlit as st

from pages._ui.freeze import freeze_picker
from pages._ui.freeze.freeze_picker import Curve
from pages._ui.shell import jobs, layout, state
from pages._ui.shell.jobs import Offer
from tl_core import wording
from tl_core.dataset.manifest import Manifest
from tl_core.freezing.outline import Outline
from tl_core.freezing.probe import ProbeResult
from tl_core.language import _
from tl_core.networks import weights
from tl_core.networks.structure import spoken
from tl_core.networks.tables import Pretrained
from tl_core.wording import percent
from tl_core.workspace import Project


def curve(result: ProbeResult | None, outline: Outline) -> Curve | None:
    """Return the accuracies of a probe as the picker draws them, None where there are none for these blocks."""
    places = {block.id: number for number, block in enumerate(outline.blocks)}
    measured = {places[each.id]: each for each in result.blocks if each.id in places} if result else {}
    if result is None or not measured:
        return None
    values = [
        f"{spoken(outline.blocks[at].label)} {_figure(each.accuracy, result)}" for at, each in sorted(measured.items())
    ]
    pictures = wording.pictures(result.n)
    legend = _("Accuracy of a simple classifier after each block, on {pictures}")
    alt = _("Accuracy of a simple classifier after each block, measured on {pictures}: {accuracies}.")
    if result.several:
        legend = _("Mean average precision of a simple classifier after each block, on {pictures}")
        alt = _("Mean average precision of a simple classifier after each block, on {pictures}: {accuracies}.")
    return freeze_picker.probe_curve(
        {at: each.accuracy for at, each in measured.items()},
        outline.frozen_blocks(result.suggested),
        legend=legend.format(pictures=pictures),
        alt=alt.format(pictures=pictures, accuracies="; ".join(values)),
    )


def _figure(value: float, result: ProbeResult) -> str:
    return wording.fraction(value) if result.several else percent(value, result.n)


def show(
    project: Project,
    network: Pretrained,
    outline: Outline,
    result: ProbeResult | None,
    *,
    size: int,
    pictures: Manifest,
) -> None:
    """Show the result of the probe, or its progress, or the button that starts it."""
    st.header(_("Which line suits your pictures?"), anchor=False)
    with st.container(key="probe"):
        args = {"backbone": network.id, "size": size, "manifest": pictures.version}
        if result:
            jobs.noted("probe", project=str(project.folder), **args)
            _result(project, outline, result)
        elif has_weights(network):
            jobs.panel("probe", _("Probing the blocks"), _offer(), project=str(project.folder), **args)


def has_weights(network: Pretrained) -> bool:
    """Return whether the weights of a network are on this machine; if not, say so with a link."""
    status = weights.status(network, state.workspace())
    if status.state == "here":
        return True
    needed = _("This needs the weights of {network}.").format(network=network.title)
    st.warning(f"{needed} {_(status.message)}", icon=":material/cloud_download:")
    layout.link("network", _("Go to Network"))
    return False


def _result(project: Project, outline: Outline, result: ProbeResult) -> None:
    st.markdown(layout.escape(result.why))
    at = outline.frozen_blocks(result.suggested)
    chosen = outline.frozen_blocks(state.draft(project).line)
    st.caption(_certainty(outline, result, at))
    st.button(
        _("This is your line") if chosen == at else _("Use this line"),
        icon=":material/check:" if chosen == at else ":material/ac_unit:",
        disabled=chosen == at,
        key="use-suggested",
        on_click=lambda: state.update_draft(project, freeze=outline.lines[at]),
    )


def _certainty(outline: Outline, result: ProbeResult, at: int) -> str:
    """Return how far to trust the accuracy at the suggested line, or of the best block where the line has none."""
    line = outline.blocks[at - 1].id if at else None
    best = max(result.blocks, key=lambda each: each.accuracy)
    shown = next((each for each in result.blocks if each.id == line), best)
    there = _("There it is right for {accuracy} (95% interval {interval}).")
    at_best = _("At best it is right for {accuracy} (95% interval {interval}).")
    guess = _("Just guessing is right for {accuracy}.")
    how = _("A simple classifier was trained on {training} and measured on {validation}.")
    if result.several:
        there = _("There its mean average precision is {accuracy} (95% interval {interval}).")
        at_best = _("At best its mean average precision is {accuracy} (95% interval {interval}).")
        guess = _("An order by chance has {accuracy}.")
        how = _("Simple classifiers were cross-validated on {pictures}: each is judged by those that did not see it.")
    ends = (_figure(each, result) for each in shown.interval)
    between = _("{low} to {high}").format(low=next(ends), high=next(ends))
    sentences = [
        how.format(
            training=wording.of_split(result.train, "train"),
            validation=wording.of_split(result.n, "validation"),
            pictures=wording.pictures(result.n),
        ),
        (there if shown.id == line else at_best).format(
            accuracy=_figure(shown.accuracy, result),
            interval=between if result.several else wording.interval(*shown.interval, result.n),
        ),
        guess.format(accuracy=_figure(result.chance, result)),
        _("Differences between points that are smaller than the interval mean nothing."),
    ]
    if result.groups is not None and result.groups < result.n:
        groups = wording.plural(result.groups, "group", "groups")
        sentences.append(_("Some are alike and count together, as {groups}.").format(groups=groups))
    return " ".join(sentences)


def _offer() -> Offer:
    return Offer(
        _("Probe the blocks"),
        ":material/troubleshoot:",
        "start-probe",
        _(
            "This trains a simple classifier on the output of each block. "
            "It shows how far up the network already separates your classes."
        ),
    )
