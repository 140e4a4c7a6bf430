"""A job as every page shows it: its progress while it runs, why it ended early, or the button that starts it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from pages._ui.shell import layout, state, workers
from tl_core import waits
from tl_core.errors import DamagedError, NotFoundError
from tl_core.events import Event
from tl_core.jobs import Job
from tl_core.language import N_, _
from tl_core.progress import counted
from tl_core.waits import Range, Waits
from tl_core.wording import estimate, estimate_range, out_of, plural

EVERY = 0.5
READY, QUEUED = N_("Getting ready."), N_("Waiting for its turn.")
UNKNOWN = Waits()
NOT_KNOWN = N_("How long this takes on this machine is not known yet.")


@dataclass(frozen=True)
class Offer:
    """The button that starts a job, shown where there is no such job.

    Attributes:
        label: of the button.
        icon: a Material icon, ``":material/…:"``.
        key: of the button.
        text: what the job does, above the button; our own words, Markdown is rendered.
        primary: whether it is the main button of its place.
    """

    label: str
    icon: str
    key: str
    text: str = ""
    primary: bool = False


def current(kind: str, **args: Any) -> Job | None:
    """Return the job in the query string or the session if it is of this kind and has these arguments, else None.

    The arguments tell the job of this run, project or network from that of another; the job may have more of them.
    """
    job = state.job()
    try:
        task = job.task if job else None
    except (NotFoundError, DamagedError):
        return None
    if task is None:
        return None
    fits = task.kind == kind and all(task.args.get(name) == value for name, value in args.items())
    return job if fits else None


def panel(kind: str, title: str, offer: Offer | None = None, **args: Any) -> bool:
    """Show a job: its progress, or why it ended early; without one, the offer to start it.

    Args:
        kind: one of ``tl_core.registry.KINDS``.
        title: what the job does, for a person; our own words.
        offer: the button that starts it; None where the page has one of its own.
        **args: arguments of the job: only a job that has them is shown, and a new one gets them.

    Returns:
        True while the job runs.
    """
    job = current(kind, **args)
    how = "done" if job is None else job.state
    if job is not None and how in ("queued", "running"):
        follow(job, title)
        return True
    noted(kind, **args)
    if job is not None and how != "done":
        ended_early(job)
    elif offer is not None and _pressed(offer):
        workers.start_job(kind, **args)
        st.rerun()
    return False


def _pressed(offer: Offer) -> bool:
    if offer.text:
        st.markdown(offer.text)
    return st.button(offer.label, icon=offer.icon, type="primary" if offer.primary else "secondary", key=offer.key)


def follow(job: Job, title: str) -> None:
    """Show the progress of a job and a Stop button; once the job has ended, the whole page runs again."""
    with st.container(border=True, key="following"):
        st.header(title, anchor=False)
        before = waits.of(waits.earlier(state.workspace(), job))
        st.fragment(run_every=EVERY)(_draw)(job, before)


def _draw(job: Job, before: Waits) -> None:
    with layout.calm():
        how = job.state
        if how not in ("queued", "running"):
            st.rerun()
        events = job.events()
        fraction, text = (0.0, waiting(job)) if how == "queued" else describe(events, before)
        st.progress(fraction, text=text)
        warnings(events)
        stopping = job.stopping
        if st.button(_("Stopping …") if stopping else _("Stop"), icon=":material/stop:", disabled=stopping):
            job.stop()
            st.rerun(scope="fragment")


def waiting(job: Job) -> str:
    """Return what is said of a job that waits for its turn; where people share the workers, after how many others."""
    return place_of(job) or _(QUEUED)


def place_of(job: Job) -> str:
    """Return after how many others a job begins or goes on, and when; "" where it waits for nobody else."""
    place = workers.place(job)
    if place is None or not place.before:
        return ""
    paused = job.status().paused
    if paused and job.stopping:
        text = _("It stops with its next turn, and keeps what it has: {jobs} before it.")
        return text.format(jobs=plural(place.before, "job", "jobs"))
    text = (
        _("Paused for others, goes on after them: {jobs} before it.")
        if paused
        else _("Waiting for its turn: {jobs} before it.")
    )
    text = text.format(jobs=plural(place.before, "job", "jobs"))
    if place.seconds is None:
        return text
    when = (
        _("It goes on in {time}, if they take as long as earlier ones.")
        if paused
        else _("It begins in {time}, if they take as long as earlier ones.")
    )
    return f"{text} {when.format(time=estimate(place.seconds))}"


def noted(kind: str, **args: Any) -> None:
    """Show what a job wanted a person to know, once it has ended; where its result stands, too."""
    job = current(kind, **args)
    if job is not None and not job.active:
        warnings(job.events())


def warnings(events: Sequence[Event]) -> None:
    """Show what the worker wants a person to know, each thing once."""
    for text in dict.fromkeys(event.text for event in events if event.event == "warning"):
        st.warning(layout.escape(text), icon=":material/info:")


def describe(events: Sequence[Event], before: Waits = UNKNOWN) -> tuple[float, str]:
    """Return how far the events say a job is, as a fraction and a sentence in Markdown.

    Args:
        events: of the job.
        before: how long earlier ones took.

    >>> describe([Event(time=0.0, event="progress", what="pictures", done=1, total=4),
    ...           Event(time=10.0, event="progress", what="pictures", done=2, total=4)])
    (0.5, '2 of 4 pictures · about 20 s left')
    >>> describe([Event(time=0.0, event="progress", what="steps", done=0, total=3),
    ...           Event(time=0.0, event="message", text="Making the file")])
    (0.0, '0 of 3 steps · Making the file · time left is not known yet')
    """
    steps = [event for event in events if event.event == "progress" and event.total]
    if not steps:
        messages = [event.text for event in events if event.event == "message"]
        text = layout.escape(f"{messages[-1].rstrip('.')}.") if messages else _(READY)
        return 0.0, f"{text} {expected(before.ready)}"
    last = steps[-1]
    first = next(step for step in steps if step.what == last.what)
    done, total = last.done, last.total
    text = f"{out_of(done, total)} {layout.escape(counted(last.what))}"
    if now := [event.text for event in events[events.index(last) :] if event.event == "message"]:
        text += f" · {layout.escape(now[-1].rstrip('.'))}"
    gained, seconds = done - first.done, last.time - first.time
    if gained > 0 and seconds >= 1:
        text += " · " + _("{time} left").format(time=estimate(seconds / gained * (total - done)))
    elif pace := before.each.get(last.what):
        time = estimate_range(*(each * (total - done) for each in pace))
        text += " · " + _("{time} left, as measured before").format(time=time)
    elif not done:
        text += " · " + _("time left is not known yet")
    return min(1.0, done / total), text


def expected(seconds: Range | None) -> str:
    """Return how long something takes that took between so many seconds before; None if it was never measured."""
    if seconds is None:
        return _(NOT_KNOWN)
    return _("This took {time} on this machine before.").format(time=estimate_range(*seconds))


def ended_early(job: Job) -> None:
    """Say why a job has ended before it was done, and offer what a person can do about it."""
    status = job.status()
    how = status.state
    if how in ("failed", "damaged"):
        st.error(layout.escape(status.error or _("This failed without a message.")), icon=":material/error:")
    elif how == "cancelled":
        st.info(layout.escape(status.error or _("Stopped.")), icon=":material/stop_circle:")
    else:
        st.warning(_("The app was closed before this was done."), icon=":material/pause_circle:")
    with st.container(horizontal=True):
        if how != "cancelled" and st.button(_("Resume") if how == "interrupted" else _("Try again"), key="again"):
            workers.engine().submit(job)
            st.rerun()
        if st.button(_("Close"), key="close-job"):
            state.set_job(None)
            st.rerun()
