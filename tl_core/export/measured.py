"""How good a model is, and on which pictures that was measured: page, card and report say the same. No TensorFlow."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tl_core import wording
from tl_core.about import Things
from tl_core.accuracy import Accuracy
from tl_core.dataset import kinds
from tl_core.dataset.splits import SPLIT_PICTURES, TEST, VALIDATION
from tl_core.evaluation import box_record, everything, predictions, scores, tags
from tl_core.evaluation.box_record import BoxResults
from tl_core.evaluation.tags import Results, TagEvaluation
from tl_core.files import read_stored
from tl_core.language import N_, _
from tl_core.metrics.multilabel import TagScores
from tl_core.runs import RunFolder

#: What a person should know of the pictures.
WHY = {
    TEST: N_("The test pictures were kept aside until the end."),
    VALIDATION: N_("It was not trained on these pictures, but they chose the epoch, so this may be a little too good."),
}


#: The same of pictures with several labels.
WHY_OF_TAGS = WHY | {
    VALIDATION: N_(
        "It was not trained on these pictures, but they chose the epoch and the thresholds, so this may be a little "
        "too good."
    ),
}


#: The same of pictures with boxes.
WHY_OF_BOXES = WHY | {
    VALIDATION: N_(
        "It was not trained on these pictures, but they chose the epoch and the confidence, so this may be a little "
        "too good."
    ),
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

    @property
    def n(self) -> int:
        """Pictures that it was measured on."""
        return self.figures.n

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

    def no_better(self) -> str:
        """Return that it may be no better than guessing, a sentence."""
        return _("It may be no better than always naming the most frequent class. More pictures would tell.")

    def metrics(self) -> list[tuple[str, str, float | None]]:
        """Return what model hubs read: of each figure what they call it, its title, and its value."""
        return [("accuracy", "Accuracy", self.figures.accuracy)]

    def each(self) -> list[list[str]]:
        """Return what each tag is worth, as rows of a table, the first of which is its head; none for one label."""
        return []


@dataclass(frozen=True, kw_only=True)
class TagMeasured(Measured):
    """What a model of several tags a picture is worth; its accuracy is the share with exactly the right ones.

    Attributes:
        figures: on those pictures.
    """

    figures: Results

    def right(self) -> str:
        """Return how many pictures have exactly the right tags, and how well the order of all of them is."""
        figures, mean = self.figures, self.figures.mean_average_precision
        said = _("Exactly the right labels for {some} {pictures}; the most frequent ones would be right for {guessed}.")
        lines = [
            said.format(
                some=wording.out_of(round(figures.correct), figures.n),
                pictures=_(SPLIT_PICTURES[self.split]),
                guessed=wording.number(round((figures.baseline or 0) * figures.n)),
            )
        ]
        if mean is not None:
            lines.append(_("The mean average precision is {value}.").format(value=wording.decimal(mean, 3)))
        return " ".join(lines)

    def reliability(self) -> str:
        """Return what the true share may be, and what is to be known of the pictures, as sentences."""
        truth = _("The true share of exactly right ones is probably {interval}.").format(
            interval=wording.interval(*self.figures.interval, self.figures.n)
        )
        return " ".join(each for each in (truth, self.figures.grouped(), _(WHY_OF_TAGS[self.split])) if each)

    def no_better(self) -> str:
        """Return that it may be no better than guessing, a sentence."""
        return _("It may be no better than always giving the most frequent labels. More pictures would tell.")

    def metrics(self) -> list[tuple[str, str, float | None]]:
        """Return what model hubs read."""
        mean = self.figures.mean_average_precision
        ranked = [] if mean is None else [("mean_average_precision", "Mean average precision", mean)]
        return [*ranked, ("accuracy", "Exactly the right labels", self.figures.accuracy)]

    def each(self) -> list[list[str]]:
        """Return what each tag is worth."""
        head = [
            _("label"),
            _("given from"),
            _("of those that have it, get it"),
            _("of those that get it, have it"),
            _("average precision"),
        ]
        return [head, *map(_of_tag, self.figures.tags)]


@dataclass(frozen=True, kw_only=True)
class BoxMeasured(Measured):
    """What boxes are worth: ``found`` on those pictures; its ``figures`` have no accuracy."""

    found: BoxResults

    def right(self) -> str:
        """Return mAP@50 and mAP@50:95, and how many boxes are right from the confidence on that is chosen."""
        precision, mistakes = self.found.precision, self.found.mistakes
        there = sum(each.there for each in precision.classes)
        return _("mAP@50 {value}, mAP@50:95 {finer}; {right} of {boxes} in {pictures} are found.").format(
            value=wording.decimal(precision.map50 or 0, 3),
            finer=wording.decimal(precision.map50_95 or 0, 3),
            right=wording.number(mistakes.right),
            boxes=wording.plural(there, "box", "boxes"),
            pictures=wording.of_split(precision.pictures, self.split),
        )

    def reliability(self) -> str:
        """Return what the true value may be, and what is to be known of the pictures, as sentences."""
        low, high = (wording.decimal(each, 2) for each in self.found.precision.interval)
        truth = _("The true mAP@50 is probably {low} to {high}.").format(low=low, high=high)
        return f"{truth} {_(WHY_OF_BOXES[self.split])}"

    def metrics(self) -> list[tuple[str, str, float | None]]:
        """Return what model hubs read."""
        precision = self.found.precision
        return [("mean_average_precision", "mAP@50", precision.map50), ("map_50_95", "mAP@50:95", precision.map50_95)]


def _of_tag(row: TagScores) -> list[str]:
    ranked = row.average_precision
    return [
        row.label,
        wording.decimal(row.threshold, 2),
        _counted_in(row.recall, row.support, row.recall_interval),
        _counted_in(row.precision, row.given, row.precision_interval),
        "–" if ranked is None else wording.decimal(ranked, 3),
    ]


def _counted_in(share: float | None, every: int, between: tuple[float, float]) -> str:
    if share is None:
        return "–"
    return f"{wording.out_of(round(share * every), every)} ({wording.interval(*between, every)})"


def of(run: RunFolder) -> Measured | None:
    """Return how good the model of a run is: by its test if that was opened, else by its validation pictures.

    None where it has none. Raises DamagedError.
    """
    return next(iter(every(run)), None)


def not_measured(run: RunFolder) -> str:
    """Return what is said where nothing was measured: of a run on everything also how good it was before."""
    return everything.unmeasured(run) if run.recipe.everything else _("How often it is right was not measured.")


def every(run: RunFolder) -> Sequence[Measured]:
    """Return how good the model of a run is by its test, if that was opened, and by its validation pictures."""
    return _EVERY.get(kinds.of(run.project), _every)(run)


def _every(run: RunFolder) -> list[Measured]:
    tested, report = read_stored(run.folder / "test.json", Accuracy), run.report()
    found = {
        TEST: tested if predictions.is_stored(run, TEST) else None,
        VALIDATION: report.validation if report else _counted(run),
    }
    return [Measured(split=split, figures=each) for split, each in found.items() if each and each.accuracy is not None]


def _every_of_tags(run: RunFolder) -> list[TagMeasured]:
    tested = read_stored(run.folder / "test.json", TagEvaluation) if tags.is_stored(run, TEST) else None
    found: dict[str, Results | None] = {TEST: tested, VALIDATION: tags.results_of(run)}
    rows = [(split, each) for split, each in found.items() if each and each.accuracy is not None]
    return [TagMeasured(split=split, figures=each) for split, each in rows]


def _every_of_boxes(run: RunFolder) -> list[BoxMeasured]:
    found = {TEST: box_record.on_test(run), VALIDATION: box_record.results_of(run)}
    rows = [(split, each) for split, each in found.items() if each and each.precision.map50 is not None]
    return [
        BoxMeasured(
            split=split,
            figures=Accuracy(accuracy=None, n=each.precision.pictures, interval=(0.0, 1.0)),
            found=each,
        )
        for split, each in rows
    ]


#: How figures are read that are of other than one label.
_EVERY: dict[Things, Callable[[RunFolder], Sequence[Measured]]] = {"tags": _every_of_tags, "boxes": _every_of_boxes}


def _counted(run: RunFolder) -> Accuracy | None:
    """Return the accuracy on the validation pictures where training left none."""
    predicted = predictions.load(run, VALIDATION)
    return scores.accuracy(run, predicted) if predicted else None
