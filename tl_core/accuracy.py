"""An accuracy with what it was counted from and its interval: in reports on disk, in results, on pages."""

from dataclasses import dataclass

from tl_core.language import _
from tl_core.wording import interval, number, percent, pictures, plural


@dataclass(frozen=True, kw_only=True)
class Accuracy:
    """How often predictions are right, beside a guess that does not look at the images.

    Attributes:
        accuracy: share of right predictions, 0 to 1; None without images.
        n: number of images.
        interval: 95% interval of ``accuracy``, low and high, 0 to 1.
        baseline: accuracy of always predicting ``baseline_class``, 0 to 1; None without images.
        baseline_class: the class with most training images, None if it was not looked for.
        groups: independent groups of images: what is alike, or was taken at one moment, is one. None in files of
            earlier versions, which counted every image by itself.
        effective: independent images that would say as much, up to ``n``: the interval is theirs. None as above.
    """

    accuracy: float | None
    n: int
    interval: tuple[float, float]
    baseline: float | None = None
    baseline_class: str | None = None
    groups: int | None = None
    effective: float | None = None

    def __post_init__(self) -> None:
        if self.n and self.effective is not None and not self.effective > 0:
            raise ValueError(f"{self.n} images say as much as {self.effective}")

    @property
    def correct(self) -> float:
        """How many were right; a mean over repeats need not be whole."""
        return (self.accuracy or 0.0) * self.n

    @property
    def is_counted(self) -> bool:
        """Whether it was counted once, and is not the mean of several counts."""
        return abs(self.correct - round(self.correct)) < 1e-6

    def sentence(self) -> str:
        """Return what is known after that many answers.

        >>> Accuracy(accuracy=0.9, n=20, interval=(0.699, 0.972)).sentence()
        '18 of 20 right; the true accuracy is probably 70% to 97%.'
        """
        if self.accuracy is None:
            return _("There are no pictures to measure it on.")
        right = number(round(self.correct)) if self.is_counted else percent(self.accuracy, self.n)
        known = _("{right} of {all} right; the true accuracy is probably {interval}.").format(
            right=right, all=number(self.n), interval=interval(*self.interval, self.n)
        )
        return f"{known} {self.grouped()}".rstrip()

    def grouped(self) -> str:
        """Return that images count as fewer, as a sentence; nothing where each counts by itself.

        >>> Accuracy(accuracy=0.9, n=100, interval=(0.6, 1.0), groups=10, effective=12.0).grouped()
        'Some of the 100 pictures are alike: they form 10 groups and say as much as 12 different pictures.'
        """
        if self.groups is None or self.effective is None or self.groups >= self.n:
            return ""
        count = round(self.effective)
        different = plural(count, "different picture", "different pictures")
        return _("Some of the {pictures} are alike: they form {groups} and say as much as {different}.").format(
            pictures=pictures(self.n), groups=plural(self.groups, "group", "groups"), different=different
        )
