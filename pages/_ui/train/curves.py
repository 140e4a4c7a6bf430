"""The learning curves of a run."""

import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pages._ui.shell.charts import TRAIN, TRAINABLE, UNUSED, VALIDATION, framed
from tl_core import wording
from tl_core.language import N_, _
from tl_core.runs import EpochRow, best_epoch

if TYPE_CHECKING:
    from plotly.graph_objects import Figure

METRICS = {"loss": N_("Loss"), "accuracy": N_("Accuracy"), "map50": "mAP@50"}
IN_PHASE = {"features": N_("first pass"), "head": N_("head"), "fine-tune": N_("fine-tuning")}
PHASE_TITLES = {"features": N_("First pass"), "head": N_("Head"), "fine-tune": N_("Fine-tuning")}


def of(epochs: Sequence[EpochRow]) -> list[str]:
    """Return the keys of ``METRICS`` that these epochs have: boxes have no accuracy, but a mAP in some epochs."""
    return [metric for metric in METRICS if metric == "loss" or any(_any(row, metric) for row in epochs)]


def _any(row: EpochRow, metric: str) -> bool:
    return any(getattr(row, name, None) is not None for name in (metric, f"val_{metric}"))


def described(epochs: Sequence[EpochRow], metric: str) -> str:
    """Return in words where the curves of a metric end, for those who do not see them."""
    if metric == "map50":
        measured = [(number, row.val_map50) for number, row in enumerate(epochs, 1) if row.val_map50 is not None]
        number, value = measured[-1]
        return _("mAP@50 after {number} epochs, on the validation pictures: {value}.").format(
            number=number, value=_number(value, metric)
        )
    last = epochs[-1]
    said = {
        name: _number(getattr(last, key), metric)
        for name, key in (("training", metric), ("validation", f"val_{metric}"))
    }
    text = _("{metric} after {number} epochs: training {training}.")
    if last.validated:
        text = _("{metric} after {number} epochs: training {training}, validation {validation}.")
    return text.format(metric=_(METRICS[metric]), number=len(epochs), **said)


def _number(value: float | None, metric: str) -> str:
    if value is None:
        return _("not a number")
    return wording.percent(value) if metric == "accuracy" else wording.decimal(value, 3)


def curves(epochs: Sequence[EpochRow], metric: str, guess: float | None = None) -> "Figure":
    """Return the course of a metric over epochs, train and validation; phases and best epoch marked.

    Args:
        epochs: the finished epochs in order.
        metric: ``"loss"``, ``"accuracy"`` (a fraction, shown in percent), or ``"map50"``, which some epochs have, and
            which is measured on the validation pictures alone.
        guess: accuracy of always predicting the most frequent class, drawn as a line; None for none.
    """
    import plotly.graph_objects as go

    numbers = list(range(1, len(epochs) + 1))
    validated = any(epoch.validated for epoch in epochs)
    lines = [
        _line(go, numbers, [getattr(epoch, name, None) for epoch in epochs], title, colour, dash)
        for name, title, colour, dash in (
            (metric, _("Training"), TRAIN, "solid"),
            (f"val_{metric}", _("Validation"), VALIDATION, "dash"),
        )
        if (validated or name == metric) and hasattr(epochs[0], name)
    ]
    if validated and (best := best_epoch(epochs)) and getattr(best, f"val_{metric}") is not None:
        number, at = epochs.index(best) + 1, [getattr(best, f"val_{metric}")]
        ring = {"symbol": "circle-open", "size": 16, "color": TRAINABLE, "line": {"width": 2.5}}
        lines.append(go.Scatter(x=[number], y=at, name=_("Best epoch"), mode="markers", marker=ring, hoverinfo="skip"))
    if guess is not None:
        across = [0.5, max(5, len(numbers)) + 0.5]
        dots = {"color": UNUSED, "dash": "dot"}
        lines.append(go.Scatter(x=across, y=[guess] * 2, name=_("Guessing"), mode="lines", line=dots))
    figure = framed(go.Figure(lines), height=300)
    figure.update_layout(xaxis_title=_("Epoch"), yaxis_title=_(METRICS[metric]), hovermode="x unified")
    figure.update_xaxes(dtick=max(1, len(numbers) // 10), range=[0.5, max(5, len(numbers)) + 0.5])
    if metric == "accuracy":
        least = min([guess or 1.0, *(value for line in lines for value in line.y if value is not None)])
        figure.update_yaxes(tickformat=".0%", range=[max(-0.02, least - 0.05), 1.09])
    if metric == "map50":
        figure.update_traces(connectgaps=True)  # not every epoch is measured
        figure.update_layout(showlegend=True)  # even where the only line is that of validation
        figure.update_yaxes(range=[-0.02, 1.09])
    _mark_phases(figure, epochs)
    return figure


def _line(go: Any, x: list[int], y: list[Any], title: str, colour: str, dash: str) -> Any:
    style = {"color": colour, "dash": dash, "width": 2.5}
    return go.Scatter(x=x, y=y, name=title, mode="lines+markers", line=style, marker={"size": 6})


def _mark_phases(figure: "Figure", epochs: Sequence[EpochRow]) -> None:
    phases = [epoch.phase for epoch in epochs]
    for number, (before, after) in enumerate(itertools.pairwise(phases), start=1):
        if before != after:
            title = _(PHASE_TITLES.get(after, after))
            # On the side where there is more room, and above the curves.
            left = number > max(5, len(phases)) / 2
            place = {"annotation_position": "top left" if left else "top right", "annotation_yshift": 4}
            figure.add_vline(x=number + 0.5, line_dash="dot", line_color=UNUSED, annotation_text=title, **place)
