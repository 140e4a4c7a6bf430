"""Pictures with several labels in a list: each opens, with the labels that it has and those that it is given."""

from collections.abc import Sequence

import streamlit as st

from pages._ui.explain import picture
from pages._ui.pictures.picture_grid import picture_grid
from pages._ui.pictures.thumbnails import small
from pages._ui.results.picture_list import PER_PAGE, Entry
from pages._ui.shell import layout, paging, state
from tl_core.dataset import manifest
from tl_core.dataset import tags as tagged
from tl_core.evaluation import tags
from tl_core.evaluation.tags import TagPredictions, Thresholds
from tl_core.explain.neighbours import Seen
from tl_core.language import _
from tl_core.runs import RunFolder


def show(
    run: RunFolder,
    entries: Sequence[Entry],
    place: str,
    seen: Seen,
    label: str | None = None,
    *,
    why: bool = False,
) -> None:
    """Show pictures page by page and the opened one below them, with what in it speaks for a label.

    Args:
        run: whose model it is.
        entries: the pictures.
        place: names the list.
        seen: predictions, among which they may be.
        label: of which the evidence is shown first; None for the most probable one.
        why: show that at once, and not only when a person asks for it.
    """
    if not entries:
        st.caption(_("No pictures."))
        return
    rows = paging.page(len(entries), PER_PAGE, f"page-{place}")
    opened, shown = state.opened(place), entries[rows]
    picture_grid(
        shown,
        [small(run.project, each.id) for each in shown],
        key=f"list-{place}",
        clear=f"{run.id}-{entries[0].id}-{rows.start}",
        opened=opened,
        on_open=lambda id_: state.set_opened(place, id_),
        marks=False,
    )
    chosen = next((each for each in shown if each.id == opened), None)
    if chosen is None:
        st.caption(_("Press a picture to open it."))
        return
    panel(run, chosen, place, seen, label, why=why)


def panel(run: RunFolder, entry: Entry, place: str, seen: Seen, label: str | None, *, why: bool = False) -> None:
    """Show one picture, large, with the labels that it has and what speaks for one of them; arguments as ``show``."""
    table = manifest.of_run(run).table
    has = dict(zip(table["id"], table["label"], strict=True))[entry.id]
    with st.container(border=True, key=f"panel-{place}"):
        left, right = st.columns([2, 3], gap="medium")
        with left:
            picture.drawn(run.project, entry.id, f"{has}: {entry.caption}")
        right.markdown(_("Labels: **{labels}**").format(labels=layout.escape(has or _("none"))))
        right.text(f"{entry.caption}. {entry.detail}")
        if why:
            picture.one(run, seen, entry.id, label)
            return
        with layout.drawer(_("Why does it say so?"), f"why-{place}", ":material/visibility:") as more:
            if more.open:
                picture.one(run, seen, entry.id, label)


def of_run(run: RunFolder, split: str, ids: Sequence[str], place: str) -> None:
    """Show some pictures of a split with the labels that they are given, and those that they have."""
    predicted = tags.load(run, split)
    if predicted is None:
        return
    known = set(predicted.ids)
    show(run, given(predicted, tags.thresholds_of(run), [id_ for id_ in ids if id_ in known]), place, predicted)


def given(predicted: TagPredictions, thresholds: Thresholds, ids: Sequence[str]) -> list[Entry]:
    """Return some of the pictures with the labels that each is given, and those that it has."""
    said, row = predicted.given(thresholds), {id_: at for at, id_ in enumerate(predicted.ids)}

    def named(flags: Sequence[bool]) -> str:
        return tagged.join(tag for tag, has in zip(predicted.tags, flags, strict=True) if has) or _("no label")

    label = _("label: {label}")
    return [Entry(id_, named(said[row[id_]]), label.format(label=named(predicted.truth[row[id_]]))) for id_ in ids]
