"""How far a training run is, how long it takes, and Stop."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import streamlit as st

from pages._ui.shell import jobs
from tl_core import wording
from tl_core.events import Event
from tl_core.jobs import JobStatus
from tl_core.language import N_, _
from tl_core.runs import RunFolder

NOTHING: Mapping[str, str] = MappingProxyType({})
PHASES = {
    "features": N_("The frozen part processes every picture"),
    "head": N_("The head learns"),
    "fine-tune": N_("Fine-tuning"),
    "answers": N_("The trained model predicts every picture"),
}
#: What happens in a phase before the first picture or step is done.
PREPARING = {
    "features": N_("the network is read and made ready."),
    "head": N_("it begins."),
    "fine-tune": N_("the blocks that train are made ready."),
    "answers": N_("it begins."),
}
#: Of Stop, by whether the run learns from everything.
HELP = {False: N_("Keeps the best epoch so far."), True: N_("Keeps what it has learned so far.")}


@dataclass(frozen=True)
class Standing:
    """Where a run is.

    Attributes:
        text: for people.
        share: of the present phase that is done, 0 to 1.
        left: seconds that the present phase takes at most from here, None while unknown.
    """

    text: str
    share: float = 0.0
    left: float | None = None


def show(run: RunFolder, events: list[Event], before: Mapping[str, str]) -> None:
    """Show how far a run is, with Stop. ``before`` as in ``standing``; within a fragment."""
    status = run.job.status()
    now = standing(of_this_attempt(events, status), before)
    st.progress(now.share, text=jobs.place_of(run.job) or now.text)
    with st.container(horizontal=True, vertical_alignment="center"):
        if status.state == "running" or not events:  # what waits to go on has no time of its own yet
            began = status.started or run.job.created
            st.metric(called(events, began), wording.duration(time.time() - began), width="content")
        left = _("not known yet") if now.left is None else wording.estimate(now.left)
        st.metric(_("Left in this phase, at most"), left, width="content")
        stop(run)


def of_this_attempt(events: list[Event], status: JobStatus) -> list[Event]:
    """Return the events since a run began, the last time: none while it waits to go on, all while it has paused."""
    if status.state == "running":
        return [each for each in events if each.time >= status.started]
    return events if status.paused else []


def called(events: list[Event], began: float) -> str:
    """Return what the time since a run began is called: of one that went on, not that in which it lay there.

    Args:
        events: of the run, those of earlier attempts included.
        began: when it began to run, the last time, in seconds since the epoch.
    """
    return _("Since it went on") if events and events[0].time < began else _("Time so far")


def stop(run: RunFolder) -> None:
    """Draw Stop; within a fragment."""
    stopping = run.job.stopping
    label = _("Stopping …") if stopping else _("Stop")
    if st.button(
        label, icon=":material/stop:", disabled=stopping, key="stop", help=_(HELP[run.recipe.everything is not None])
    ):
        run.job.stop()
        st.rerun(scope="fragment")


def standing(events: list[Event], before: Mapping[str, str] = NOTHING) -> Standing:
    """Return where a run is by its events.

    Args:
        events: of the run.
        before: how long it takes until a phase counts, a sentence by the name of the phase, ``""`` before the first.
    """
    start = max((at for at, event in enumerate(events) if event.event == "phase"), default=None)
    if start is None:
        doing = f"{events[-1].text.rstrip('.')}." if events and events[-1].text else _(jobs.READY)
        return Standing(f"{doing} {before.get('', '')}")
    phase, since = events[start], events[start + 1 :]
    last = next((event for event in reversed(since) if event.event == "progress"), None)
    within = last.done / max(last.total, 1) if last else 0.0
    text = _(PHASES[phase.phase])
    if not since or (phase.phase in ("features", "answers") and not (last and last.done)):
        return Standing(f"{text}: {_(PREPARING[phase.phase])} {before.get(phase.phase, '')}")
    earlier = 0.0
    if phase.phase in ("features", "answers"):
        share = within
        text = f"{text}: {wording.out_of(last.done, last.total)}{_speed(since)}" if last else text
    else:
        first = next((event.epoch for event in since if event.epoch), 1) - 1  # epochs of attempts before this one
        finished = max((event.epoch for event in since if event.event == "epoch"), default=first)
        earlier = first / phase.epochs
        within = within if last and last.epoch > finished else 0.0
        share = min(1.0, (finished + within) / phase.epochs)
        text = _("{phase}: epoch {number} of at most {most}").format(
            phase=text, number=min(finished + 1, phase.epochs), most=phase.epochs
        )
        if last and within:
            text = _("{epoch}, step {steps}").format(epoch=text, steps=wording.out_of(last.done, last.total))
    return Standing(text, share, _left(phase, since, share, earlier))


def _speed(since: list[Event]) -> str:
    """Return how many pictures a second were processed, as the end of a sentence."""
    steps = [event for event in since if event.event == "progress"]
    done, seconds = steps[-1].done - steps[0].done, steps[-1].time - steps[0].time
    if not (done and seconds):
        return ""
    return _(", {number} pictures a second").format(number=wording.per_second(done / seconds))


def _left(phase: Event, since: list[Event], share: float, earlier: float) -> float | None:
    if not since or share <= earlier:
        return None
    return float((since[-1].time - phase.time) / (share - earlier) * (1 - share))
