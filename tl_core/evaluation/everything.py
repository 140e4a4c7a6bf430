"""A run that learns once more, from everything: made from a run whose choices are final, and what can be said of it.

It is a run like any other. Its recipe says which run it comes from, and has that run's best numbers of epochs; the
temperature and the limit of refusal, or the confidence from which on boxes are shown, are that run's, too, since no
picture is left to measure them. Loads no TensorFlow.
"""

from dataclasses import replace
from typing import Literal

from tl_core import runs
from tl_core.about import Things
from tl_core.accuracy import Accuracy
from tl_core.dataset import kinds
from tl_core.dataset.splits import TEST, TRAIN, VALIDATION
from tl_core.errors import InputError
from tl_core.evaluation import box_record, predictions, said, tags, unknowns
from tl_core.files import read_stored, subfolder
from tl_core.language import N_, _
from tl_core.recipe import BoxesBefore, Everything, Recipe
from tl_core.runs import RunFolder, best_epoch
from tl_core.wording import decimal, pictures
from tl_core.workspace import LONGEST_NAME


def create(run: RunFolder, *, test: bool = False) -> RunFolder:
    """Write the run on everything that repeats a run; ``jobs.execute`` or ``Engine.submit`` trains it.

    Args:
        run: a finished run, whose predictions are stored: they set the limit of refusal.
        test: learn from its test pictures, too.

    Raises:
        NotFoundError: the run has no model yet.
        InputError: it has not come to its end, learned from everything already, or has no test pictures.
    """
    recipe = recipe_of(run, test=test)

    def also(made: RunFolder) -> None:
        if name := run.label.name:
            suffix = _(", on everything")
            made.rename(name[: LONGEST_NAME - len(suffix)] + suffix)
        unknowns.hand_on(run, made)
        tags.hand_on(run, made)
        box_record.hand_on(run, made)

    return runs.create(run.project, recipe, also)


def recipe_of(run: RunFolder, *, test: bool = False) -> Recipe:
    """Return the recipe by which a run learns once more, from everything. Errors are those of ``create``."""
    run.require_model()
    recipe, report = run.recipe, run.report()
    if recipe.everything:
        raise InputError(
            _("Run {reference} has learned from everything already. Nothing is left to add.").format(
                reference=run.reference
            )
        )
    if report is None or run.job.active:
        raise InputError(
            _("Run {reference} has not come to its end. Wait for it, or resume it.").format(reference=run.reference)
        )
    if test and not test_pictures(run):
        raise InputError(_("Run {reference} has no test pictures. Leave them out.").format(reference=run.reference))
    head = best_epoch(row for row in report.history if row.phase == "head")
    split, before = measured(run, report.validation)
    return replace(
        recipe,
        l2=recipe.l2 if report.l2 is None else report.l2,
        epochs=head.epoch if head else 0,
        fine_tune_epochs=report.best.epoch if report.best.phase == "fine-tune" else 0,
        everything=Everything(
            run=run.id,
            test=test,
            temperature=report.temperature,
            measured_on=split,
            before=before,
            boxes=_boxes(run, split),
        ),
    )


def _boxes(run: RunFolder, split: str) -> BoxesBefore | None:
    """Return how good the boxes of a run are on a split; None for labels, and where no box is there."""
    stored = box_record.on_test(run) if split == TEST else box_record.of_validation(run)
    if stored is None or stored.precision.map50 is None:
        return None
    found = stored.precision
    return BoxesBefore(map50=stored.precision.map50, interval=found.interval, pictures=found.pictures)


def is_predicted(run: RunFolder) -> bool:
    """Return whether what a run hands on can be measured: its predictions are stored."""
    if kinds.of(run.project) in _VALIDATED:
        return box_record.is_stored(run, VALIDATION)
    return all(said.is_stored(run, split) for split in (TRAIN, VALIDATION))


#: Kinds of which only what was found in validation pictures is stored.
_VALIDATED: tuple[Things, ...] = ("boxes",)


def measured(run: RunFolder, validation: Accuracy) -> tuple[Literal["validation", "test"], Accuracy]:
    """Return the best that is known of a run: its accuracy on the test pictures if they were opened, else the other.

    That of boxes has no accuracy, only the number of pictures.
    """
    if tested_boxes := box_record.on_test(run):
        return "test", replace(validation, n=tested_boxes.precision.pictures)
    tested = read_stored(run.folder / "test.json", Accuracy) if said.is_stored(run, TEST) else None
    return ("validation", validation) if tested is None else ("test", tested)


def test_pictures(run: RunFolder) -> int:
    """Return how many pictures of a run could still measure it, opened or sealed."""
    return len(predictions.pictures_of(run, TEST))


def source(run: RunFolder) -> RunFolder | None:
    """Return the run that a run on everything comes from, None where that was deleted."""
    everything = run.recipe.everything
    folder = subfolder(run.project.runs, everything.run) if everything else None
    return None if folder is None else RunFolder(folder)


def usual_recipe(run: RunFolder) -> Recipe:
    """Return the recipe by which a run is trained again on other pictures: that of the run it comes from, if any.

    Where that was deleted, it is this run's own, whose epochs are those that were best once.
    """
    return replace((source(run) or run).recipe, everything=None)


def made_from(run: RunFolder) -> list[RunFolder]:
    """Return the runs on everything that come from a run, the newest first."""
    others = [each for each in runs.of_project(run.project) if not each.damage()]
    return [each for each in others if (of := each.recipe.everything) and of.run == run.id]


def is_unmeasured(run: RunFolder) -> bool:
    """Return whether no figure of a run's own says how good it is: it learned from everything that was measured."""
    return run.recipe.everything is not None and not (said.is_stored(run, TEST) or box_record.is_stored(run, TEST))


def unmeasured(run: RunFolder) -> str:
    """Return that the accuracy of a run on everything cannot be measured, and how good it was before, as sentences."""
    everything = run.recipe.everything
    assert everything is not None, "only a run that learned from everything"
    before = _BEFORE[everything.measured_on]
    learned = _("The model learned from training and validation pictures, so its accuracy cannot be measured any more.")
    if everything.test:
        learned = _(
            "The model learned from training, validation and test pictures, so its accuracy cannot be measured any "
            "more."
        )
    elif test_pictures(run):
        learned = _(
            "The model learned from training and validation pictures, so only its test pictures can still measure its "
            "accuracy."
        )
    sentence = in_words(everything.boxes) if everything.boxes else everything.before.sentence()
    return f"{learned} {_(before).format(sentence=sentence)}"


def in_words(boxes: BoxesBefore) -> str:
    """Return how good boxes were, as a sentence."""
    low, high = (decimal(each, 2) for each in boxes.interval)
    return _("mAP@50 {value} on {pictures}; the true value is probably {low} to {high}.").format(
        value=decimal(boxes.map50, 3), pictures=pictures(boxes.pictures), low=low, high=high
    )


_BEFORE = {
    "validation": N_("Before, on validation pictures: {sentence}"),
    "test": N_("Before, on test pictures: {sentence}"),
    "held-out": N_("Before, on held-out pictures: {sentence}"),
}
