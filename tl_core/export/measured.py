"""How good a model is, and on which pictures that was measured: page, card and report say the same. No TensorFlow."""

from dataclasses import dataclass

from tl_core import wording
from tl_core.accuracy import Accuracy
from tl_core.dataset.splits import SPLIT_PICTURES, TEST, VALIDATION
from tl_core.evaluation import everything, predictions, scores
from tl_core.files import read_stored
from tl_core.language import N_, _
from tl_core.runs import RunFolder

#: What a person should know of the pictures.
WHY = {
    TEST: N_("The test pictures were kept aside until the end."),
    VALIDATION: N_("It was not trained on these pictures, but they chose the epoch, so this may be a little too good."),
}


@dataclass(frozen=True, kw_only=True)
class Measured:
    """What a model is worth on pictures that it was not trained on.

    Attributes:
        split: ``"test"`` if that was opened, else ``"validation"``.
        figures: its accuracy, which is not None.
    """

    split: str
    figures: Accuracy

    def right(self) -> str:
        """Return how often it is right, and how often guessing would be, as a sentence.

        >>> figures = Accuracy(accuracy=0.75, n=60, interval=(0.6, 0.8), baseline=0.5)
        >>> Measured(split="test", figures=figures).right()
        'Right 45 times of 60 test pictures; guessing would be right 30 times.'
        """
        figures = self.figures
        if figures.is_counted:
            said = (
                _("Right {times} of {number} {pictures}.")
                if figures.baseline is None
                else _("Right {times} of {number} {pictures}; guessing would be right {guessed}.")
            )
        else:
            said = (
                _("Right for {share} of {number} {pictures}.")
                if figures.baseline is None
                else _("Right for {share} of {number} {pictures}; guessing would be right {guessed}.")
            )
        return said.format(
            times=wording.plural(round(figures.correct), "time", "times"),
            share=wording.percent(figures.accuracy or 0, figures.n),
            number=wording.number(figures.n),
            pictures=_(SPLIT_PICTURES[self.split]),
            guessed=wording.plural(round((figures.baseline or 0) * figures.n), "time", "times"),
        )

    def reliability(self) -> str:
        """Return what the true accuracy may be, and what is to be known of the pictures, as sentences."""
        truth = _("Its true accuracy is probably {interval}.").format(
            interval=wording.interval(*self.figures.interval, self.figures.n)
        )
        return " ".join(each for each in (truth, self.figures.grouped(), _(WHY[self.split])) if each)


def of(run: RunFolder) -> Measured | None:
    """Return how good the model of a run is: by its test if that was opened, else by its validation pictures.

    None where it has none. Raises DamagedError.
    """
    return next(iter(every(run)), None)


def not_measured(run: RunFolder) -> str:
    """Return what is said where nothing was measured: of a run on everything also how good it was before."""
    return everything.unmeasured(run) if run.recipe.everything else _("How often it is right was not measured.")


def every(run: RunFolder) -> list[Measured]:
    """Return how good the model of a run is by its test, if that was opened, and by its validation pictures."""
    tested, report = read_stored(run.folder / "test.json", Accuracy), run.report()
    found = {
        TEST: tested if predictions.is_stored(run, TEST) else None,
        VALIDATION: report.validation if report else _counted(run),
    }
    return [Measured(split=split, figures=each) for split, each in found.items() if each and each.accuracy is not None]


def _counted(run: RunFolder) -> Accuracy | None:
    """Return the accuracy on the validation pictures where training left none."""
    predicted = predictions.load(run, VALIDATION)
    return scores.accuracy(run, predicted) if predicted else None
