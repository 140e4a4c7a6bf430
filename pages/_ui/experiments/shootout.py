"""The shoot-out on the page: which networks, how they compare on one's own pictures, and the button that takes one."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from pages._ui.experiments import charts as drawn
from pages._ui.experiments.frame import Row
from pages._ui.freeze import probe
from pages._ui.shell import charts, state
from tl_core.experiments import curve_words, shootout, shootout_words
from tl_core.experiments.experiment import Experiment
from tl_core.experiments.ranking import Ranking
from tl_core.experiments.shootout import Entry
from tl_core.jobs import Job
from tl_core.networks import catalogue
from tl_core.wording import interval, milliseconds, percent, size
from tl_core.workspace import Project


def _form(project: Project) -> Callable[[], Experiment] | None:
    """Let a person choose among the networks whose weights are here."""
    titles = {each.title: each.id for each in shootout.offered(state.workspace())}
    if not titles:
        probe.has_weights(catalogue.get(None))
        return None
    chosen = st.multiselect("Networks", list(titles), **state.kept("shootout-networks", list(titles), list(titles)))
    st.caption("More networks can be downloaded on the Network page.")
    return (lambda: shootout.create(project, [titles[each] for each in chosen])) if chosen else None


def _result(current: Experiment) -> None:
    measured = shootout.entries(current)
    if not measured:
        return
    ranking = _ranked(str(current.folder), tuple(each.backbone for each in measured))
    chosen = catalogue.get(ranking.suggested)
    if not current.active:
        st.markdown(f"**{shootout_words.verdict(ranking)}**")
        if not ranking.guessing:
            _take(current.project, chosen.id, chosen.title)
    charts.show(drawn.scatter(ranking), _alt(ranking), key="shootout-chart")
    _table(ranking, measured)
    said = [curve_words.on(measured[0].accuracy.n, measured[0].every), shootout_words.luck(ranking)]
    st.caption(" ".join(filter(None, said)), help=_METHOD)


@st.cache_data(max_entries=32, show_spinner=False)
def _ranked(folder: str, measured: tuple[str, ...]) -> Ranking:
    """Return the ranking; it changes when another network was measured."""
    ranking = shootout.ranked(Experiment(Path(folder)))
    assert ranking is not None, f"{len(measured)} networks were measured"
    return ranking


def _take(project: Project, backbone: str, title: str) -> None:
    """Draw the button that makes a network the project's, and leads to Train."""
    now = state.draft(project).backbone == backbone
    if st.button(f"Train with {title}" if now else f"Use {title}", icon=":material/arrow_forward:", key="take-network"):
        state.choose_backbone(project, backbone)
        st.switch_page("train.py", query_params=state.query())


def _table(ranking: Ranking, measured: list[Entry]) -> None:
    usual = {each.backbone: each.milliseconds_usual for each in measured}
    rows = [
        {
            "Network": catalogue.get(each.name).title,
            "Accuracy": percent(each.accuracy.accuracy or 0, each.accuracy.n),
            "95% interval": interval(*each.accuracy.interval, each.accuracy.n),
            "A picture takes": f"{milliseconds(each.milliseconds)} (usually {milliseconds(usual[each.name])})",
            "Size": size(each.bytes),
            "Compared": shootout_words.comparison(each, ranking.places[0]),
        }
        for each in ranking.places
    ]
    st.dataframe(
        rows, hide_index=True, width="stretch", column_config={"Network": st.column_config.Column(pinned=True)}
    )


def _alt(ranking: Ranking) -> str:
    each = (
        f"{catalogue.get(place.name).title} {percent(place.accuracy.accuracy or 0, place.accuracy.n)}, "
        f"{milliseconds(place.milliseconds)} a picture"
        for place in ranking.places
    )
    return f"Accuracy and time of each network: {'; '.join(each)}."


def _name(job: Job) -> str:
    return catalogue.get(job.task.args["backbone"]).title


_METHOD = (
    "Each picture is predicted by a head that has not seen it (cross-validation). All networks get the same folds. "
    "Differences are tested on the same pictures (McNemar), corrected for the number of comparisons (Holm). "
    "The time is that of one picture at a time. Fine-tuning may change the order."
)

ROW = Row(
    kind=shootout.KIND,
    title="Which network suits my pictures?",
    icon=":material/leaderboard:",
    lead="Each network gets a head for your classes. You see how often it is right, how long a picture takes, and how "
    "large it is.",
    form=_form,
    result=_result,
    name=_name,
)
