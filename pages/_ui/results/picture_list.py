"""A list of pictures with their predictions: each opens, several can be selected and edited together."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from pages._ui.explain import views
from pages._ui.pictures import actions
from pages._ui.results import picture_panel
from pages._ui.shell import paging, state
from tl_core.dataset import manifest
from tl_core.evaluation.predictions import Predictions
from tl_core.language import _
from tl_core.runs import RunFolder
from tl_core.wording import certainty, pictures

PER_PAGE = 24


@dataclass(frozen=True)
class Entry:
    """A picture of a list, with what is written under it: plain text."""

    id: str
    caption: str
    detail: str


def show(
    run: RunFolder,
    predicted: Predictions,
    entries: Sequence[Entry],
    place: str,
    done: set[str],
    *,
    why: bool = False,
) -> None:
    """Show pictures page by page and the opened one below them.

    Args:
        run: whose predictions they are.
        predicted: the predictions, for the opened picture.
        entries: the pictures, in order.
        place: names the list: what is opened in it is remembered under this name.
        done: ids that have been changed since; they are not shown.
        why: show at once why the model says what it says of the opened picture.
    """
    current = manifest.load(run.project)
    left = [each for each in entries if each.id not in done]
    if not left:
        st.caption(_("All of these have been changed since.") if entries else _("No pictures."))
        return
    rows = paging.page(len(left), PER_PAGE, f"page-{place}")
    shown = left[rows]
    opened = state.opened(place)
    marked = views.of(run.project).listed(
        run.project,
        shown,
        key=f"list-{place}",
        clear=f"{run.id}-{current.version}-{rows.start}",
        opened=opened,
        on_open=lambda id_: state.set_opened(place, id_),
    )
    if len(left) < len(entries):
        gone = len(entries) - len(left)
        st.caption(_("{pictures} left this list: changed since.").format(pictures=pictures(gone)))
    ids = [each.id for each in left]
    if marked:
        actions.several(run.project, current, marked, _moving_on(place, ids, marked))
    elif opened in ids:
        picture_panel.show(run, predicted, opened, _moving_on(place, ids, [opened]), why=why)
    else:
        st.caption(_("Press a picture to open it. Mark several at their corners to change them together."))


def _moving_on(place: str, ids: Sequence[str], treated: Sequence[str]) -> Callable[[], None]:
    """Return what opens the picture after those that have been treated, or the last one left."""
    last = max(ids.index(each) for each in treated)
    rest = [each for each in ids[last + 1 :] if each not in treated] or [
        each for each in reversed(ids[:last]) if each not in treated
    ]
    return lambda: state.set_opened(place, rest[0] if rest else None)


def entries(predicted: Predictions, ids: Sequence[str]) -> list[Entry]:
    """Return the entries of some of the pictures: the predicted class, its probability, and the label."""
    row_of = {id_: row for row, id_ in enumerate(predicted.ids)}
    return [_entry(predicted, id_, row_of[id_]) for id_ in ids]


def _entry(predicted: Predictions, id_: str, row: int) -> Entry:
    answer, truth = (predicted.classes[at] for at in (predicted.predicted[row], predicted.truth[row]))
    label = _("label: {label}").format(label=truth)
    return Entry(id_, f"{answer} {certainty(float(predicted.confidence[row]))}", label)
