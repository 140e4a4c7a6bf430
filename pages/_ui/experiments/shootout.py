"""The shoot-out on the page: which networks, how they compare on one's own pictures, and the button that takes one."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import streamlit as st

from pages._ui.experiments import charts as drawn
from pages._ui.experiments.frame import Row
from pages._ui.freeze import probe
from pages._ui.shell import charts, layout, state
from tl_core.about import Things
from tl_core.dataset import kinds
from tl_core.experiments import baselines, curve_words, shootout, shootout_words
from tl_core.experiments.experiment import Experiment
from tl_core.experiments.ranking import Ranking
from tl_core.experiments.shootout import Entry
from tl_core.jobs import Job
from tl_core.language import N_, _
from tl_core.networks import tables
from tl_core.tasks import table as tasks
from tl_core.wording import interval, milliseconds, percent, size
from tl_core.workspace import Project

DOWNLOADED = N_("More networks can be downloaded on the Network page.")
#: Where networks come from, by what they take.
MORE: dict[Things, str] = {"texts": N_("To compare a network of your own, add its folder on the Network page.")}


def _form(project: Project) -> Callable[[], Experiment] | None:
    """Let a person choose among the networks whose weights are here."""
    usual = tables.get(state.draft(project).backbone or tasks.of(project).network)
    titles = {each.title: each.id for each in shootout.offered(project, usual.id)}
    if not titles:
        probe.has_weights(usual)
        return None
    chosen = st.multiselect(_("Networks"), list(titles), **state.kept("shootout-networks", list(titles), list(titles)))
    st.caption(_(MORE.get(kinds.of(project), DOWNLOADED)))
    return (lambda: shootout.create(project, [titles[each] for each in chosen])) if chosen else None


def _result(current: Experiment) -> None:
    measured = shootout.entries(current)
    if not measured:
        return
    ranking = _ranked(str(current.folder), tuple(each.backbone for each in measured))
    beside = shootout.beside(current)
    if not current.active:
        verdict = f"**{layout.escape(shootout_words.verdict(ranking))}**"
        st.markdown(f"{verdict} {layout.escape(beside.sentence())}" if beside else verdict)
        if not ranking.guessing:
            _take(current.project, ranking.suggested, tables.title(ranking.suggested))
    charts.show(drawn.scatter(ranking, beside.baseline if beside else None), _alt(ranking), key="shootout-chart")
    _table(ranking, measured)
    said = [curve_words.on(measured[0].accuracy.n, measured[0].every), shootout_words.luck(ranking)]
    said.append(shootout_words.right(kinds.of(current.project)))
    st.caption(" ".join(filter(None, said)), help=_(_METHOD))


@st.cache_data(max_entries=32, show_spinner=False)
def _ranked(folder: str, measured: tuple[str, ...]) -> Ranking:
    """Return the ranking; it changes when another network was measured."""
    ranking = shootout.ranked(Experiment(Path(folder)))
    assert ranking is not None, f"{len(measured)} networks were measured"
    return ranking


def _take(project: Project, backbone: str, title: str) -> None:
    """Draw the button that makes a network the project's, and leads to Train."""
    now = state.draft(project).backbone == backbone
    label = (_("Train with {network}") if now else _("Use {network}")).format(network=layout.escape(title))
    if st.button(label, icon=":material/arrow_forward:", key="take-network"):
        state.choose_backbone(project, backbone)
        st.switch_page("train.py", query_params=state.query())


def _table(ranking: Ranking, measured: list[Entry]) -> None:
    usual = {each.backbone: each.milliseconds_usual for each in measured}
    rows = [
        {
            "Network": tables.title(each.name),
            "Accuracy": percent(each.accuracy.accuracy or 0, each.accuracy.n),
            "95% interval": interval(*each.accuracy.interval, each.accuracy.n),
            "A picture takes": _("{time} (usually {usual})").format(
                time=milliseconds(each.milliseconds), usual=milliseconds(usual[each.name])
            ),
            "Size": size(each.bytes),
            "Compared": shootout_words.comparison(each, ranking.places[0]),
        }
        for each in ranking.places
    ]
    columns: dict[str, Any] = {
        "Network": st.column_config.Column(_("Network"), pinned=True),
        "Accuracy": _("Accuracy"),
        "95% interval": _("95% interval"),
        "A picture takes": _("A picture takes"),
        "Size": _("Size"),
        "Compared": _("Compared"),
    }
    st.dataframe(rows, hide_index=True, width="stretch", column_config=columns)


def _alt(ranking: Ranking) -> str:
    each = (
        _("{network} {accuracy}, {time} a picture").format(
            network=tables.title(place.name),
            accuracy=percent(place.accuracy.accuracy or 0, place.accuracy.n),
            time=milliseconds(place.milliseconds),
        )
        for place in ranking.places
    )
    return _("Accuracy and time of each network: {networks}.").format(networks="; ".join(each))


def _name(job: Job) -> str:
    if job.id == shootout.BESIDE:
        return _(baselines.WORDS.title)
    return tables.title(job.task.args["backbone"])


_METHOD = N_(
    "Each picture is predicted by a head that has not seen it (cross-validation). All networks get the same folds. "
    "Differences are tested on the same pictures (McNemar), corrected for the number of comparisons (Holm). "
    "The time is that of one picture at a time. Fine-tuning may change the order."
)

ROW = Row(
    kind=shootout.KIND,
    title=N_("Which network suits my pictures?"),
    icon=":material/leaderboard:",
    lead=N_(
        "Each network gets a head for your classes. You see how often it is right, how long a picture takes, and how "
        "large it is."
    ),
    form=_form,
    result=_result,
    name=_name,
)
