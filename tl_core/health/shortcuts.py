"""The shortcut test: how well other properties than the subject tell the classes apart.

If one class was saved by another camera, scanned with a white border or compressed harder, a network may learn that
instead of the subject and fail on other images (R. Geirhos et al., "Shortcut learning in deep neural networks", Nature
Machine Intelligence 2, 2020, https://arxiv.org/abs/2004.07780). A shallow decision tree that sees nothing but such a
property shows how far it goes. Images that are alike are in one fold and count as fewer. The test split is never read.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tl_core.dataset import duplicates
from tl_core.dataset.splits import TRAIN, VALIDATION
from tl_core.errors import Stopped
from tl_core.health.properties import ALL, PROPERTIES, TOGETHER, Property, columns_of
from tl_core.language import _
from tl_core.metrics import evidence, folds, intervals
from tl_core.progress import Progress
from tl_core.wording import interval, percent, pictures

if TYPE_CHECKING:
    from sklearn.tree import DecisionTreeClassifier

FOLDS = 5
#: A class with fewer images than this is left out: each fold needs one of every class.
LEAST = FOLDS
#: More images than this would not change the figures by much.
MOST = 5000
#: Probability that chance alone leads to a warning, over all properties together (Bonferroni).
SIGNIFICANCE = 0.01
#: A warning needs this share of the way from guessing to always right: 70% of two classes, 46% of ten. Less can be real
#: and is shown as a figure, not as a warning.
CLEAR = 0.4
#: Typical images of a class for each property, of the first ``CLASSES_WITH_EXAMPLES`` classes.
EXAMPLES, CLASSES_WITH_EXAMPLES = 4, 8


@dataclass(frozen=True)
class Spread:
    """How a property is spread in a class.

    Attributes:
        label: the class.
        values: the property at 5, 25, 50, 75 and 95% of the class.
        examples: ids of images near the middle.
    """

    label: str
    values: tuple[float, ...]
    examples: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PropertyScore:
    """How well a property tells the classes apart.

    Attributes:
        id: of the ``Property``, or ``"all"``.
        title: of the property.
        balanced: mean recall of the classes, 0..1.
        accuracy: 0..1.
        interval: ends of the 95% interval of ``balanced``.
        clear: whether it beats guessing beyond doubt and by a good way.
        column: the column that the tree used most.
        spread: how ``column`` is spread in each class.
    """

    id: str
    title: str
    balanced: float
    accuracy: float
    interval: tuple[float, float]
    clear: bool
    column: str
    spread: tuple[Spread, ...]


@dataclass(frozen=True, kw_only=True)
class Shortcut:
    """The result of the shortcut test.

    Attributes:
        n: number of images.
        classes: number of classes.
        left_out: number of classes that are too small.
        chance: balanced accuracy of guessing, 0..1.
        majority: accuracy of always naming the largest class, 0..1.
        warn: whether a property, or all together, is clear.
        strongest: id of the best single property, ``"all"`` if only together they are clear, None without any.
        sentence: the result in words.
        advice: what to do about the strongest property.
        properties: the best first; all of them together (``"all"``) among them.
    """

    n: int
    classes: int
    left_out: int
    chance: float
    majority: float
    warn: bool
    strongest: str | None
    sentence: str
    advice: str
    properties: tuple[PropertyScore, ...]

    @property
    def best(self) -> PropertyScore | None:
        """The strongest property."""
        return next((each for each in self.properties if each.id == self.strongest), None)


def measure(table: pd.DataFrame, measured: pd.DataFrame, progress: Progress | None = None) -> Shortcut | None:
    """Return how well each property tells the classes apart, by cross-validation; None with too few images.

    Args:
        table: of a manifest. Only training and validation images are read, of classes with at least 5 of them.
        measured: ``measures.measured`` of at least those.
        progress: hears how many properties are done.

    Raises:
        Stopped: a person stopped it.
    """
    rows = _rows(table, measured)
    counts = rows["label"].value_counts()
    if len(counts) < 2:
        return None
    __, truth = np.unique(rows["label"].to_numpy(dtype=str), return_inverse=True)
    groups = _groups(table, rows)
    if len(np.unique(groups)) < FOLDS:
        return None
    fold = folds.deal(truth, groups, FOLDS, seed=0)
    varied = [each for each in PROPERTIES if (rows[list(each.columns)].nunique() > 1).any()]
    tried = [*varied, TOGETHER] if len(varied) > 1 else varied
    scores = []
    for number, each in enumerate(tried, start=1):
        if progress and progress.stopped():
            raise Stopped(_("Stopped before the shortcut test was done."))
        scores.append(_score(each, rows, truth, (fold, groups), len(tried)))
        if progress:
            progress.emit("progress", what="properties", done=number, total=len(tried))
    return _result(scores, counts, left_out=table["label"].nunique() - len(counts))


def _rows(table: pd.DataFrame, measured: pd.DataFrame) -> pd.DataFrame:
    """Return labels and every column of the images that are tested."""
    rows = table[table["split"].isin([TRAIN, VALIDATION])].set_index("id")[["label", "width", "height"]]
    rows = rows.join(measured, how="inner").dropna()
    rows = rows[rows.groupby("label")["label"].transform("size") >= LEAST]
    if len(rows) > MOST:
        rows = rows.groupby("label").sample(frac=MOST / len(rows), random_state=0)
        rows = rows[rows.groupby("label")["label"].transform("size") >= LEAST]
    return columns_of(rows)


def _groups(table: pd.DataFrame, rows: pd.DataFrame) -> NDArray[np.int64]:
    """Return the number of each row's group: near duplicates and bursts have one."""
    return duplicates.units(table[table["id"].isin(rows.index)].set_index("id", drop=False).loc[rows.index])


