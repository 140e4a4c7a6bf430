"""Why the model says what it says: where it looks in the pictures of a class, and in each of them."""

import numpy as np
import streamlit as st

from pages._ui.results import picture_list
from pages._ui.shell import jobs, layout
from pages._ui.shell.jobs import Offer
from tl_core.evaluation import mistakes
from tl_core.evaluation.predictions import Predictions
from tl_core.explain import class_maps, heatmap
from tl_core.explain.class_maps import ClassMap
from tl_core.metrics.intervals import percent
from tl_core.runs import RunFolder
from tl_core.wording import pictures


def show(run: RunFolder, found: Predictions) -> None:
    """Show where the model looks in the pictures of a class, and let a person open its pictures, mistakes first."""
    label = st.selectbox("Class", found.classes, key="why-class", width=320)
    st.subheader("Where it looks, on average", anchor=False)
    _class(run, found, label)
    st.subheader("Picture by picture", anchor=False)
    ids = _mistakes_first(found, found.classes.index(label))
    if not ids:
        st.caption("No picture of this part is of this class, and none was taken for it.")
        return
    st.markdown(f"{pictures(len(ids))} of this class or taken for it, mistakes first. Open one to see why.")
    picture_list.show(run, found, picture_list.entries(found, ids), f"why-{found.split}-{label}", set(), why=True)


def _mistakes_first(found: Predictions, chosen: int) -> list[str]:
    """Return the pictures that are of a class or were said to be: surest mistakes first, then from unsure to sure."""
    mine = found.at((found.truth == chosen) | (found.predicted == chosen))
    right = mine.at(mine.correct)
    order = np.argsort(right.probabilities.max(axis=1), kind="stable") if len(right) else []
    return [*mistakes.most_certain(mine), *(right.ids[row] for row in order)]


def _class(run: RunFolder, found: Predictions, label: str) -> None:
    ids = class_maps.sample(found, label)
    known = class_maps.kept(run, label, ids) if ids else None
    if known is not None:
        _averaged(known)
    elif ids:
        _average(run, found, label, ids)
    else:
        st.caption("There is no picture of this class in this part.")


def _average(run: RunFolder, found: Predictions, label: str, ids: list[str]) -> None:
    """Start the job that averages over the class, or follow it."""
    args = {"run": str(run.folder), "label": label, "ids": ids, "others": class_maps.others(found, label)}
    text = (
        "Grad-CAM of every picture of the class, put over each other, and a check by swapping frames with other "
        "classes: does it look at the subject or the frame?"
    )
    offer = Offer(f"Look at {pictures(len(ids))}", ":material/visibility:", "class-map", text)
    jobs.panel("class-map", f"Looking where it looks in {pictures(len(ids))}", offer, **args)


def _averaged(found: ClassMap) -> None:
    share, middle = (percent(part[0]) for part in (found.frame, found.middle))
    left, right = st.columns([1, 2], gap="large", vertical_alignment="center")
    with left:
        alt = f"Average map of {found.label}: {heatmap.where(found.heat)}; {share} in the frame, {middle} in the middle"
        st.image(heatmap.square(found.heat), alt=alt, width="stretch")
        st.caption("Bright: looks here most. The line is the edge of the frame.")
    with right:
        answer, *more = found.sentences()
        st.markdown(f"**{layout.escape(answer)}** The map lies {heatmap.where(found.heat)}.")
        for sentence in more:
            st.markdown(layout.escape(sentence))
