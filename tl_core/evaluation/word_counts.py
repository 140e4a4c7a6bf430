"""The honest baseline of texts: no network, only which words a text has (TF-IDF and logistic regression)."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tl_core import wording
from tl_core.accuracy import Accuracy
from tl_core.evaluation import predictions
from tl_core.evaluation.predictions import Predictions
from tl_core.files import read_stored, write_record
from tl_core.language import _
from tl_core.metrics import intervals, linear_probe
from tl_core.runs import RunFolder

#: The inverse strength of the penalty of logistic regression: that of rare words is hardly held back.
C = 10.0
#: From this p on chance may explain a difference.
CHANCE = 0.05
FILE = "word-counts.json"


@dataclass(frozen=True, kw_only=True)
class WordCounts:
    """How often the baseline is right on the validation texts of a run, beside the run's model.

    Attributes:
        baseline: its accuracy.
        model: that of the model on the same texts.
        p: how often chance alone makes a difference at least as large (``intervals.mcnemar``).
    """

    baseline: Accuracy
    model: Accuracy
    p: float

    @property
    def is_as_good(self) -> bool:
        """Whether the network is not shown to be better."""
        ahead = (self.model.accuracy or 0.0) > (self.baseline.accuracy or 0.0)
        return not (ahead and self.p < CHANCE)

    def sentence(self) -> str:
        """Return what that says, for a person."""
        said = _("Without a network, by its words alone (TF-IDF): {share} of {texts} right, 95% interval {interval}.")
        share = self.baseline
        text = said.format(
            share=wording.percent(share.accuracy or 0.0, share.n),
            texts=wording.texts(share.n),
            interval=wording.interval(*share.interval, share.n),
        )
        if not self.is_as_good:
            return text
        more = _("The network is not shown to be better than that ({p}).")
        if self.p < CHANCE:
            more = _("That is better than the network ({p}): train longer, or take the words.")
        return " ".join((text, more.format(p=wording.chance(self.p))))


def measure(run: RunFolder, predicted: Predictions) -> WordCounts:
    """Let the baseline learn from the training texts of a run, and judge it on what its model has predicted."""
    table = predictions.pictures_of(run, "train")
    asked = predictions.pictures_of(run, predicted.split).set_index("id")["text"].loc[predicted.ids]
    said = classify(table["text"].tolist(), table["label"].tolist(), asked.tolist())
    right = said == np.array(predicted.classes, str)[predicted.truth]
    return WordCounts(
        baseline=intervals.share(right, predicted.groups),
        model=intervals.share(predicted.correct, predicted.groups),
        p=intervals.mcnemar(right, predicted.correct, predicted.groups),
    )


def classify(texts: list[str], labels: list[str], asked: list[str]) -> NDArray[np.str_]:
    """Return the label of each asked text by logistic regression on the words and pairs of words of others.

    Each class counts the same. Weights of words as in G. Salton and C. Buckley, "Term-weighting approaches in automatic
    text retrieval", Information Processing & Management 24 (1988).

    >>> classify(["good shop", "bad shop", "so good", "so bad"], ["+", "-", "+", "-"], ["good"]).tolist()
    ['+']
    """
    from sklearn.feature_extraction.text import TfidfVectorizer
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline

    words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"(?u)\b\w+\b|[^\w\s]")
    model = make_pipeline(words, LogisticRegression(C=C, class_weight="balanced", max_iter=1000))
    with linear_probe.single_thread():  # twenty times as quick on two cores that are busy
        return np.asarray(model.fit(texts, labels).predict(asked), str)


def save(run: RunFolder, measured: WordCounts) -> None:
    """Keep with the run what was measured."""
    write_record(run.folder / FILE, measured)


def load(run: RunFolder) -> WordCounts | None:
    """Return what was measured; None where it was not."""
    return read_stored(run.folder / FILE, WordCounts)
