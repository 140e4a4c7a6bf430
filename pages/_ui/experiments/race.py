"""The race on the page: who runs, the curves while they grow, the verdict and the button that takes the winner."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import streamlit as st

from pages._ui.experiments import charts as drawn
from pages._ui.experiments.frame import Row
from pages._ui.shell import charts, layout, present, state, workers
from tl_core.dataset import kinds as kinds_of
from tl_core.dataset import manifest
from tl_core.experiments import race, race_words, shootout_words
from tl_core.experiments.experiment import Experiment
from tl_core.experiments.race import Runner, Thawing
from tl_core.experiments.ranking import Ranking
from tl_core.freezing import estimates, outline, speed
from tl_core.freezing.estimates import Data
from tl_core.freezing.outline import Outline
from tl_core.jobs import Job
from tl_core.language import N_, _, ngettext
from tl_core.networks import tables
from tl_core.recipe import Recipe
from tl_core.wording import duration, estimate, interval, number, percent
from tl_core.workspace import Project

EPOCHS, SECONDS = N_("Epochs"), N_("Seconds")
#: What each may have, by what is the same for all, with the usual first.
EFFORTS = {EPOCHS: [5, 3, 10, 20, 50], SECONDS: [60, 30, 120, 300, 900]}
#: In a scan, so many lines beside the frozen network.
SCANNED = 5


def _form(project: Project) -> Callable[[], Experiment] | None:
    """Let a person choose the contestants and what they have the same of."""
    draft = state.draft(project)
    network = tables.get(draft.backbone)
    plan = _outline(network.id) or workers.engine().ask("outline", str(state.workspace().root), network.id)
    lines = {line: race_words.title(f"{race.LINE}{line}", plan) for line in reversed(plan.lines[:-1])}
    usual = plan.lines[plan.top_third]
    st.markdown(
        _("**Frozen** always runs: {network} as it is, with a new head.").format(network=layout.escape(network.title))
    )
    scratch = st.toggle(_("From scratch, with random weights"), **state.kept("race-scratch", True))
    kept = state.kept("race-lines", [usual], list(lines))
    chosen = st.multiselect(_("Fine-tuned"), list(lines), format_func=lines.__getitem__, **kept)
    label, icon = _("Scan: lines all over the network"), ":material/format_list_numbered:"
    if st.button(label, icon=icon, type="tertiary", key="race-scan-lines"):
        state.keep("race-lines", list(lines)[:: max(1, len(lines) // SCANNED)])
        state.keep("race-scratch", False)
        st.rerun()
    with st.container(horizontal=True):
        kinds = list(EFFORTS)
        kept = state.kept("race-kind", EPOCHS, kinds)
        kind = st.segmented_control(_("The same"), kinds, required=True, format_func=_, **kept)
        amounts = EFFORTS[kind]
        amount = st.selectbox(_(kind), sorted(amounts), **state.kept(f"race-{kind}", amounts[0], amounts), width=120)
    if not chosen and not scratch:
        st.caption(_("Add a contestant beside the frozen network."))
        return None
    if kind == SECONDS:
        return partial(race.create, project, draft, chosen, scratch=scratch, seconds=amount)
    st.caption(_takes(project, race.recipes(project, draft, chosen, scratch=scratch, epochs=amount)))
    return partial(race.create, project, draft, chosen, scratch=scratch, epochs=amount)


def _takes(project: Project, recipes: Mapping[str, Recipe]) -> str:
    """Return how long each contestant takes by the speed of this machine, as a sentence."""
    network = tables.get(recipes[race.FROZEN].backbone)
    plan, measured = _outline(network.id), speed.load(state.workspace()).get(network.id)
    if plan is None or measured is None:
        return _("How long each takes is not known yet: Freeze measures the speed of this machine.")
    pictures = manifest.load(project)
    parts = {split: len(pictures.split(split)) for split in ("train", "validation")}
    said = []
    for name, recipe in recipes.items():
        data = Data.of(recipe, network, **parts)
        takes = estimates.seconds(plan, recipe, data, classes=len(pictures.classes), speed=measured)
        said.append(f"{race_words.title(name, plan)}: {estimate(takes)}")
    times = layout.escape("; ".join(said))
    return _("By the speed of this machine, before any of it is stored: {times}.").format(times=times)


def _outline(backbone: str) -> Outline | None:
    return outline.load(state.workspace(), backbone)


def _result(current: Experiment) -> None:
    runners = race.runners(current)
    if not runners:
        return
    plan = outline_of(runners)
    ranking, thawed = compared(current, runners)
    present.button()
    if ranking and not current.active:
        st.markdown(f"**{race_words.verdict(ranking, plan)}**")
        st.markdown(race_words.thawing(thawed, plan))
        _take(runners, ranking)
    if any(each.epochs for each in runners):
        curves = {race_words.title(each.name, plan): each.epochs for each in runners}
        charts.show(drawn.race(curves), race_words.running(runners, plan), key="race-chart")
    if ranking:
        _scan(ranking, plan)
        _table(runners, ranking, plan)
        n = ranking.places[0].accuracy.n
        text = ngettext("On {number} validation picture.", "On {number} validation pictures.", n)
        said = [text.format(number=number(n)), shootout_words.right(kinds_of.of(current.project))]
        st.caption(" ".join(filter(None, said)), help=_(_METHOD))


def outline_of(runners: Sequence[Runner]) -> Outline | None:
    """Return the blocks of the network that runs, None while they are not known."""
    return _outline(runners[0].run.recipe.backbone) if runners else None


def compared(current: Experiment, runners: Sequence[Runner]) -> tuple[Ranking | None, Thawing | None]:
    """Return how the contestants compare that have come to their end, None before the first."""
    return _compared(str(current.folder), tuple(each.name for each in runners if each.run.ready))


@st.cache_data(max_entries=32, show_spinner=False)
def _compared(folder: str, ended: tuple[str, ...]) -> tuple[Ranking | None, Thawing | None]:
    """Return how the contestants compare; it changes when another one has ended."""
    return (race.ranked(Experiment(Path(folder))), race.thawing(Experiment(Path(folder)))) if ended else (None, None)


def _take(runners: Sequence[Runner], ranking: Ranking) -> None:
    """Draw the buttons that look at the run which is suggested, and train on with its choices."""
    chosen = next(each for each in runners if each.name == ranking.suggested)
    with st.container(horizontal=True):
        if st.button(_("Look at its results"), icon=":material/monitoring:", key="race-results"):
            state.set_run(chosen.run)
            st.switch_page("results.py", query_params=state.query())
        if st.button(_("Train like this"), icon=":material/arrow_forward:", key="race-take"):
            project, recipe = chosen.run.project, chosen.run.recipe
            state.save_draft(project, race.draft_like(state.draft(project), recipe))
            st.switch_page("train.py", query_params=state.query())


def _scan(ranking: Ranking, plan: Outline | None) -> None:
    """Draw the accuracy by freeze line, where several were tried."""
    lines = race_words.by_line(ranking, plan)
    frozen = next((each.accuracy for each in ranking.places if each.name == race.FROZEN), None)
    if frozen and len(lines) > 1:
        st.markdown(_("**Does thawing help or hurt?**"))
        charts.show(drawn.scan(lines, frozen), race_words.scanned(lines, frozen), key="race-scan")


def _table(runners: Sequence[Runner], ranking: Ranking, plan: Outline | None) -> None:
    by_name = {each.name: each for each in runners}
    rows = [
        {
            "Contestant": race_words.title(each.name, plan),
            "Accuracy": percent(each.accuracy.accuracy or 0, each.accuracy.n),
            "95% interval": interval(*each.accuracy.interval, each.accuracy.n),
            "Time": duration(each.milliseconds / 1000),
            "Epochs": len(by_name[each.name].epochs),
            "Pictures processed": race_words.seen(by_name[each.name]),
            "Compared": race_words.comparison(each, ranking),
        }
        for each in ranking.places
    ]
    columns: dict[str, Any] = {
        "Contestant": st.column_config.Column(_("Contestant"), pinned=True),
        "Accuracy": _("Accuracy"),
        "95% interval": _("95% interval"),
        "Time": _("Time"),
        "Epochs": _("Epochs"),
        "Pictures processed": _("Pictures processed"),
        "Compared": _("Compared"),
    }
    st.dataframe(rows, hide_index=True, width="stretch", column_config=columns)


def _name(job: Job) -> str:
    return race_words.title(job.id, _outline(job.task.args["recipe"]["backbone"]))


_METHOD = N_(
    "All have the same pictures, split and seed. Each keeps its best epoch, chosen by these pictures. Differences are "
    "tested on the same pictures (McNemar), corrected for the number of comparisons (Holm). Each is a run that you can "
    "open."
)

ROW = Row(
    kind=race.KIND,
    title=N_("Does freezing pay?"),
    icon=":material/sports_score:",
    lead=N_("From scratch, frozen and fine-tuned race on your pictures: with the same epochs, or the same seconds."),
    form=_form,
    result=_result,
    name=_name,
)
