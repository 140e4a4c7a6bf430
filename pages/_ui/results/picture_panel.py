"""One picture, opened: large, with its label, what the model says of it, and what can be done about it."""

from collections.abc import Callable
from dataclasses import dataclass
from itertools import chain

import streamlit as st

from pages._ui.explain import views
from pages._ui.pictures import actions
from pages._ui.shell import layout
from pages._ui.shell.charts import SPLIT_TITLES
from tl_core.dataset import manifest
from tl_core.dataset.manifest import Manifest
from tl_core.evaluation import predictions
from tl_core.evaluation.predictions import ClassProbability, Predictions
from tl_core.language import N_, _
from tl_core.runs import RunFolder
from tl_core.wording import certainty

MOST_BARS = 6
TEST_NOTE = N_("This is a test picture. Correcting its label is fair. Then check the labels of right answers, too.")
TEST_HELP = N_(
    "If you review only the model's mistakes, you correct only the labels that count against it. The accuracy then "
    "looks better than it is."
)
#: What a caption says where the answer proves less than it seems, by the split that it comes from.
CAVEATS = {
    "train": N_("The model has learned from this picture, so its answer says little."),
    "cross-validation": N_("Cross-validation: the answer of a model that has not seen this picture."),
}


@dataclass(frozen=True)
class Listed:
    """A picture as the manifest has it: its id, label, split, file name, and whether it is still there."""

    id: str
    label: str
    split: str
    name: str
    current: bool


@dataclass(frozen=True)
class Answer:
    """The most probable classes of a picture, and the split whose predictions they come from."""

    classes: list[ClassProbability]
    split: str


def show(
    run: RunFolder,
    predicted: Predictions,
    id: str,  # noqa: A002 - the word of the manifest
    then: Callable[[], None] | None = None,
    *,
    why: bool = False,
) -> None:
    """Show a picture of the project with the prediction of a run's model and with the actions.

    Args:
        run: whose model it is.
        predicted: predictions; where the picture is not among them, those stored for the other splits are looked at.
        id: of the picture.
        then: called after an action that has succeeded; the page then runs again.
        why: show at once why the model says so, which takes a moment, and not only when a person asks for it.
    """
    current = manifest.load(run.project)
    listed = _listed(current, manifest.of_run(run), id)
    if listed is None:
        st.caption(_("This picture is not in the project any more."))
        return
    answer = _answer(run, predicted, id)
    with st.container(border=True, key="picture-panel"):
        left, right = st.columns([2, 3], gap="medium")
        with left:
            alt = f"{listed.name}: {listed.label}"
            if answer:
                alt = _("{name}: {label}, the model says {answer}").format(
                    name=listed.name, label=listed.label, answer=answer.classes[0].label
                )
            views.of(run.project).drawn(run.project, id, alt)
        with right:
            _describe(listed, answer)
            _actions(run, current, listed, answer, then)
        _why(run, predicted, id, at_once=why)


def _why(run: RunFolder, predicted: Predictions, id_: str, *, at_once: bool) -> None:
    explain = views.of(run.project).why
    if at_once:
        explain(run, predicted, id_)
        return
    with layout.drawer(_("Why does it say so?"), "panel-why", ":material/visibility:") as more:
        if more.open:
            explain(run, predicted, id_)


def _listed(current: Manifest, before: Manifest, id_: str) -> Listed | None:
    """Return the picture as it is now, else as it was when the run was trained."""
    for which in (current, before):
        rows = which.table[which.table["id"] == id_]
        if len(rows):
            row = rows.iloc[0]
            return Listed(id_, row["label"], row["split"], row["source"].split("/")[-1], which is current)
    return None


def _answer(run: RunFolder, predicted: Predictions, id_: str) -> Answer | None:
    """Return what the model says of a picture, None where it was not asked."""
    others = (predictions.load(run, split) for split in ("validation", "train") if split != predicted.split)
    for each in chain([predicted], others):  # the others are read only where the picture is not in the first
        if each is not None and id_ in each.ids:
            shares = each.probabilities[each.ids.index(id_)]
            order = (-shares).argsort(kind="stable")[:MOST_BARS]
            classes = [ClassProbability(label=each.classes[at], probability=float(shares[at])) for at in order]
            return Answer(classes, each.split)
    return None


def _describe(listed: Listed, answer: Answer | None) -> None:
    st.text(listed.name)
    label = _("Label: **{label}**").format(label=layout.escape(listed.label))
    st.markdown(f"{label} · {_(SPLIT_TITLES[listed.split or 'unused'])}")
    if answer is None:
        st.caption(_("The model has no prediction for this picture."))
        return
    # Plain bars: a chart would take longer to draw than the answer to a press may take.
    for each in answer.classes:
        text = f"{layout.escape(each.label)} {certainty(each.probability)}"
        st.progress(min(1.0, each.probability), text=text)
    if answer.split in CAVEATS:
        st.caption(_(CAVEATS[answer.split]))


def _actions(
    run: RunFolder,
    current: Manifest,
    listed: Listed,
    answer: Answer | None,
    then: Callable[[], None] | None,
) -> None:
    project, ids = run.project, [listed.id]
    if not listed.current:
        st.caption(_("It has been removed since this run was trained."))
        actions.undo_button(project, then, key="panel-undo")
        return
    best = answer.classes[0].label if answer and answer.classes[0].label != listed.label else None
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if best:
            change = _("Change to {label}").format(label=layout.escape(best))
            actions.relabel_button(change, project, ids, best, then, key="panel-best")
        actions.remove_button(project, ids, then, key="panel-remove")
        if then is not None:
            st.button(_("Keep, next"), icon=":material/skip_next:", key="panel-next", on_click=then)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        others = [name for name in current.classes if name != listed.label]
        label = st.selectbox(
            _("Change the label to"),
            others,
            index=None,
            accept_new_options=True,
            width=220,
            key=f"relabel-{listed.id}",
        )
        actions.relabel_button(_("Change"), project, ids, label, then, key="panel-relabel")
    with st.popover(_("Use for …"), icon=":material/call_split:"):
        st.caption(_("Its copies go along. Splitting all pictures again may move them."))
        splits = [split for split in ("train", "validation", "test") if split != listed.split]
        titles = {split: _(SPLIT_TITLES[split]) for split in splits}
        split = st.selectbox(
            _("Use for"), splits, index=None, format_func=lambda each: titles.get(each, each), key=f"part-{listed.id}"
        )
        actions.put_button(project, ids, split, then, key="panel-part")
    if listed.split == "test":
        st.caption(_(TEST_NOTE), help=_(TEST_HELP))
