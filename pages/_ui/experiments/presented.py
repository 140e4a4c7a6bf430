"""The race on a projector: who is ahead and the curves; at its end, the verdict."""

import streamlit as st

from pages._ui.experiments import charts as drawn
from pages._ui.experiments import frame, race
from pages._ui.shell import layout, present
from tl_core.experiments import experiment, race_words
from tl_core.experiments import race as races
from tl_core.experiments.experiment import Experiment
from tl_core.experiments.race import Runner
from tl_core.freezing.outline import Outline
from tl_core.language import _
from tl_core.wording import percent
from tl_core.workspace import Project


def show(project: Project) -> None:
    """Present the newest race of a project, live while it goes on; without one say so."""
    current = experiment.newest(project, races.KIND)
    if current is None:
        present.answer(_("No race has been run yet."), _("Leave, and press **Start**."))
        return
    st.fragment(run_every=frame.EVERY if current.active else None)(_view)(current, current.active)


def _view(current: Experiment, was_active: bool) -> None:
    with layout.calm():
        active = frame.is_active(current)
        if was_active and not active:
            st.rerun()
        runners = races.runners(current)
        plan = race.outline_of(runners)
        if active:
            _running(current, runners, plan)
        else:
            _ended(current, runners, plan)
        if any(each.epochs for each in runners):
            curves = {race_words.title(each.name, plan): each.epochs for each in runners}
            present.chart(drawn.race(curves), race_words.running(runners, plan), key="present-chart")


def _running(current: Experiment, runners: list[Runner], plan: Outline | None) -> None:
    ahead = max(runners, key=_last, default=None)
    if ahead is None or _last(ahead) == 0:
        present.answer(_("On your marks."))
    else:
        alone = sum(1 for each in runners if each.epochs) == 1
        more = _("begins, the others follow") if alone else _("is ahead so far")
        present.answer(f"{race_words.title(ahead.name, plan)} · {percent(_last(ahead))}", more)
    with st.container(key="present-state"):
        share, text = frame.standing(race.ROW, current)
        st.markdown(text)
        st.progress(share)
        frame.stop(race.ROW, current)


def _last(runner: Runner) -> float:
    return (runner.epochs[-1].val_accuracy or 0.0) if runner.epochs else 0.0


def _ended(current: Experiment, runners: list[Runner], plan: Outline | None) -> None:
    ranking = race.compared(current, runners)[0]
    if ranking is None:
        present.answer(_("No contestant has come to its end."))
        return
    chosen = ranking.place(ranking.suggested)
    share = percent(chosen.accuracy.accuracy or 0, chosen.accuracy.n)
    won = _("No better than guessing") if ranking.guessing else f"{race_words.title(chosen.name, plan)} · {share}"
    present.answer(won, race_words.verdict(ranking, plan))
