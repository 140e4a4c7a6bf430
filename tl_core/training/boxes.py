"""A run on boxes: the maps of the frozen blocks are stored once, and a head, and the blocks above, learn from them."""

import time

from tl_core.accuracy import Accuracy
from tl_core.errors import InputError
from tl_core.evaluation import box_record, boxes
from tl_core.files import write_json, write_record
from tl_core.language import N_, _
from tl_core.networks import activations, saved
from tl_core.progress import OnlyWarnings, Progress
from tl_core.runs import Best, Parameters, RunFolder, RunReport
from tl_core.training.box_fit import BoxFit
from tl_core.training.prepare import prepare

#: What boxes cannot have yet: whether a recipe has it, and what is said of it.
_REFUSED = (
    (lambda recipe: recipe.weights == "random", N_("a network with random weights")),
    (lambda recipe: recipe.live, N_("new copies in every epoch (0 copies)")),
    (lambda recipe: recipe.augmentation_size != "network", N_("changing pictures at their own size")),
    (lambda recipe: recipe.everything is not None, N_("training on everything")),
)


def run(run: RunFolder, progress: Progress) -> RunReport:
    """Train a run on boxes, from wherever an earlier attempt has left it, and return its report.

    Raises:
        InputError: the pictures cannot be trained on, or the recipe asks for what boxes cannot have.
        MissingWeightsError: the network's weights are not on this machine.
        Stopped: a person pressed Stop before the first epoch was finished.
        StorageError: the disk is full.
    """
    began, recipe = time.perf_counter(), run.recipe
    for asks, what in _REFUSED:
        if asks(recipe):
            raise InputError(_("Boxes are learned so far without {what}.").format(what=_(what)))
    setup = prepare(run, progress)
    fit = BoxFit(setup, run.history(), progress)
    fit.run()
    best = fit.history.best()
    if best is None:
        raise InputError(_("The loss is no longer a number: divide the learning rate by ten and train again."))
    whole = fit.network.whole()
    progress.emit("phase", phase="answers", epochs=0)
    found = boxes.see(run, whole, "validation", OnlyWarnings(progress), setup.classes)
    saved.save(whole, run.model_path)
    write_json(run.folder / "classes.json", {"classes": setup.classes})
    results = box_record.results(found)
    box_record.save(run, found)
    write_record(run.folder / box_record.RESULTS, results)
    total = time.perf_counter() - began
    report = RunReport(
        counts=setup.counts,
        history=tuple(fit.history.rows),
        validation=Accuracy(accuracy=None, n=results.precision.pictures, interval=(0.0, 1.0)),  # boxes.json has more
        temperature=1.0,
        seconds={"features": fit.features_seconds, "train": fit.train_seconds, "total": total},
        best=Best(best.phase, best.epoch),
        stopped=fit.stopped,
        parameters=Parameters(whole.count_params(), fit.trained_parameters),
        weights=activations.identity(run),
    )
    write_record(run.folder / "report.json", report)
    return report
