"""A run on a projector: how often it is right, how far it is, its accuracy by epoch; at its end, its result."""

from collections.abc import Mapping

import streamlit as st

from pages._ui.shell import layout, present
from pages._ui.train import curves, progress, waiting
from pages._ui.train.run import REFRESH_SECONDS, STATES
from tl_core import runs, wording
from tl_core.evaluation import predictions, scores
from tl_core.language import _
from tl_core.runs import EpochRow, RunFolder


def show(run: RunFolder | None) -> None:
    """Present a run, live while it goes on; without one say so."""
    if run is None:
        present.answer(_("Nothing has been trained yet."), _("Leave, and press **Train**."))
        return
    active = run.job.active
    before = waiting.before(run) if active else {}
    st.fragment(_view, run_every=REFRESH_SECONDS if active else None)(run, active, before)


def _view(run: RunFolder, was_active: bool, before: Mapping[str, str]) -> None:
    with layout.calm():
        events = run.job.events()
        epochs = runs.epochs(events)
        if run.job.active:
            _running(run, epochs)
            with st.container(key="present-state"):
                now = progress.standing(progress.of_this_attempt(events, run.job.status()), before)
                left = "" if now.left is None else " · " + _("{time} left").format(time=wording.estimate(now.left))
                st.markdown(f"{now.text}{left}")
                st.progress(now.share)
                progress.stop(run)
        elif was_active:
            st.rerun()
        else:
            _ended(run)
        if epochs:
            _chart(run, epochs)


def _running(run: RunFolder, epochs: list[EpochRow]) -> None:
    n = len(predictions.pictures_of(run, "validation"))
    if measured := [(row.val_map50, number) for number, row in enumerate(epochs, 1) if row.val_map50 is not None]:
        value, number = measured[-1]
        said = _("mAP@50 on {pictures}, after epoch {epoch}")
        more = said.format(pictures=wording.of_split(n, "validation"), epoch=number)
        present.answer(wording.fraction(value), more)
        return
    if not epochs or epochs[-1].val_accuracy is None:
        present.answer(_("It is about to learn.") if not epochs else _("It learns."))
        return
    said = _("of {pictures} right, after epoch {epoch}")
    more = said.format(pictures=wording.of_split(n, "validation"), epoch=len(epochs))
    present.answer(wording.percent(epochs[-1].val_accuracy, n), more)


def _ended(run: RunFolder) -> None:
    report = None if run.damage() else run.report()
    accuracy = report.validation.accuracy if report else None
    if report is None or accuracy is None:
        present.answer(_(STATES["damaged" if run.damage() else run.job.state][0]))
        return
    share = report.validation
    more = _("of {pictures} right · 95% interval {interval}").format(
        pictures=wording.of_split(share.n, "validation"), interval=wording.interval(*share.interval, share.n)
    )
    if share.baseline is not None:
        more += " · " + _("just guessing: {share}").format(share=wording.percent(share.baseline, share.n))
    present.answer(wording.percent(accuracy, share.n), more)


def _chart(run: RunFolder, epochs: list[EpochRow]) -> None:
    guess = scores.guess(run, "validation")
    metric = curves.of(epochs)[-1]
    figure = curves.curves(epochs, metric, guess.accuracy if guess else None)
    present.chart(figure, curves.described(epochs, metric), key="present-chart")
