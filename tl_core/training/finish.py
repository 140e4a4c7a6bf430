"""The end of a run: the model, its predictions, a cross-validation of small sets, the report."""

import contextlib
import dataclasses
import time
from dataclasses import dataclass

import keras

from tl_core.accuracy import Accuracy
from tl_core.errors import InputError, Stopped, TLError
from tl_core.evaluation import crossval, inference, predictions, scores, tags, word_counts
from tl_core.evaluation.predictions import Predictions
from tl_core.files import write_json, write_record
from tl_core.language import _
from tl_core.metrics import calibration
from tl_core.networks import activations, saved, tables
from tl_core.progress import OnlyWarnings, Progress
from tl_core.runs import Best, Parameters, RunFolder, RunReport
from tl_core.training import regression
from tl_core.training.fit import Fit
from tl_core.training.prepare import Setup


@dataclass(frozen=True, kw_only=True)
class Learned:
    """The model of a run, how good it is on the validation images, and what its logits are divided by."""

    model: keras.Model
    validation: Accuracy
    temperature: float


def finish(setup: Setup, fit: Fit, began: float) -> RunReport:
    """Write the model, its predictions and the report of a run that has learned.

    Args:
        setup: the run.
        fit: its learning; the network has the best weights.
        began: when the run began, by ``time.perf_counter``.

    Raises:
        InputError: no epoch has a finite loss.
        StorageError: the disk is full.
    """
    run, best = setup.run, fit.history.best()
    if best is None:
        raise InputError(
            _(
                "The loss is no longer a number: the learning rate {rate} is too high for these pictures. Divide "
                "it by ten and train again."
            ).format(rate=f"{setup.recipe.learning_rate:g}")
        )
    learned = (_several if setup.recipe.head.several else _one)(setup, fit)
    total = run.job.status().spent + time.perf_counter() - began
    report = RunReport(
        counts=setup.counts,
        history=tuple(fit.history.rows),
        validation=learned.validation,
        temperature=learned.temperature,
        seconds={"features": fit.features_seconds, "train": fit.train_seconds, "total": total},
        best=Best(best.phase, best.epoch),
        stopped=fit.stopped,
        parameters=Parameters(learned.model.count_params(), fit.trained_parameters),
        weights=activations.identity(run),
        l2=regression.strength(setup, fit.history),
    )
    write_record(run.folder / "report.json", report)
    return report


def _one(setup: Setup, fit: Fit) -> Learned:
    """Write the model of one label an example, its predictions, and what they show."""
    run = setup.run
    validation, *train = _predict(setup, fit.progress)
    model = _save(setup, validation.temperature)
    for each in (validation, *train):
        predictions.save(run, each)
    if not fit.stopped and setup.recipe.everything is None:
        _cross_validate(run, fit.progress)
    if tables.takes_texts(setup.recipe.backbone) and len(validation):
        word_counts.save(run, word_counts.measure(run, validation))
    return Learned(model=model, validation=scores.accuracy(run, validation), temperature=validation.temperature)


def _several(setup: Setup, fit: Fit) -> Learned:
    """Write the model of several labels an example, its predictions, its thresholds, and what they show."""
    run, model = setup.run, _save(setup, 1.0)
    fit.progress.emit("phase", phase="answers", epochs=0)
    validation = inference.infer_tags(run, model, "validation", OnlyWarnings(fit.progress), setup.classes)
    tags.save(run, validation)
    with contextlib.suppress(Stopped):
        tags.save(run, inference.infer_tags(run, model, "train", fit.progress, setup.classes))
    everything = setup.recipe.everything is not None  # then those of the run before stand there
    thresholds = tags.thresholds_of(run) if everything else tags.choose_thresholds(validation)
    tags.save_thresholds(run, thresholds)
    results = tags.results(run, validation, thresholds)
    write_record(run.folder / tags.RESULTS, results)
    if not fit.stopped and not everything:
        _cross_validate(run, fit.progress)
    exact = {each.name: getattr(results, each.name) for each in dataclasses.fields(Accuracy)}
    return Learned(model=model, validation=Accuracy(**exact), temperature=1.0)


def _save(setup: Setup, temperature: float) -> keras.Model:
    model = setup.network.whole(temperature)
    saved.save(model, setup.run.model_path)
    write_json(setup.run.folder / "classes.json", {"classes": setup.classes})
    return model


def _predict(setup: Setup, progress: Progress) -> list[Predictions]:
    """Return the predictions for the validation images, and for the training images unless Stop was pressed.

    The temperature is fitted on the first, and goes for both; where there are none, it is that of the run before.
    """
    everything = setup.recipe.everything
    run, model = setup.run, setup.network.whole()
    progress.emit("phase", phase="answers", epochs=0)
    made = [inference.infer(run, model, "validation", OnlyWarnings(progress), setup.classes)]
    with contextlib.suppress(Stopped):
        made.append(inference.infer(run, model, "train", progress, setup.classes))
    temperature = everything.temperature if everything else calibration.temperature(made[0].logits, made[0].truth)
    return [dataclasses.replace(each, temperature=temperature) for each in made]


def _cross_validate(run: RunFolder, progress: Progress) -> None:
    """Cross-validate the head of a small set, whose validation images alone say too little."""
    if not crossval.is_quick(run):
        return
    try:
        crossval.cross_validate(run, progress)
    except TLError as exc:
        progress.emit("warning", text=str(exc))
