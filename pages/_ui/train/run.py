"""A training run on its page: where it is, how long it takes, its curves, and Stop."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import streamlit as st

from pages._ui.shell import charts, jobs, layout, paging, run_names, state, workers
from pages._ui.shell.help import GUESSING, INTERVAL
from pages._ui.train import curves, diagnosis, waiting
from tl_core import runs, storage, wording
from tl_core.accuracy import Accuracy
from tl_core.evaluation import predictions, scores
from tl_core.events import Event
from tl_core.jobs import JobStatus
from tl_core.runs import EpochRow, RunFolder, RunReport
from tl_core.storage import Trashed
from tl_core.workspace import Project

REFRESH_SECONDS = 0.5
PER_PAGE = 20
NOTHING: Mapping[str, str] = MappingProxyType({})
STATES = {
    "queued": ("Waiting for its turn", ":material/hourglass_top:"),
    "running": ("Training", ":material/model_training:"),
    "done": ("Trained", ":material/check_circle:"),
    "cancelled": ("Stopped", ":material/stop_circle:"),
    "failed": ("Failed", ":material/error:"),
    "interrupted": ("Interrupted", ":material/power_off:"),
    "damaged": ("Damaged", ":material/broken_image:"),
}
PHASES = {
    "features": "The frozen part processes every picture",
    "head": "The head learns",
    "fine-tune": "Fine-tuning",
    "answers": "The trained model predicts every picture",
}
#: What happens in a phase before the first picture or step is done.
PREPARING = {
    "features": "the network is read and made ready.",
    "head": "it begins.",
    "fine-tune": "the blocks that train are made ready.",
    "answers": "it begins.",
}


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


def show(run: RunFolder) -> None:
    """Show a run, live while it goes on."""
    active = run.job.active
    before = waiting.before(run) if active else {}
    st.fragment(_view, run_every=REFRESH_SECONDS if active else None)(run, active, before)


def _view(run: RunFolder, was_active: bool, before: Mapping[str, str]) -> None:
    with layout.calm():
        _draw(run, was_active, before)


def _draw(run: RunFolder, was_active: bool, before: Mapping[str, str]) -> None:
    status, events = run.job.status(), run.job.events()
    if was_active and status.state not in ("queued", "running"):
        st.rerun()
    title, icon = STATES[status.state]
    with st.container(border=True, key="run"):
        st.header(f"{icon} {title}: {layout.escape(run_names.name(run))}", anchor=False)
        st.caption(f"{layout.escape(run_names.about(run))}. The options above belong to the next run.")
        jobs.warnings(events)
        epochs = runs.epochs(events)
        if status.state in ("queued", "running"):
            _progress(run, events, before)
            diagnosis.show(run, epochs)
            _curves(run, epochs)
        else:
            _outcome(run, status)
            _curves(run, epochs)
            diagnosis.show(run, epochs)


def _progress(run: RunFolder, events: list[Event], before: Mapping[str, str]) -> None:
    now = standing(events, before)
    st.progress(now.share, text=now.text)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.metric("Time so far", wording.duration(time.time() - run.job.created), width="content")
        left = "not known yet" if now.left is None else wording.estimate(now.left)
        st.metric("Left in this phase, at most", left, width="content")
        stopping = (run.folder / "stop").exists()
        label = "Stopping …" if stopping else "Stop"
        if st.button(label, icon=":material/stop:", disabled=stopping, key="stop", help="Keeps the best epoch so far."):
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
        doing = f"{events[-1].text.rstrip('.')}." if events and events[-1].text else jobs.READY
        return Standing(f"{doing} {before.get('', '')}")
    phase, since = events[start], events[start + 1 :]
    last = next((event for event in reversed(since) if event.event == "progress"), None)
    within = last.done / max(last.total, 1) if last else 0.0
    text = PHASES[phase.phase]
    if not since or (phase.phase in ("features", "answers") and not (last and last.done)):
        return Standing(f"{text}: {PREPARING[phase.phase]} {before.get(phase.phase, '')}")
    if phase.phase in ("features", "answers"):
        share = within
        text += f": {wording.out_of(last.done, last.total)}{_speed(since)}" if last else ""
    else:
        finished = max((event.epoch for event in since if event.event == "epoch"), default=0)
        within = within if last and last.epoch > finished else 0.0
        share = min(1.0, (finished + within) / phase.epochs)
        text += f": epoch {min(finished + 1, phase.epochs)} of at most {phase.epochs}"
        text += f", step {wording.out_of(last.done, last.total)}" if last and within else ""
    return Standing(text, share, _left(phase, since, share))


def _speed(since: list[Event]) -> str:
    """Return how many pictures a second were processed, as the end of a sentence."""
    steps = [event for event in since if event.event == "progress"]
    done, seconds = steps[-1].done - steps[0].done, steps[-1].time - steps[0].time
    return f", {wording.per_second(done / seconds)} pictures a second" if done and seconds else ""


def _left(phase: Event, since: list[Event], share: float) -> float | None:
    if not since or share <= 0:
        return None
    return float((since[-1].time - phase.time) / share * (1 - share))


def _outcome(run: RunFolder, status: JobStatus) -> None:
    if damage := run.damage():
        st.error(layout.escape(damage), icon=":material/broken_image:")
    report = None if damage else run.report()
    if status.state == "failed" or (status.state == "cancelled" and not report):
        st.error(layout.escape(status.error or "Stopped before the first epoch was finished."))
    if status.state == "interrupted":
        st.warning("The app was closed during this run. Resume continues from its last finished epoch.")
    if report:
        _accuracy(report)
    if (
        status.state in ("interrupted", "cancelled", "failed")
        and not damage
        and st.button(
            "Try again" if status.state == "failed" else "Resume",
            icon=":material/play_arrow:",
            key="resume",
            type="primary",
        )
    ):
        workers.engine().submit(run.job)
        st.rerun()


def _accuracy(report: RunReport) -> None:
    accuracy, best = report.validation, report.best
    phase = curves.PHASE_TITLES[best.phase].lower()
    with st.container(horizontal=True):
        if accuracy.accuracy is not None:
            st.metric("Validation accuracy", wording.percent(accuracy.accuracy, accuracy.n))
        st.metric("95% interval", wording.interval(*accuracy.interval, accuracy.n), help=INTERVAL)
        if accuracy.baseline is not None:
            st.metric("Just guessing", wording.percent(accuracy.baseline, accuracy.n), help=GUESSING)
        st.metric("Time", wording.duration(report.seconds["total"]))
    if accuracy.grouped():
        st.caption(accuracy.grouped())
    st.caption(
        f"On {wording.plural(accuracy.n, 'validation picture')}, with the weights of the best epoch: "
        f"{phase}, epoch {best.epoch}. They helped to choose it, so new pictures may do slightly worse."
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
            f"Each of the {wording.plural(n, 'validation picture')} changes the accuracy by "
            f"{wording.points(1 / n).removeprefix('+')}. Just guessing: {wording.percent(guess, n)}.",
            help=GUESSING,
        )


def manage(run: RunFolder) -> None:
    """Let a person give the run a name, or delete it."""
    with st.popover("Rename or delete", icon=":material/edit:", key=f"run-{run.id}-{run.name}"):
        with st.form("rename-run", border=False):
            name = st.text_input("Name of the run", value=run_names.name(run), max_chars=80)
            if st.form_submit_button("Rename the run", type="primary"):
                with layout.calm():
                    run.rename(name)
                    st.rerun()
        layout.delete_button("Delete the run", lambda: _delete(run), key="delete-run")
        st.caption("Its model goes to the trash. Undo brings it back.")


def _delete(run: RunFolder) -> Trashed:
    trashed = storage.trash_run(run)
    state.set_run(None)
    return trashed


def others(project: Project, current: RunFolder) -> None:
    """Offer the other runs of the project."""
    earlier = [run for run in runs.of_project(project) if run.id != current.id]
    if not earlier:
        return
    with layout.drawer(f"Other runs ({len(earlier)})", "other-runs", ":material/history:") as drawer:
        if not drawer.open:
            return
        for run in earlier[paging.page(len(earlier), PER_PAGE, "other-runs-page")]:
            damage = run.damage()
            report = None if damage else run.report()
            result = f", validation accuracy {_short(report.validation)}" if report else ""
            how = STATES["damaged" if damage else run.job.state][0].lower()
            what = run.name if damage else f"{run_names.name(run)} · {run_names.about(run)}"
            layout.link("train", f"{layout.escape(what)}: {how}{result}", run=run.id)


def _short(accuracy: Accuracy) -> str:
    """Return an accuracy with its n, interval and guess: ``"98% of 44 (88% to 99.6%; just guessing: 50%)"``."""
    if accuracy.accuracy is None:
        return "without pictures"
    n = accuracy.n
    guess = "" if accuracy.baseline is None else f"; just guessing: {wording.percent(accuracy.baseline, n)}"
    around = f"{wording.interval(*accuracy.interval, n)}{guess}"
    return f"{wording.percent(accuracy.accuracy, n)} of {wording.number(n)} ({around})"
