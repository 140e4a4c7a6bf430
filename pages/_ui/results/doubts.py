"""Labels to check: pictures that a model which has not seen them is confident to be of another class."""

import numpy as np
import streamlit as st

from pages._ui.results import picture_list
from pages._ui.results.picture_list import Entry
from pages._ui.shell import jobs
from pages._ui.shell.jobs import Offer
from tl_core.evaluation import crossval, predictions
from tl_core.evaluation.crossval import CrossValidation
from tl_core.evaluation.predictions import Predictions
from tl_core.language import _
from tl_core.metrics import label_errors
from tl_core.metrics.label_errors import LabelIssues
from tl_core.runs import RunFolder
from tl_core.wording import certainty


def show(run: RunFolder, done: set[str]) -> None:
    """Show the training and validation pictures whose label is in doubt, or the button that looks for them."""
    result = crossval.load(run)
    if result is None:
        _look(run)
        return
    issues = label_errors.find(result.probabilities, result.labels)
    st.markdown(
        issues.sentence(),
        help=_(
            "Cross-validation predicts each training and validation picture by a model that has not seen it. Test "
            "pictures are not used. Method: [confident learning](https://arxiv.org/abs/1911.00068)."
        ),
    )
    if issues.better_than_guessing:
        predicted = held_out(run, result)
        picture_list.show(run, predicted, _entries(predicted, issues), "doubts", done)


def _look(run: RunFolder) -> None:
    offer = Offer(
        _("Look for wrong labels"),
        ":material/search:",
        "look-for-doubts",
        _(
            "Each picture is shown to a model that was trained without it. Where that model is confident of another "
            "class, the label may be wrong."
        ),
        primary=True,
    )
    jobs.panel("crossval", _("Looking for wrong labels"), offer, run=str(run.folder))


def held_out(run: RunFolder, result: CrossValidation) -> Predictions:
    """Return a cross-validation as predictions, with the features that the run's own model has of the same pictures."""
    stored = [each for split in ("train", "validation") if (each := predictions.load(run, split)) is not None]
    features = {id_: row for each in stored for id_, row in zip(each.ids, each.features, strict=True)}
    return Predictions(
        split="cross-validation",
        classes=result.classes,
        ids=result.ids,
        truth=result.labels,
        logits=np.log(np.maximum(result.probabilities, 1e-30)),
        features=np.array([features[id_] for id_ in result.ids], np.float32),
        temperature=1.0,
    )


def _entries(predicted: Predictions, issues: LabelIssues) -> list[Entry]:
    return [
        Entry(
            predicted.ids[row],
            f"{predicted.classes[suggested]} {certainty(predicted.probabilities[row, suggested])}",
            _("label: {label}").format(label=predicted.classes[predicted.truth[row]]),
        )
        for row, suggested in zip(issues.rows, issues.suggested, strict=True)
    ]
