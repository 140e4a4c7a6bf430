"""Predictions without a model, for tests that count them."""

import numpy as np
import pandas as pd

from tl_core.evaluation import comparison, said
from tl_core.evaluation.comparison import Comparison
from tl_core.evaluation.predictions import Predictions


def made(probabilities, truth, classes=None, split="test", ids=None) -> Predictions:
    """Return predictions of these probabilities; a probability of 0 has a logit of minus infinity, nearly."""
    p = np.asarray(probabilities, float)
    names = classes or [f"c{number}" for number in range(p.shape[1])]
    return Predictions(
        split=split,
        classes=names,
        ids=ids or [f"id{row}" for row in range(len(p))],
        truth=np.asarray(truth, np.int64),
        logits=np.log(np.maximum(p, 1e-300)).astype(np.float64),
        features=np.zeros((len(p), 4), np.float32),
        temperature=1.0,
    )


def table(labels: dict[str, str], split: str = "test", **splits: str) -> pd.DataFrame:
    rows = [{"id": id_, "label": label, "split": splits.get(id_, split), "flags": ""} for id_, label in labels.items()]
    return pd.DataFrame(rows, columns=["id", "label", "split", "flags"])


def compare(old: Predictions, new: Predictions, table: pd.DataFrame, **more) -> Comparison:
    """Compare the predictions of two models."""
    return comparison.compare(said.of_predictions(old), said.of_predictions(new), table, **more)
