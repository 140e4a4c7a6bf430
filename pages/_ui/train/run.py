"""A training run as a person watches it: where it is, how long it takes, its curves, and Stop."""

import time
from typing import Any

import streamlit as st

from pages._ui.shell import charts, jobs, layout, state
from pages._ui.train import curves, diagnosis
from tl_core import runs
from tl_core.evaluation import predictions, scores
from tl_core.jobs import Event, JobStatus
from tl_core.runs import Accuracy, EpochRow, RunFolder, RunReport
from tl_core.wording import percent, pictures
from tl_core.workspace import Project

REFRESH_SECONDS = 0.5
STATES = {
    "queued": ("Waiting for its turn", ":material/hourglass_top:"),
    "running": ("Training", ":material/model_training:"),
    "done": ("Trained", ":material/check_circle:"),
    "cancelled": ("Stopped", ":material/stop_circle:"),
    "failed": ("Failed", ":material/error:"),
    "interrupted": ("Interrupted", ":material/power_off:"),
}
PHASES = {
    "features": "The frozen part looks at every picture",
    "head": "The head learns",
    "fine-tune": "Fine-tuning",
    "answers": "The trained model is asked about every picture",
}


def show(run: RunFolder) -> None:
    """Show a run, live while it goes on."""
    active = run.job.active
    st.fragment(_view, run_every=REFRESH_SECONDS if active else None)(run, active)


def _view(run: RunFolder, was_active: bool) -> None:
    with layout.calm():
        _draw(run, was_active)


def _draw(run: RunFolder, was_active: bool) -> None:
    status, events = run.job.status(), run.job.events()
    state_now = status.state
    if was_active and state_now not in ("queued", "running"):
        st.rerun()
    title, icon = STATES[state_now]
    with st.container(border=True, key="run"):
        st.subheader(f"{icon} {title}", anchor=False)
        jobs.warnings(events)
        epochs = runs.epochs(events)
        if state_now in ("queued", "running"):
            _progress(run, events)
            diagnosis.show(run, epochs)
            _curves(run, epochs)
        else:
            _outcome(run, status)
            _curves(run, epochs)
            diagnosis.show(run, epochs)


def _progress(run: RunFolder, events: list[Event]) -> None:
    began = run.job.created
    told = standing(events)
    st.progress(told["share"], text=told["text"])
    with st.container(horizontal=True, vertical_alignment="center"):
        st.metric("Time so far", duration(time.time() - began), width="content")
        left = told["left"]
        st.metric("At most still to go", "–" if left is None else duration(left), width="content")
        stopping = (run.folder / "stop").exists()
        label = "Stopping …" if stopping else "Stop"
        if st.button(label, icon=":material/stop:", disabled=stopping, key="stop", help="Keeps the best epoch so far."):
            run.job.stop()
            st.rerun(scope="fragment")


def standing(events: list[Event]) -> dict[str, Any]:
    """Return where a run is by its events.

    Returns:
        ``text`` for a person, ``share`` of the present phase that is done (0 to 1), ``left``: seconds that the
        present phase still takes at most, None while unknown.
    """
    start = max((at for at, event in enumerate(events) if event.event == "phase"), default=None)
    if start is None:
        return {"text": (events[-1].text or "Starting …") if events else "Starting …", "share": 0.0, "left": None}
    phase, since = events[start], events[start + 1 :]
    epochs = [event for event in since if event.event == "epoch"]
    last = next((event for event in reversed(since) if event.event == "progress"), None)
    within = last.done / max(last.total, 1) if last else 0.0
    title = PHASES[phase.phase]
    if phase.phase in ("features", "answers"):
        share, text = within, f"{title}: {last.done} of {last.total}{_pace(since)}" if last else title
    else:
        done_already = epochs[-1].epoch if epochs else 0
        within = within if last and last.epoch > done_already else 0.0
        share = min(1.0, (done_already + within) / phase.epochs)
        text = f"{title}: epoch {min(done_already + 1, phase.epochs)} of at most {phase.epochs}"
        text += f", step {last.done} of {last.total}" if within else ""
    return {"text": text, "share": share, "left": _left(phase, since, share)}


