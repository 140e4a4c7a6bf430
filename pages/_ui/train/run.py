"""A training run on its page: its progress or how it ended, its curves, and what can be done with it."""

import functools
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import streamlit as st

from pages._ui.shell import charts, jobs, layout, paging, run_names, state, workers
from pages._ui.shell.help import GUESSING, INTERVAL
from pages._ui.train import beside, boxes, curves, diagnosis, progress, waiting
from tl_core import runs, storage, wording
from tl_core.about import Things
from tl_core.accuracy import Accuracy
from tl_core.dataset import kinds
from tl_core.evaluation import everything, predictions, scores
from tl_core.freezing import names
from tl_core.jobs import JobStatus
from tl_core.language import N_, _
from tl_core.runs import EpochRow, RunFolder, RunReport
from tl_core.storage import Trashed
from tl_core.workspace import Project

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

REFRESH_SECONDS = 0.5
PER_PAGE = 20
_REGRESSION = N_(
    "The head learned by logistic regression: each of its epochs is one strength of a penalty, from strong to weak, "
    "learned to its end. The validation pictures choose the strength."
)
_PRECISION = N_(
    "mAP@50 is measured on the validation pictures every few epochs. The lowest validation loss chooses the best epoch."
)
STATES = {
    "queued": (N_("Waiting for its turn"), ":material/hourglass_top:"),
    "running": (N_("Training"), ":material/model_training:"),
    "done": (N_("Trained"), ":material/check_circle:"),
    "cancelled": (N_("Stopped"), ":material/stop_circle:"),
    "failed": (N_("Failed"), ":material/error:"),
    "interrupted": (N_("Interrupted"), ":material/power_off:"),
    "damaged": (N_("Damaged"), ":material/broken_image:"),
}
#: Where it waits because it lets other people go first.
PAUSED = N_("Paused for others"), ":material/pause_circle:"
#: The same behind the name of a run.
STATES_OF_OTHERS = {
    "queued": N_("waiting for its turn"),
    "running": N_("being trained"),
    "done": N_("trained"),
    "cancelled": N_("stopped"),
    "failed": N_("failed"),
    "interrupted": N_("interrupted"),
    "damaged": N_("damaged"),
}


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
    title, icon = PAUSED if status.paused else STATES[status.state]
    with st.container(border=True, key="run"):
        st.header(f"{icon} {_(title)}: {layout.escape(names.of(run))}", anchor=False)
        about = _("{run}. The options above belong to the next run.")
        st.caption(about.format(run=layout.escape(run_names.about(run))))
        jobs.warnings(events)
        epochs = runs.epochs(events)
        if status.state in ("queued", "running"):
            progress.show(run, events, before)
            _diagnosis(run, epochs)
            _curves(run, epochs)
        else:
            _outcome(run, status)
            _curves(run, epochs)
            _diagnosis(run, epochs)


def _diagnosis(run: RunFolder, epochs: list[EpochRow]) -> None:
    if "accuracy" in curves.of(epochs):  # the rules go by it
        diagnosis.show(run, epochs)


def _outcome(run: RunFolder, status: JobStatus) -> None:
    if damage := run.damage():
        st.error(layout.escape(damage), icon=":material/broken_image:")
    report = None if damage else run.report()
    if status.state == "failed" or (status.state == "cancelled" and not report):
        st.error(layout.escape(status.error or _("Stopped before the first epoch was finished.")))
    if status.state == "interrupted":
        st.warning(_("The app was closed during this run. Resume continues from its last finished epoch."))
    if report and run.recipe.everything:
        _unmeasured(run, status, report)
    elif report:
        MEASURED.get(kinds.of(run.project), _accuracy)(run, report)
        beside.show(run)
    if (
        status.state in ("interrupted", "cancelled", "failed")
        and not damage
        and st.button(
            _("Try again") if status.state == "failed" else _("Resume"),
            icon=":material/play_arrow:",
            key="resume",
            type="primary",
        )
    ):
        workers.engine().submit(run.job)
        st.rerun()


def _accuracy(run: RunFolder, report: RunReport) -> None:
    accuracy, best = report.validation, report.best
    phase = curves.IN_PHASE[best.phase]
    with st.container(horizontal=True):
        if accuracy.accuracy is not None:
            st.metric(_("Validation accuracy"), wording.percent(accuracy.accuracy, accuracy.n))
        st.metric(_("95% interval"), wording.interval(*accuracy.interval, accuracy.n), help=_(INTERVAL))
        if accuracy.baseline is not None:
            st.metric(_("Just guessing"), wording.percent(accuracy.baseline, accuracy.n), help=_(GUESSING))
        st.metric(_("Time"), wording.duration(report.seconds["total"]))
    if accuracy.grouped():
        st.caption(accuracy.grouped())
    st.caption(
        _(
            "On {pictures}, with the weights of the best epoch: {phase}, epoch {number}. They helped to choose it, so "
            "new pictures may do slightly worse."
        ).format(pictures=wording.of_split(accuracy.n, "validation"), phase=_(phase), number=best.epoch)
    )


