"""The chart of a search: a column for each rung, and lines from each recipe to what grew from it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from pages._ui.shell.charts import TEST, TRAIN, UNUSED, framed
from tl_core.experiments import search_words
from tl_core.experiments.outcome import Tried
from tl_core.experiments.rungs import Plan
from tl_core.freezing.outline import Outline
from tl_core.language import N_, _
from tl_core.wording import plural

if TYPE_CHECKING:
    import plotly.graph_objects as go

#: How candidates look by what becomes of them: name, colour, marker.
LOOKS = {
    "kept": (N_("Kept"), TRAIN, "circle"),
    "dropped": (N_("Dropped"), UNUSED, "x"),
    "chosen": (N_("Chosen"), TEST, "star"),
}
#: Part of a column over which the candidates of a rung are spread.
SPREAD = 0.5
#: Of the axis of accuracies.
LEAST_SPAN = 0.2


def tree(plan: Plan, tried: Sequence[Tried], drawn: Mapping[str, Outline | None]) -> "go.Figure":
    """Return each candidate that was measured by its rung and accuracy."""
    import plotly.graph_objects as go

    at = {each.candidate.id: (_x(plan, each), each.accuracy.accuracy) for each in tried if each.accuracy}
    pairs = [
        (at[each.candidate.parent], at[each.candidate.id])
        for each in tried
        if each.candidate.id in at and each.candidate.parent in at
    ]
    lines = go.Scatter(
        x=[x for one, other in pairs for x in (one[0], other[0], None)],
        y=[y for one, other in pairs for y in (one[1], other[1], None)],
        mode="lines",
        line={"color": UNUSED, "width": 1},
        hoverinfo="skip",
        showlegend=False,
    )
    dots = [
        _dots(state, [each for each in tried if each.state == state and each.accuracy], at, drawn) for state in LOOKS
    ]
    figure = framed(go.Figure([lines, *(each for each in dots if each)]), height=340)
    names = [_name(plan, number) for number in range(len(plan.rungs))]
    figure.update_xaxes(tickvals=list(range(len(names))), ticktext=names, range=[-0.5, len(names) - 0.5])
    heights = [y or 0.0 for _, y in at.values()]
    above = max(LEAST_SPAN, max(heights) - min(heights)) / 8
    span = [max(0.0, min(heights) - above), min(1.0, max(heights) + above)]
    figure.update_yaxes(title=_("Accuracy"), tickformat=".2~%", range=span)
    return figure


def _x(plan: Plan, tried: Tried) -> float:
    every = [each.id for each in plan.rungs[tried.rung].candidates]
    return tried.rung + SPREAD * ((every.index(tried.candidate.id) + 0.5) / len(every) - 0.5)


def _name(plan: Plan, number: int) -> str:
    rung = plan.rungs[number]
    if rung.stage == "tuned":
        return plural(max(each.recipe.fine_tune_epochs for each in rung.candidates), "epoch", "epochs")
    return {"heads": _("Heads"), "again": _("Set aside")}[rung.stage]


def _dots(
    state: str,
    tried: Sequence[Tried],
    at: Mapping[str, tuple[float, float | None]],
    drawn: Mapping[str, Outline | None],
) -> "go.Scatter":
    import plotly.graph_objects as go

    name, colour, sign = LOOKS[state]
    return go.Scatter(
        x=[at[each.candidate.id][0] for each in tried],
        y=[at[each.candidate.id][1] for each in tried],
        mode="markers",
        cliponaxis=False,
        name=_(name),
        marker={"color": colour, "symbol": sign, "size": 14 if state == "chosen" else 10},
        customdata=[
            f"{search_words.title(each.candidate.recipe, drawn[each.candidate.recipe.backbone])}<br>"
            f"{search_words.result(each)}"
            for each in tried
        ],
        hovertemplate="%{customdata}<extra></extra>",
    )
