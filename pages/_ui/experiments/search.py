"""Find the best on the page: the budget, the tree while it grows, the recipe at its end and what trains it."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import streamlit as st

from pages._ui.experiments import search_chart
from pages._ui.experiments.frame import Row
from pages._ui.freeze import probe
from pages._ui.shell import charts, layout, state, workers
from pages._ui.train import start
from tl_core.dataset import kinds
from tl_core.errors import TLError
from tl_core.experiments import clock, outcome, search, search_words, shootout, shootout_words
from tl_core.experiments.experiment import Experiment
from tl_core.experiments.outcome import Outcome, Tried
from tl_core.experiments.rungs import Plan
from tl_core.freezing import outline
from tl_core.freezing.outline import Outline
from tl_core.jobs import Job
from tl_core.language import N_, _
from tl_core.networks import tables
from tl_core.tasks import table as tasks
from tl_core.wording import percent, plural
from tl_core.workspace import Project

#: Minutes that are offered, with the usual number among them.
BUDGETS = [5, 10, 15, 30, 60]
ICONS = {
    "waiting": ":material/schedule:",
    "running": ":material/play_circle:",
    "kept": ":material/check_circle:",
    "dropped": ":material/cancel:",
    "failed": ":material/error:",
    "chosen": ":material/star:",
}


def _form(project: Project) -> Callable[[], Experiment] | None:
    """Let a person choose the budget, and among the networks whose weights are here."""
    usual = tables.get(tasks.of(project).network)
    if not probe.has_weights(usual):
        return None
    titles = {
        each.title: each.id for each in shootout.offered(project, state.draft(project).backbone) if each.id != usual.id
    }
    minutes = st.segmented_control(
        _("Minutes"),
        BUDGETS,
        required=True,
        help=_("The time for trying. What cannot be finished within it is not begun."),
        **state.kept("search-minutes", int(search.MINUTES), BUDGETS),
    )
    chosen = list(titles)
    if titles:
        kept = state.kept("search-networks", list(titles), list(titles))
        label = _("Networks beside {network}").format(network=usual.title)
        chosen = st.multiselect(label, list(titles), **kept)
    backbones = [usual.id, *(titles[each] for each in chosen)]
    return lambda: search.create(project, backbones, minutes=float(minutes))


def _result(current: Experiment) -> None:
    try:
        plan, tried, found = _read(str(current.folder), search.stamp(current))
    except TLError as exc:
        st.error(layout.escape(str(exc)), icon=":material/error:")
        return
    if plan is None or not tried:
        return
    drawn = {each: outline.load(state.workspace(), each) for each in {one.candidate.recipe.backbone for one in tried}}
    if not current.active:
        _suggest(current.project, current, found, drawn)
        if found and (text := search_words.untuned(plan)):
            st.markdown(text)
    if any(each.accuracy for each in tried):
        charts.show(search_chart.tree(plan, tried, drawn), _alt(tried, drawn), key="search-chart")
    title = _("What was tried ({number})").format(number=len(tried))
    with layout.drawer(title, "search-tree", ":material/account_tree:", opened=True) as tree:
        if tree.open:
            st.markdown("\n".join(_branches(tried, drawn, "")))
    st.caption(_("Each is judged by pictures that it has not learned from."), help=_(_METHOD))


@st.cache_data(max_entries=32, show_spinner=False)
def _read(folder: str, changed: tuple[int, ...]) -> tuple[Plan | None, list[Tried], Outcome | None]:
    """Return what is known of a search; it changes with its files."""
    of = Experiment(Path(folder))
    return search.load(of), outcome.tree(of), outcome.of_search(of) if changed else None


def _suggest(project: Project, current: Experiment, found: Outcome | None, drawn: Mapping[str, Outline | None]) -> None:
    """Say which recipe to take, why, what it costs and how sure that is; draw the buttons that train it."""
    if found is None:
        st.markdown(f"**{_(search_words.UNFINISHED)}**")
        return
    said = [search_words.sure(found), search_words.precision(found), shootout_words.right(kinds.of(project))]
    st.markdown(" ".join(filter(None, [f"**{search_words.verdict(found, drawn[found.recipe.backbone])}**", *said])))
    st.markdown(search_words.costs(found))
    busy = start.busy(project)
    with st.container(horizontal=True):
        if st.button(
            _("Train it on all pictures"),
            icon=":material/model_training:",
            type="primary",
            key="search-train",
            disabled=busy,
            help=_("Another run is being trained. Wait for it.") if busy else _(_ALL),
        ):
            run = outcome.train_on_all(current)
            workers.engine().submit(run.job)
            state.set_run(run)
            st.switch_page("train.py", query_params=state.query())
        if st.button(_("Fill in the form"), icon=":material/edit_note:", key="search-take", help=_(_FORM)):
            state.save_draft(project, state.draft(project).following(found.recipe))
            st.switch_page("train.py", query_params=state.query())
    st.markdown(search_words.flattered(found))


def _branches(tried: Sequence[Tried], drawn: Mapping[str, Outline | None], parent: str, depth: int = 0) -> list[str]:
    """Return what grew from a candidate as a nested list in Markdown."""
    lines = []
    for each in tried:
        if each.candidate.parent == parent:
            recipe = each.candidate.recipe
            said = f"{search_words.title(recipe, drawn[recipe.backbone])}: {search_words.result(each)}"
            lines += [f"{'    ' * depth}- {ICONS[each.state]} {layout.escape(said)}"]
            lines += _branches(tried, drawn, each.candidate.id, depth + 1)
    return lines


def _alt(tried: Sequence[Tried], drawn: Mapping[str, Outline | None]) -> str:
    known = [(each, each.accuracy) for each in tried if each.accuracy]
    best, accuracy = max(known, key=lambda each: (each[0].rung, each[1].accuracy or 0))
    named = search_words.title(best.candidate.recipe, drawn[best.candidate.recipe.backbone])
    right = percent(accuracy.accuracy or 0, accuracy.n)
    recipes = plural(len(known), "recipe", "recipes")
    return _("Accuracy of {recipes}, rung by rung. The best one of the last: {recipe}, {accuracy}.").format(
        recipes=recipes, recipe=named, accuracy=right
    )


def _standing(current: Experiment) -> tuple[float, str]:
    args = current.parts()[0].task.args
    used, minutes = clock.spent(current), float(args["minutes"])
    plan, tried, _found = _read(str(current.folder), search.stamp(current))
    return min(1.0, used / (60 * minutes)), search_words.standing(plan, tried, minutes, used)


def _name(job: Job) -> str:
    return _("Part {number}").format(number=job.id.rpartition("-")[2])


_ALL = N_(
    "Starts a run that learns from training and validation pictures, too. The figure above stands for its accuracy."
)
_FORM = N_("Puts these choices into the form on Train. A run from there keeps its validation pictures.")
_METHOD = N_(
    "Heads learn on frozen networks. Then many recipes fine-tune for a few epochs, the better half of them for longer, "
    "and so on (successive halving). A recipe that is best only by chance does not win: within one standard error, the "
    "one that was expected to be better does. How many fit depends on the clock, everything else on the seed. A fifth "
    "of the pictures is set aside before that. Only the best one and the default are measured on it, at the end."
)

ROW = Row(
    kind=search.KIND,
    title=N_("Find the best for me"),
    icon=":material/travel_explore:",
    lead=N_(
        "Tries networks, freeze lines, heads and augmentations within your time, and ends with one recipe to train."
    ),
    form=_form,
    result=_result,
    name=_name,
    standing=_standing,
)