#: How good a run is at its end, of kinds that have no accuracy.
MEASURED: Mapping[Things, Callable[[RunFolder, RunReport], None]] = {"boxes": boxes.measured}


def _unmeasured(run: RunFolder, status: JobStatus, report: RunReport) -> None:
    """Show what a run on everything has learned from, and how good the run was that it comes from."""
    with st.container(horizontal=True):
        st.metric(_("Learned from"), wording.pictures(report.counts.train))
        st.metric(_("Time"), wording.duration(report.seconds["total"]))
    if status.state == "cancelled":
        st.warning(_("It was stopped early, so it has learned less than was planned. Resume goes on."))
    st.markdown(layout.escape(everything.unmeasured(run)))


@functools.lru_cache(maxsize=64)
def _drawn(epochs: tuple[EpochRow, ...], metric: str, guess: float | None, spoken: str) -> "Figure":
    """Return curves as they are read in a language. Plotly takes long to draw the same again."""
    return curves.curves(epochs, metric, guess)


def _curves(run: RunFolder, epochs: list[EpochRow]) -> None:
    if not epochs:
        return
    last, best, guess = epochs[-1], runs.best_epoch(epochs), scores.guess(run, "validation")
    n = len(predictions.pictures_of(run, "validation"))
    for column, metric in zip(st.columns(2), curves.of(epochs), strict=False):
        with column:
            st.markdown(f"**{_(curves.METRICS[metric])}**")
            alt = curves.described(epochs, metric)
            if best and best.validated:
                lowest = _("The lowest validation loss is in epoch {number}.")
                alt = f"{alt} {lowest.format(number=epochs.index(best) + 1)}"
            drawn = guess.accuracy if guess and metric == "accuracy" else None
            charts.show(_drawn(tuple(epochs), metric, drawn, state.spoken()), alt, key=f"curve-{metric}")
    if run.recipe.convex and epochs[0].phase == "head":
        st.caption(_(_REGRESSION))
    if last.validated and "map50" in curves.of(epochs):
        st.caption(_(_PRECISION))
    if not last.validated:
        st.caption(_("It learned from all of these pictures, so the curves do not show how good it is."))
    if guess is not None:
        each = _("Each of the {pictures} changes the accuracy by {points}. Just guessing: {share}.")
        if guess.answers > n:
            each = _("Each label of the {pictures} changes the accuracy by {points}. Just guessing: {share}.")
        st.caption(
            each.format(
                pictures=wording.of_split(n, "validation"),
                points=wording.points(1 / guess.answers).removeprefix("+"),
                share=wording.percent(guess.accuracy, guess.answers),
            ),
            help=_(GUESSING),
        )


def manage(run: RunFolder) -> None:
    """Let a person give the run a name, or delete it."""
    with st.popover(_("Rename or delete"), icon=":material/edit:", key=f"run-{run.id}-{run.name}"):
        with st.form("rename-run", border=False):
            name = st.text_input(_("Name of the run"), value=names.of(run))
            if st.form_submit_button(_("Rename the run"), type="primary"):
                with layout.calm():
                    run.rename(name)
                    st.rerun()
        layout.delete_button(
            _("Delete the run"),
            run.folder,
            lambda for_good: _delete(run, for_good),
            means=_("Its model goes to the trash. Undo brings it back."),
            key="delete-run",
        )


def _delete(run: RunFolder, for_good: bool) -> Trashed:
    trashed = storage.trash_run(run, names.of(run), for_good=for_good)
    state.set_run(None)
    return trashed


def others(project: Project, current: RunFolder) -> None:
    """Offer the other runs of the project."""
    earlier = [run for run in runs.of_project(project) if run.id != current.id]
    if not earlier:
        return
    with layout.drawer(
        _("Other runs ({number})").format(number=len(earlier)), "other-runs", ":material/history:"
    ) as drawer:
        if not drawer.open:
            return
        for run in earlier[paging.page(len(earlier), PER_PAGE, "other-runs-page")]:
            damage = run.damage()
            report = None if damage else run.report()
            figure = report.validation if report else None
            how = _(STATES_OF_OTHERS["damaged" if damage else run.job.state])
            if figure and figure.accuracy is not None:
                how = _("{state}, validation accuracy {accuracy}").format(state=how, accuracy=_short(figure))
            what = run.name if damage else run_names.apart(run)
            layout.link("train", f"{layout.escape(what)}: {how}", run=run.id)


def _short(accuracy: Accuracy) -> str:
    """Return an accuracy with its n, interval and guess: ``"98% of 44 (88% to 99.6%; just guessing: 50%)"``."""
    n = accuracy.n
    figures = {
        "share": wording.percent(accuracy.accuracy or 0.0, n),
        "n": wording.number(n),
        "interval": wording.interval(*accuracy.interval, n),
    }
    if accuracy.baseline is None:
        return _("{share} of {n} ({interval})").format(**figures)
    guess = wording.percent(accuracy.baseline, n)
    return _("{share} of {n} ({interval}; just guessing: {guess})").format(**figures, guess=guess)
