"""One picture, opened: large, with what it is, what the model says of it, and what can be done about it."""

from collections.abc import Callable
from itertools import chain
from typing import Any

import streamlit as st

from pages._ui.explain import picture
from pages._ui.pictures import actions
from pages._ui.pictures.thumbnails import SPLIT_TITLES, thumbnail
from pages._ui.shell import layout
from tl_core.dataset import manifest
from tl_core.dataset.manifest import Manifest
from tl_core.evaluation import predictions
from tl_core.evaluation.predictions import Predictions
from tl_core.runs import RunFolder

SIDE = 560
MOST_BARS = 6
TEST_NOTE = (
    "This is a test picture. Putting a wrong label right is fair, whichever model gains by it. But whoever looks only "
    "where the model errs finds only the wrong labels that hurt it: the accuracy then looks better than it is."
)


def show(
    run: RunFolder,
    found: Predictions,
    id: str,  # noqa: A002 - the word of the manifest
    then: Callable[[], None] | None = None,
    *,
    why: bool = False,
) -> None:
    """Show a picture of the project with the answer of a run's model and with the actions.

    Args:
        run: whose model it is.
        found: answers; where the picture is not among them, those that are kept of the other parts are looked at.
        id: of the picture.
        then: called after an action that has succeeded; the page then runs again.
        why: show at once why the model says so, which takes a moment, and not only when a person asks for it.
    """
    current = manifest.load(run.project)
    row = _row(current, manifest.load(run.project, run.recipe.manifest), id)
    if row is None:
        st.caption("This picture is not in the list any more.")
        return
    answer = _answer(run, found, id)
    with st.container(border=True, key="picture-panel"):
        left, right = st.columns([2, 3], gap="medium")
        with left:
            said = f", the model says {answer['labels'][0]}" if answer else ""
            path = str(manifest.image_path(run.project, id))
            st.image(thumbnail(path, SIDE), alt=f"{_name(row)}: {row['label']}{said}", width="stretch")
        with right:
            _words(row, answer)
            _actions(run, current, row, answer, then)
        _why(run, found, id, at_once=why)


def _why(run: RunFolder, found: Predictions, id_: str, *, at_once: bool) -> None:
    if at_once:
        picture.one(run, found, id_)
        return
    with st.expander("Why does it say so?", icon=":material/visibility:", on_change="rerun", key="panel-why") as more:
        if more.open:
            picture.one(run, found, id_)


def _row(current: Manifest, before: Manifest, id_: str) -> dict[str, Any] | None:
    """Return the picture's row as it is now, else as it was when the run was trained; ``listed`` tells which."""
    for which in (current, before):
        rows = which.table[which.table["id"] == id_]
        if len(rows):
            return {**rows.iloc[0].to_dict(), "listed": which is current}
    return None


def _name(row: dict[str, Any]) -> str:
    return str(row["source"]).split("/")[-1]


def _answer(run: RunFolder, found: Predictions, id_: str) -> dict[str, Any] | None:
    """Return ``labels`` and ``probabilities``, the most probable first, or None where the model was not asked."""
    others = (predictions.load(run, part) for part in ("validation", "train") if part != found.split)
    for each in chain([found], others):  # the others are read from the disk only where the picture is not in the first
        if each is not None and id_ in each.ids:
            p = each.probabilities[each.ids.index(id_)]
            order = (-p).argsort(kind="stable")[:MOST_BARS]
            return {
                "labels": [each.classes[at] for at in order],
                "probabilities": p[order].tolist(),
                "part": each.split,
            }
    return None


def _words(row: dict[str, Any], answer: dict[str, Any] | None) -> None:
    st.text(_name(row))
    st.markdown(f"Label: **{layout.escape(row['label'])}** · {SPLIT_TITLES[row['split']]}")
    if answer is None:
        st.caption("The model has not been asked about this picture.")
        return
    # Plain bars: a chart would take longer to draw than the answer to a press may take.
    for label, value in zip(answer["labels"], answer["probabilities"], strict=True):
        st.progress(min(1.0, value), text=f"{layout.escape(label)} {value:.1%}")
    if answer["part"] == "train":
        st.caption("The model has learnt from this very picture: its answer says little.")
    elif answer["part"] == "cross-validation":
        st.caption("Said in cross-validation, by a model that had not seen this picture.")


def _actions(
    run: RunFolder,
    current: Manifest,
    row: dict[str, Any],
    answer: dict[str, Any] | None,
    then: Callable[[], None] | None,
) -> None:
    project, ids = run.project, [row["id"]]
    if not row["listed"]:
        st.caption("It has been removed since this run was trained.")
        actions.undo_button(project, then, key="panel-undo")
        return
    best = answer["labels"][0] if answer and answer["labels"][0] != row["label"] else None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if best:
            words = f"It is {layout.escape(best)}"
            actions.relabel_button(words, project, ids, best, then, key="panel-best", primary=True)
        actions.remove_button(project, ids, then, key="panel-remove")
        if then is not None:
            st.button("Leave it, next", icon=":material/skip_next:", key="panel-next", on_click=then)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        others = [name for name in current.classes if name != row["label"]]
        label = st.selectbox(
            "Relabel to", others, index=None, accept_new_options=True, width=220, key=f"relabel-{row['id']}"
        )
        actions.relabel_button("Relabel", project, ids, label, then, key="panel-relabel")
    with st.popover("Use for …", icon=":material/call_split:"):
        st.caption("Its copies go along. Splitting all pictures again may move them.")
        parts = [part for part in SPLIT_TITLES if part and part != row["split"]]
        part = st.selectbox("Use for", parts, index=None, format_func=SPLIT_TITLES.get, key=f"part-{row['id']}")
        actions.put_button(project, ids, part, then, key="panel-part")
    if row["split"] == "test":
        st.caption(TEST_NOTE)