def _pace(since: list[Event]) -> str:
    """Return how many pictures a second were looked at, as the end of a sentence."""
    steps = [event for event in since if event.event == "progress"]
    done, seconds = steps[-1].done - steps[0].done, steps[-1].time - steps[0].time
    return f", {done / seconds:.0f} pictures a second" if done and seconds else ""


def _left(phase: Event, since: list[Event], share: float) -> float | None:
    if not since or share <= 0:
        return None
    return float((since[-1].time - phase.time) / share * (1 - share))


def _outcome(run: RunFolder, status: JobStatus) -> None:
    report = run.report()
    if status.state == "failed" or (status.state == "cancelled" and not report):
        st.error(layout.escape(status.error or "It was stopped before there was anything to keep."))
    if status.state == "interrupted":
        st.warning("The app was closed while this run was training. It goes on from its last finished epoch.")
    if report:
        _accuracy(report)
    if status.state in ("interrupted", "cancelled", "failed") and st.button(
        "Try again" if status.state == "failed" else "Resume",
        icon=":material/play_arrow:",
        key="resume",
        type="primary",
    ):
        state.engine().submit(run.job)
        st.rerun()


def _accuracy(report: RunReport) -> None:
    found = report.validation
    low, high = found.interval
    best, phase = report.best, curves.PHASE_TITLES[report.best.phase].lower()
    with st.container(horizontal=True):
        st.metric("Validation accuracy", f"{found.accuracy:.1%}")
        st.metric("Likely between", f"{low:.1%} and {high:.1%}", help=f"95 % interval for {found.n} pictures.")
        if found.baseline is not None:
            guess = f"{found.baseline:.1%}"
            st.metric("Always the commonest class", guess, help="What a guess without looking gets.")
        st.metric("Took", duration(report.seconds["total"]))
    st.caption(
        f"On {found.n} pictures that were not trained on, with the weights of the best epoch "
        f"({best.epoch} of the {phase} phase). They helped to choose that epoch, so this is validation, not a test."
    )


def _curves(run: RunFolder, epochs: list[EpochRow]) -> None:
    if not epochs:
        return
    last, best, guess = epochs[-1], runs.best_epoch(epochs), scores.guess(run, "validation")
    n = len(predictions.pictures_of(run, "validation"))
    for column, metric in zip(st.columns(2), ("loss", "accuracy"), strict=True):
        with column:
            st.markdown(f"**{metric.capitalize()}**")
            name = metric.capitalize()
            ends = f"training {getattr(last, metric)}, validation {getattr(last, f'val_{metric}')}"
            alt = f"{name} after {len(epochs)} epochs: {ends}."
            alt += f" The lowest validation loss is in epoch {epochs.index(best) + 1}." if best else ""
            drawn = guess if metric == "accuracy" else None
            charts.show(curves.curves(epochs, metric, drawn), alt, key=f"curve-{metric}")
    if guess is not None:
        st.caption(
            f"Validation is {pictures(n)}: one more or less right moves its accuracy by {100 / n:.1f} points. "
            f"Guess: always naming the commonest class gets {percent(guess, n)}."
        )


def others(project: Project, current: RunFolder) -> None:
    """Offer the other runs of the project."""
    found = [run for run in runs.of_project(project) if run.id != current.id]
    if not found:
        return
    with st.expander(f"Earlier runs ({len(found)})", icon=":material/history:"):
        for run in found[:20]:
            report = run.report()
            result = f", validation {told(report.validation)}" if report else ""
            layout.link("train", f"{run.id}: {STATES[run.job.state][0].lower()}{result}", run=run.id)


def told(found: Accuracy) -> str:
    """Return an accuracy with its n, interval and guess, short: ``"97.7% of 44 (88% to 100%; a guess: 50%)"``."""
    low, high = found.interval
    guess = f"; a guess: {found.baseline:.0%}" if found.baseline is not None else ""
    return f"{found.accuracy:.1%} of {found.n:,} ({low:.0%} to {high:.0%}{guess})"


def duration(seconds: float) -> str:
    """Return a time for a person: ``"4 s"``, ``"2 min 5 s"``, ``"1 h 3 min"``."""
    whole = round(max(seconds, 0))
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"
