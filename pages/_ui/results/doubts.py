"""Labels to doubt: pictures that a model which has not seen them is sure to be of another class."""

from typing import Any

import numpy as np
import streamlit as st

from pages._ui.results import picture_list
from pages._ui.results.picture_list import Entry
from pages._ui.shell import jobs
from pages._ui.shell.jobs import Offer
from tl_core.evaluation import crossval, predictions
from tl_core.evaluation.predictions import Predictions
from tl_core.metrics import label_errors
from tl_core.metrics.label_errors import Doubts
from tl_core.runs import RunFolder
from tl_core.wording import certainty


def show(run: RunFolder, treated: set[str]) -> None:
    """Show the doubted labels of the training and validation pictures, or the button that looks for them."""
    kept = crossval.load(run)
    if kept is None:
        _look(run)
        return
    labels = np.asarray(kept["labels"], np.int64)
    doubts = label_errors.find(kept["probabilities"], labels)
    asked = unseen(run, kept)
    st.markdown(doubts.words(len(labels)))
    st.caption(
        "Cross-validation over training and validation pictures; test pictures take no part. Method: "
        "[confident learning](https://arxiv.org/abs/1911.00068), Northcutt, Jiang and Chuang, 2021."
    )
    if doubts.better_than_guessing:
        picture_list.show(run, asked, _entries(asked, doubts), "doubts", treated)


def _look(run: RunFolder) -> None:
    text = (
        "The head is trained again a few times, each time without some of the pictures, and then asked about those. "
        "Where it is sure of another class, the label may be wrong. This takes seconds."
    )
    offer = Offer("Look for wrong labels", ":material/search:", "look-for-doubts", text, primary=True)
    jobs.panel("crossval", "Each picture is shown to a model that has not seen it", offer, run=str(run.folder))


def unseen(run: RunFolder, kept: dict[str, Any]) -> Predictions:
    """Return what cross-validation says as answers, with what the run's own model sees in the same pictures."""
    p = np.asarray(kept["probabilities"], np.float64)
    parts = [each for part in ("train", "validation") if (each := predictions.load(run, part)) is not None]
    seen = {id_: row for part in parts for id_, row in zip(part.ids, part.features, strict=True)}
    return Predictions(
        split="cross-validation",
        classes=kept["classes"],
        ids=kept["ids"],
        truth=np.asarray(kept["labels"], np.int64),
        logits=np.log(np.maximum(p, 1e-30)).astype(np.float32),
        features=np.array([seen[id_] for id_ in kept["ids"]], np.float32),
        temperature=1.0,
    )


def _entries(asked: Predictions, doubts: Doubts) -> list[Entry]:
    each = zip(doubts.rows, doubts.suggested, strict=True)
    return [
        Entry(
            asked.ids[row],
            f"{asked.classes[likely]} {certainty(asked.probabilities[row, likely])}",
            f"label: {asked.classes[asked.truth[row]]}",
        )
        for row, likely in each
    ]
