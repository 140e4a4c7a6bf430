"""A list of pictures that a model was asked about: each opens, several can be marked and treated alike."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import streamlit as st

from pages._ui.pictures import actions
from pages._ui.pictures.picture_grid import picture_grid
from pages._ui.pictures.thumbnails import small
from pages._ui.results import picture_panel
from pages._ui.shell import state
from tl_core.dataset import manifest
from tl_core.evaluation.predictions import Predictions
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
    found: Predictions,
    entries: Sequence[Entry],
    place: str,
    treated: set[str],
    *,
    why: bool = False,
) -> None:
    """Show pictures page by page and the opened one below them.

    Args:
        run: whose answers they are.
        found: the answers, for the opened picture.
        entries: the pictures, in order.
        place: names the list: what is opened in it is remembered under this name.
        treated: ids that have been changed since; they are done and not shown.
        why: show at once why the model says what it says of the opened picture.
    """
    current = manifest.load(run.project)
    left = [each for each in entries if each.id not in treated]
    if not left:
        st.caption("There is no picture here." if not entries else "All of these have been changed since.")
        return
    shown, page = _page(left, place)
    opened = state.opened(place)
    marked = picture_grid(
        shown,
        [small(run.project, each.id) for each in shown],
        key=f"list-{place}",
        clear=f"{run.id}-{current.version}-{page}",
        opened=opened,
        on_open=lambda id_: state.set_opened(place, id_),
    )
    if len(left) < len(entries):
        gone = len(entries) - len(left)
        st.caption(f"{pictures(gone)} of this list {'was' if gone == 1 else 'were'} changed since and left it.")
    ids = [each.id for each in left]
    if marked:
        actions.several(run.project, current, marked, _moving_on(place, ids, marked))
    elif opened in ids:
        picture_panel.show(run, found, opened, _moving_on(place, ids, [opened]), why=why)
    else:
        st.caption("Press a picture to open it. Mark several in their corners to treat them alike.")


def _page(left: Sequence[Entry], place: str) -> tuple[Sequence[Entry], int]:
    pages = -(-len(left) // PER_PAGE)
    page = st.pagination(pages, key=f"page-{place}-{pages}") if pages > 1 else 1
    return left[(page - 1) * PER_PAGE : page * PER_PAGE], page


def _moving_on(place: str, ids: Sequence[str], treated: Sequence[str]) -> Callable[[], None]:
    """Return what opens the picture after those that have been treated, or the last one left."""
    last = max(ids.index(each) for each in treated)
    rest = [each for each in ids[last + 1 :] if each not in treated] or [
        each for each in reversed(ids[:last]) if each not in treated
    ]
    return lambda: state.set_opened(place, rest[0] if rest else None)


def entries(found: Predictions, ids: Sequence[str]) -> list[Entry]:
    """Return the entries of some of the pictures: what the model said, how sure it was, and what it was."""
    row_of = {id_: row for row, id_ in enumerate(found.ids)}
    return [_entry(found, id_, row_of[id_]) for id_ in ids]


def _entry(found: Predictions, id_: str, row: int) -> Entry:
    said, was = int(found.predicted[row]), int(found.truth[row])
    sure = certainty(found.probabilities[row, said])
    return Entry(id_, f"{found.classes[said]} {sure}", f"it was {found.classes[was]}")