def _score(
    each: Property,
    rows: pd.DataFrame,
    truth: NDArray[np.intp],
    dealt: tuple[NDArray[np.int64], NDArray[np.int64]],
    tests: int,
) -> PropertyScore:
    columns, (fold, groups) = list(each.columns), dealt
    values = rows[columns].to_numpy(dtype=np.float32)
    sizes = np.bincount(truth)
    tree = _tree(len(sizes), len(rows))
    predicted = np.empty_like(truth)
    for number in range(FOLDS):
        out = fold == number
        predicted[out] = tree.fit(values[~out], truth[~out]).predict(values[out])
    column = columns[int(np.argmax(tree.fit(values, truth).feature_importances_))]
    right = predicted == truth
    balanced = float((np.bincount(truth, right) / sizes).mean())
    own = [truth == number for number in range(len(sizes))]
    counted = np.array([evidence.of(right[some], groups[some]).effective for some in own])
    chance = 1 / len(sizes)
    return PropertyScore(
        id=each.id,
        title=each.title,
        balanced=balanced,
        accuracy=float(right.mean()),
        interval=balanced_interval(balanced, sizes, counted),
        clear=_beats(balanced, sizes, counted, tests) and (balanced - chance) / (1 - chance) >= CLEAR,
        column=column,
        spread=_spread(rows, column),
    )


def _tree(classes: int, n: int) -> "DecisionTreeClassifier":
    """Return a tree that is deep enough to name every class and too shallow to learn single images by heart."""
    from sklearn.tree import DecisionTreeClassifier

    depth = 2 + math.ceil(math.log2(classes))
    leaf = 5 if n >= 20 * classes else 2
    return DecisionTreeClassifier(max_depth=depth, min_samples_leaf=leaf, class_weight="balanced", random_state=0)


def balanced_interval(
    balanced: float, sizes: NDArray[np.integer], counted: NDArray[np.floating], z: float = intervals.Z95
) -> tuple[float, float]:
    """Return the interval of a balanced accuracy, by default at 95%.

    The mean of K recalls varies as one rate over K² / Σ 1/nₖ images does: as many as there are where classes are
    even, fewer where one is small. Where recalls differ between classes, the true interval is narrower.

    Args:
        balanced: mean recall of the classes, 0 to 1.
        sizes: ``(K,)`` nₖ, images of each class.
        counted: ``(K,)`` independent images that would say as much of each class.
        z: standard normal quantile of the two-sided confidence.

    >>> [round(x, 3) for x in balanced_interval(0.9, np.array([10, 10]), np.array([10.0, 10.0]))]
    [0.699, 0.972]
    """
    n, effective = (float(len(each) ** 2 / (1 / each).sum()) for each in (sizes, counted))
    return intervals.rate_interval(balanced * n, n, z, effective=effective)


def _beats(balanced: float, sizes: NDArray[np.integer], counted: NDArray[np.floating], tests: int) -> bool:
    z = NormalDist().inv_cdf(1 - SIGNIFICANCE / tests)
    return balanced_interval(balanced, sizes, counted, z)[0] > 1 / len(sizes)


def _spread(rows: pd.DataFrame, column: str) -> tuple[Spread, ...]:
    spreads: list[Spread] = []
    for label, values in rows.groupby("label")[column]:
        points = np.quantile(values.to_numpy(), [0.05, 0.25, 0.5, 0.75, 0.95])
        typical = (values - points[2]).abs().sort_values(kind="stable").index[:EXAMPLES]
        examples = tuple(typical.tolist()) if len(spreads) < CLASSES_WITH_EXAMPLES else ()
        spreads.append(Spread(str(label), tuple(points.tolist()), examples))
    return tuple(spreads)


def _result(scores: Sequence[PropertyScore], counts: "pd.Series[int]", left_out: int) -> Shortcut:
    scores = sorted(scores, key=lambda each: -each.balanced)
    alone = [each for each in scores if each.id != ALL]
    best = next((each for each in [*alone[:1], *scores[:1]] if each.clear), alone[0] if alone else None)
    return Shortcut(
        n=int(counts.sum()),
        classes=len(counts),
        left_out=left_out,
        chance=1 / len(counts),
        majority=float(counts.max() / counts.sum()),
        warn=best is not None and best.clear,
        strongest=best.id if best else None,
        sentence=_sentence(best, counts),
        advice=next((each.advice for each in (*PROPERTIES, TOGETHER) if best and each.id == best.id), ""),
        properties=tuple(scores),
    )


def _sentence(best: PropertyScore | None, counts: "pd.Series[int]") -> str:
    n = int(counts.sum())
    if best is None:
        return _("The {pictures} do not differ in size, border, light or sharpness.").format(pictures=pictures(n))
    figures = _("{share} of {pictures}, each class counting the same (95% interval {interval}; guessing: {chance})")
    if counts.max() < 1.2 * counts.min():
        figures = _("{share} of {pictures} (95% interval {interval}; guessing: {chance})")
    figures = figures.format(
        share=percent(best.balanced),
        pictures=pictures(n),
        interval=interval(*best.interval),
        chance=percent(1 / len(counts)),
    )
    title = _(best.title)
    if not best.clear:
        title = title[0].lower() + title[1:]
        return _("None of these gives the classes away clearly. The best, {title}, is right for {figures}.").format(
            title=title, figures=figures
        )
    sentence = _("{title} alone tells the classes apart in {figures}. The model may learn that instead of the subject.")
    if best.id == ALL:
        sentence = _("{title} tell the classes apart in {figures}. The model may learn that instead of the subject.")
    return sentence.format(title=title, figures=figures)
