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

_OWN_SIZE = N_(
    "Pictures with boxes are changed at the size that the network sees: at their own size, things would come in "
    "mirrored at the edges, without a box. Turn “Change small pictures before they are enlarged” off."
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
    if recipe.augmentation != "off" and recipe.augmentation_size != "network":
        raise InputError(_(_OWN_SIZE))
    setup = prepare(run, progress)
    fit = BoxFit(setup, run.history(), progress)
    fit.run()
    best = fit.history.best()
    if best is None:
        raise InputError(_("The loss is no longer a number: divide the learning rate by ten and train again."))
    whole = fit.network.whole()
    progress.emit("phase", phase="answers", epochs=0)
    split = "train" if recipe.everything else "validation"  # a file that is taken away is compared on these
    found = boxes.see(run, whole, split, OnlyWarnings(progress), setup.classes)
    saved.save(whole, run.model_path)
    write_json(run.folder / "classes.json", {"classes": setup.classes})
    box_record.save(run, found)
    if recipe.everything:  # the results are handed on
        box_record.save(run, box_record.findings(run, "validation", setup.classes, []))
    else:
        write_record(run.folder / box_record.RESULTS, box_record.results(found))
    total = run.job.status().spent + time.perf_counter() - began
    report = RunReport(
        counts=setup.counts,
        history=tuple(fit.history.rows),
        validation=Accuracy(accuracy=None, n=setup.counts.validation, interval=(0.0, 1.0)),  # boxes.json has more
        temperature=1.0,
        seconds={"features": fit.features_seconds, "train": fit.train_seconds, "total": total},
        best=Best(best.phase, best.epoch),
        stopped=fit.stopped,
        parameters=Parameters(whole.count_params(), fit.trained_parameters),
        weights=activations.identity(run),
    )
    write_record(run.folder / "report.json", report)
    return report
