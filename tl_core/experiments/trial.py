"""A trial of a search: a recipe learns from some pictures for all of its epochs, and others judge what it has learned.

It is trained as a run is, with the same checkpoints, but it is in no list of runs, and no picture that judges it has a
say in when it ends: without other pictures for that the last epoch counts, as in a run on everything.
"""

import shutil
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tl_core.dataset import manifest
from tl_core.dataset.splits import TRAIN, VALIDATION
from tl_core.errors import InputError, Stopped
from tl_core.evaluation import inference, unknowns
from tl_core.evaluation.predictions import Predictions
from tl_core.evaluation.questions import Questions, TagQuestions
from tl_core.evaluation.tags import TagPredictions
from tl_core.evaluation.unknowns import Known
from tl_core.experiments.rungs import Result
from tl_core.features.runtime import forward
from tl_core.features.sources import CachedActivations
from tl_core.files import write_record
from tl_core.language import _
from tl_core.metrics import calibration, multilabel
from tl_core.networks import activations, examples
from tl_core.progress import Progress
from tl_core.recipe import Recipe
from tl_core.runs import RunFolder
from tl_core.training import prepare
from tl_core.training.fit import Fit
from tl_core.training.prepare import Setup
from tl_core.workspace import Project


class TrialFolder(RunFolder):
    """``projects/<slug>/experiments/<id>/.trials/<name>/``: what is kept of a trial until it is done."""

    @property
    def project(self) -> Project:
        """The project of its experiment."""
        return Project(self.folder.parents[3])


def run(
    folder: Path,
    recipe: Recipe,
    questions: Questions,
    parts: tuple[NDArray[np.bool_], Sequence[NDArray[np.bool_]]],
    progress: Progress,
    *,
    last: bool = False,
    validated: NDArray[np.bool_] | None = None,
) -> Result:
    """Train and judge a recipe, from wherever an earlier attempt has left it.

    Args:
        folder: of the trial.
        recipe: that is tried.
        questions: pictures with their labels.
        parts: which of them it learns from, and which judge it, one array ``(n,)`` for each judgement.
        progress: hears of it; what is stopped goes on from its last epoch the next time.
        validated: pictures ``(n,)`` that choose its best epoch, as in a usual run; None for its last one.
        last: whether it is of the last rung, so that a run may go by its temperature and its limit.

    Raises:
        Stopped: before its end.
        InputError: the recipe does not fit, or its loss is no number.
    """
    began = time.perf_counter()
    learned, judges = parts
    of = TrialFolder(folder)
    write_record(folder / "recipe.json", recipe)
    examples = manifest.load(of.project, recipe.manifest).table.set_index("id", drop=False)
    tables = {TRAIN: _table(examples, questions, learned)}
    if validated is not None and validated.any():
        tables[VALIDATION] = _table(examples, questions, validated)
    setup = prepare.of_tables(of, questions.outputs, tables, progress)
    fit = Fit(setup, of.history(), progress)
    fit.run()
    if fit.stopped:
        raise Stopped(_("Stopped before the end of a trial. It goes on from its last epoch."))
    if fit.history.best() is None:
        raise InputError(_("The loss is no longer a number: these settings do not suit the pictures."))
    if isinstance(questions, TagQuestions):
        judged = _several(setup, questions, judges, progress, validated)
    else:
        judged = _one(setup, questions, judges, progress, learned if last else None)
    result = replace(judged, seconds=time.perf_counter() - began, train=int(learned.sum()))
    shutil.rmtree(folder / "checkpoint", ignore_errors=True)
    return result


def _table(examples: pd.DataFrame, questions: Questions, chosen: NDArray[np.bool_]) -> pd.DataFrame:
    return examples.loc[[questions.ids[row] for row in np.flatnonzero(chosen)]].reset_index(drop=True)


def _one(
    setup: Setup,
    questions: Questions,
    judges: Sequence[NDArray[np.bool_]],
    progress: Progress,
    learned: NDArray[np.bool_] | None,
) -> Result:
    """Return what judges say of one label an example, and the limit of refusal where it is told what was learned."""
    answers = [_answers(setup, questions, judge, progress) for judge in judges]
    right = [tuple(each.correct.astype(int).tolist()) for each in answers]
    return Result(
        right=right[0],
        fresh=right[1] if len(right) > 1 else (),
        temperature=answers[0].temperature,
        limit=() if learned is None else _limit(answers[0], _answers(setup, questions, learned, progress)),
    )


def _answers(setup: Setup, questions: Questions, chosen: NDArray[np.bool_], progress: Progress) -> Predictions:
    """Return what the network of a trial says of some pictures, with the temperature that suits these answers."""
    rows = np.flatnonzero(chosen)
    ids, truth = [questions.ids[row] for row in rows], questions.labels[rows]
    features, logits = _seen(setup, ids, progress)
    return Predictions(
        split="validation",
        classes=questions.classes,
        ids=ids,
        truth=truth,
        logits=logits,
        features=features,
        temperature=calibration.temperature(logits, truth),
        groups=questions.groups[rows],
    )


def _several(
    setup: Setup,
    questions: TagQuestions,
    judges: Sequence[NDArray[np.bool_]],
    progress: Progress,
    validated: NDArray[np.bool_] | None,
) -> Result:
    """Return what judges say of several labels an example: it is right that gets exactly these.

    The pictures that choose the best epoch choose the thresholds, too; without any these are one half, as those of a
    run that learns from everything.
    """

    def shares(chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        ids = [questions.ids[row] for row in np.flatnonzero(chosen)]
        logits = _seen(setup, ids, progress)[1]
        return TagPredictions.shares_of(logits[:, -len(questions.tags) :])

    usual = [multilabel.USUAL] * len(questions.tags)
    chosen_on = None if validated is None or not validated.any() else validated
    limits = usual if chosen_on is None else multilabel.thresholds(questions.truth[chosen_on], shares(chosen_on))
    right, precisions = [], []
    for judge in judges:
        said, truth = shares(judge), questions.truth[judge]
        right.append(tuple(((said >= np.array(limits)) == truth).all(axis=1).astype(int).tolist()))
        precisions.append(multilabel.mean_average_precision_of(truth, said))
    return Result(right=right[0], fresh=right[1] if len(right) > 1 else (), precision=precisions[0])


def _seen(setup: Setup, ids: list[str], progress: Progress) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return pooled features ``(n, channels)`` and logits ``(n, classes)``. A head alone needs no network."""
    run, network = setup.run, setup.network
    pictures = examples.of_ids(run.project, setup.recipe, ids)
    if not setup.recipe.fine_tune_epochs:
        source = activations.cache(run, "all", network.pooled).sources({"asked": ids}, {"asked": pictures}, progress)
        if isinstance(kept := source["asked"], CachedActivations):
            features = kept.read(range(len(ids)))
            kept.close()
            logits = forward(network.head_learner(kept.shape))(features)
            return features, inference.both(logits.reshape(len(features), -1))
    read = list(inference.Reader(run, network.whole()).read(ids, pictures, progress))
    return np.concatenate([each for each, _ in read]), np.concatenate([each for _, each in read])


def _limit(asked: Predictions, learned: Predictions) -> tuple[float, ...]:
    """Return how familiar the pictures are that the trial was asked for, one of each group."""
    known = Known(training=unknowns.unit(learned.features), held_out=np.empty(0))
    apart = asked.apart()
    return tuple(np.sort(known.scores(apart.features, apart.probabilities)).tolist())
