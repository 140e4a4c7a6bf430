"""Why a label is given, and a map of all pictures: both of one of several labels, which a person chooses."""

import streamlit as st

from pages._ui.results import projection, tag_list, why
from pages._ui.results.picture_list import Entry
from pages._ui.shell import state
from pages._ui.shell.charts import SPLIT_TITLES
from tl_core.evaluation import one_label, tags
from tl_core.evaluation.one_label import OneLabel
from tl_core.evaluation.tags import TagPredictions, Thresholds
from tl_core.language import _
from tl_core.runs import RunFolder


def why_given(run: RunFolder, predicted: TagPredictions, thresholds: Thresholds) -> None:
    """Show where the model looks in the pictures of a label, and let a person open them, mistakes first."""
    label = _label(predicted)

    def listed(entries: list[Entry], place: str) -> None:
        tag_list.show(run, entries, place, predicted, label, why=True)

    why.of_class(run, one_label.of(predicted, label, thresholds), label, listed)


def on_map(run: RunFolder, predicted: TagPredictions, thresholds: Thresholds) -> None:
    """Show the map of a run's pictures: which have the label, and of which it is said wrongly."""
    label = _label(predicted)

    def load(split: str) -> OneLabel | None:
        stored = tags.load(run, split)
        return one_label.of(stored, label, thresholds) if stored is not None else None

    def opened(id_: str) -> None:
        for split in dict.fromkeys((predicted.split, *SPLIT_TITLES)):
            stored = predicted if split == predicted.split else tags.load(run, split)
            if stored is not None and id_ in stored.ids:
                (entry,) = tag_list.given(stored, thresholds, [id_])
                tag_list.panel(run, entry, "map", stored, label)
                return

    projection.show(run, one_label.of(predicted, label, thresholds), load, opened)


def _label(predicted: TagPredictions) -> str:
    choice = state.kept("why-label", predicted.tags[0], predicted.tags)
    label: str = st.selectbox(_("Label"), predicted.tags, width=320, **choice)
    return label
