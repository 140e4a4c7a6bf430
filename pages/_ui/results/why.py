"""Why the model predicts what it does: where it looks in the pictures of a class, and in each of them."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from pages._ui.results import picture_list
from pages._ui.results.picture_list import Entry
from pages._ui.shell import jobs, layout, state
from pages._ui.shell.jobs import Offer
from tl_core.evaluation import scores
from tl_core.evaluation.predictions import Predictions
from tl_core.explain import class_maps, heatmap, overlay
from tl_core.explain.class_maps import ClassMap
from tl_core.language import _
from tl_core.runs import RunFolder
from tl_core.wording import percent, pictures


def show(run: RunFolder, answers: Predictions) -> None:
    """Show the same for the class that a person chooses."""
    choice = state.kept("why-class", answers.classes[0], answers.classes)
    label = st.selectbox(_("Class"), answers.classes, width=320, **choice)

    def listed(entries: list[Entry], place: str) -> None:
        picture_list.show(run, answers, entries, place, set(), why=True)

    of_class(run, answers, label, listed)


def of_class(run: RunFolder, answers: Predictions, label: str, listed: Callable[[list[Entry], str], None]) -> None:
    """Show where the model looks in the pictures of a class, and let a person open its pictures, mistakes first.

    Args:
        run: whose model it is.
        answers: its predictions.
        label: the class.
        listed: draws pictures to be opened, given what the list is called.
    """
    st.header(_("Where it looks, on average"), anchor=False)
    _class(run, answers, label)
    st.header(_("Picture by picture"), anchor=False)
    ids = _mistakes_first(answers, answers.classes.index(label))
    if not ids:
        st.caption(_("No picture here has this class, and none was predicted as it."))
        return
    words = _("{pictures} of this class or predicted as it, mistakes first. Open one to see why.")
    st.markdown(words.format(pictures=pictures(len(ids))))
    listed(picture_list.entries(answers, ids), f"why-{answers.split}-{label}")


def _mistakes_first(answers: Predictions, chosen: int) -> list[str]:
    """Return the pictures that have or are predicted to have a class: confident mistakes first, then unsure ones."""
    mine = answers.at((answers.truth == chosen) | (answers.predicted == chosen))
    right = mine.at(mine.correct)
    order = np.argsort(right.confidence, kind="stable")
    return [*scores.mistakes(mine), *(right.ids[row] for row in order)]


def _class(run: RunFolder, answers: Predictions, label: str) -> None:
    ids = class_maps.sample(answers, label)
    class_map = class_maps.load(run, label, ids) if ids else None
    if class_map is not None:
        _average(class_map)
    elif ids:
        _compute(run, answers, label, ids)
    else:
        st.caption(_("No picture here has this class."))


def _compute(run: RunFolder, answers: Predictions, label: str, ids: list[str]) -> None:
    """Start the job that averages over the class, or follow it."""
    count, others = pictures(len(ids)), class_maps.others(answers, label)
    text = _(
        "Does the model look at the subject or at the frame? "
        "This averages the heat maps of the class, and swaps frames with other classes as a check. "
        "Of pictures that are alike it takes one."
    )
    offer = Offer(_("Look at {pictures}").format(pictures=count), ":material/visibility:", "class-map", text)
    title = _("Averaging heat maps over {pictures}").format(pictures=count)
    jobs.panel("class-map", title, offer, run=str(run.folder), label=label, ids=ids, others=others)


def _average(class_map: ClassMap) -> None:
    where = heatmap.where(class_map.heat)
    frame, middle = percent(class_map.frame[0]), percent(class_map.middle[0])
    left, right = st.columns([1, 2], gap="large", vertical_alignment="center")
    with left:
        alt = _("Average map of {label}, strongest {where}; {frame} in the frame, {middle} in the middle").format(
            label=class_map.label, where=where, frame=frame, middle=middle
        )
        st.image(overlay.square(class_map.heat), alt=alt, width="stretch")
        st.caption(_("Bright: where the model looks most. The line is the edge of the frame."))
    with right:
        conclusion, *more = class_map.sentences()
        strongest = _("The map is strongest {where}.").format(where=where)
        st.markdown(f"**{layout.escape(conclusion)}** {strongest}")
        for sentence in more:
            st.markdown(layout.escape(sentence))
