"""The shortcut test: how well things other than the subject tell the classes apart.

If one class was saved by another camera, scanned with a white border or compressed harder, a network may learn that
instead of the subject and fail on pictures that come another way (R. Geirhos et al., "Shortcut learning in deep neural
networks", Nature Machine Intelligence 2, 2020, https://arxiv.org/abs/2004.07780). A shallow decision tree that sees
nothing but such a property shows how far it goes. The test part is never read.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from statistics import NormalDist
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tl_core.dataset import duplicates
from tl_core.dataset.splits import TRAIN, VALIDATION
from tl_core.errors import Stopped
from tl_core.metrics import intervals
from tl_core.progress import Progress

FOLDS = 5
#: A class with fewer pictures than this takes no part: each fold needs one of every class.
LEAST = FOLDS
#: More pictures than this would not move the figures by much.
MOST = 5000
#: A warning that chance would bring about less often than this, over all properties together (Bonferroni). With labels
#: dealt at random, 4 of 260 sets of 12 to 250 photographs and 2 to 20 classes were warned of.
SIGNIFICANCE = 0.01
#: A warning needs this much of the way from guessing to always right: 70 % of two classes, 46 % of ten. Less can be
#: real (the file size of 300 photographs of cats and dogs: 64 %) and is told as a figure, not as a warning.
CLEAR = 0.4
#: Typical pictures of a class for each property, of the first so many classes.
EXAMPLES, CLASSES_WITH_EXAMPLES = 4, 8
ALL = "all"


@dataclass(frozen=True)
class Property:
    """Something other than the subject: id, name as a sentence begins with it, columns, and what to do about it."""

    id: str
    title: str
    columns: tuple[str, ...]
    advice: str


_SAME = "Bring in pictures of all classes that were"
PROPERTIES = (
    Property("type", "The kind of file", ("png",), f"{_SAME} saved alike, all with or all without loss."),
    Property("saturation", "The colourfulness", ("saturation",),
             f"{_SAME} taken with the same camera and settings, colour and grey in every class."),
    Property("border", "The border", ("border_red", "border_green", "border_blue", "border_spread", "border_colour"),
             "Cut off frames and margins, or have the same ones in every class."),
    Property("size", "The size in pixels", ("width", "height"), f"{_SAME} taken at about the same size."),
    Property("shape", "The aspect ratio", ("aspect",), f"{_SAME} cut alike, upright and wide ones in every class."),
    Property("brightness", "The brightness", ("brightness",), f"{_SAME} taken in the same light."),
    Property("contrast", "The contrast", ("contrast",), f"{_SAME} taken in the same light with the same camera."),
    Property("sharpness", "The sharpness", ("blurriness",), f"{_SAME} taken with the same camera and focus."),
    Property("density", "The file size per pixel", ("density",),
             f"It grows with detail and falls with compression. {_SAME} saved alike."),
    Property("bytes", "The file size", ("bytes",), f"{_SAME} of about the same size and saved alike."),
)  # fmt: skip
TOGETHER = Property(
    ALL,
    "Size, light, border and the like together",
    tuple(column for each in PROPERTIES for column in each.columns),
    "Look through the classes side by side: what else than the subject differs?",
)
#: What the columns are called on a chart.
COLUMN_TITLES = {
    "png": "Came without loss (1: PNG …) or with (0: JPEG …)",
    "border_red": "Border: mean red, 0 to 1",
    "border_green": "Border: mean green, 0 to 1",
    "border_blue": "Border: mean blue, 0 to 1",
    "border_spread": "Border: spread of its pixels (0: one colour)",
    "border_colour": "Border: colourfulness, 0 to 1",
    "width": "Width in pixels",
    "height": "Height in pixels",
    "aspect": "Width divided by height",
    "saturation": "Colourfulness, 0 to 1",
    "brightness": "Mean brightness, 0 to 1",
    "contrast": "Contrast, 0 to 1",
    "blurriness": "Sharpness (higher is sharper)",
    "density": "Bytes per pixel of the kept file",
    "bytes": "Bytes of the kept file",
}


def find(table: pd.DataFrame, measured: pd.DataFrame, progress: Progress | None = None) -> dict[str, Any] | None:
    """Return how well each property tells the classes apart, by cross-validation; None with too few pictures.

    Args:
        table: of a manifest. Only pictures to train and validate on are read, of classes with at least 5 of them.
        measured: ``measures.measured`` of at least those.
        progress: told properties.

    Returns:
        ``{"n", "classes", "left_out", "chance", "majority", "warn", "strongest", "sentence", "advice", "properties"}``:
        ``chance`` is the balanced accuracy of guessing, ``majority`` the accuracy of always naming the largest class.
        ``properties``, the best first and all of them together (``"all"``) among them, are ``{"id", "title",
        "balanced", "accuracy", "interval", "clear", "column", "spread"}``: ``balanced`` is the mean recall of the
        classes, ``interval`` its 95 % interval; ``clear``: it beats guessing beyond doubt and by a good way.
        ``spread`` tells ``column``, the one that the tree used most, of each class: ``{"label", "values",
        "examples"}``: values at 5, 25, 50, 75 and 95 %, and ids of pictures near the middle. ``strongest`` is the id
        of the best single property, or ``"all"`` where only together they are clear.

    Raises:
        Stopped: a person stopped it.
    """
    rows = _rows(table, measured)
    counts = rows["label"].value_counts()
    if len(counts) < 2:
        return None
    _, truth = np.unique(rows["label"].to_numpy(dtype=str), return_inverse=True)
    varied = [each for each in PROPERTIES if (rows[list(each.columns)].nunique() > 1).any()]
    tried = [*varied, TOGETHER] if len(varied) > 1 else varied
    folds = _folds(table, rows, truth)
    found = []
    for number, each in enumerate(tried, start=1):
        if progress and progress.stopped():
            raise Stopped("Stopped before the shortcut test was done.")
        found.append(_try(each, rows, truth, folds, len(tried)))
        if progress:
            progress.emit("progress", what="properties", done=number, total=len(tried))
    return _told(found, counts, left_out=table["label"].nunique() - len(counts))


def _rows(table: pd.DataFrame, measured: pd.DataFrame) -> pd.DataFrame:
    """Return labels and every column of the pictures that take part."""
    rows = table[table["split"].isin([TRAIN, VALIDATION])].set_index("id")[["label", "width", "height"]]
    rows = rows.join(measured, how="inner").dropna()
    rows = rows[rows.groupby("label")["label"].transform("size") >= LEAST]
    if len(rows) > MOST:
        rows = rows.groupby("label").sample(frac=MOST / len(rows), random_state=0)
        rows = rows[rows.groupby("label")["label"].transform("size") >= LEAST]
    border = rows[["border_red", "border_green", "border_blue"]]
    return rows.assign(
        aspect=rows["width"] / rows["height"],
        density=rows["bytes"] / (rows["width"] * rows["height"]),
        border_colour=border.max(axis="columns") - border.min(axis="columns"),
    )


def _folds(table: pd.DataFrame, rows: pd.DataFrame, truth: NDArray[np.intp]) -> list[Any]:
    """Return stratified folds in which near duplicates and bursts stay together, so that none answers for another."""
    from sklearn.model_selection import StratifiedGroupKFold

    groups = duplicates.groups(table[table["id"].isin(rows.index)].set_index("id", drop=False).loc[rows.index])
    return list(StratifiedGroupKFold(FOLDS, shuffle=True, random_state=0).split(truth, truth, groups))


def _try(each: Property, rows: pd.DataFrame, truth: NDArray[np.intp], folds: list[Any], tests: int) -> dict[str, Any]:
    columns = list(each.columns)
    values = rows[columns].to_numpy(dtype=np.float32)
    sizes = np.bincount(truth)
    tree = _tree(len(sizes), len(rows))
    said = np.empty_like(truth)
    for train, held_out in folds:
        said[held_out] = tree.fit(values[train], truth[train]).predict(values[held_out])
    column = columns[int(np.argmax(tree.fit(values, truth).feature_importances_))]
    balanced = float((np.bincount(truth, said == truth) / sizes).mean())
    chance = 1 / len(sizes)
    return {
        "id": each.id,
        "title": each.title,
        "balanced": balanced,
        "accuracy": float((said == truth).mean()),
        "interval": list(interval(balanced, sizes)),
        "clear": _beats(balanced, sizes, tests) and (balanced - chance) / (1 - chance) >= CLEAR,
        "column": column,
        "spread": _spread(rows, column),
    }


def _tree(classes: int, n: int) -> Any:
    """Return a tree that is deep enough to name every class and too shallow to know single pictures."""
    from sklearn.tree import DecisionTreeClassifier

    depth = 2 + math.ceil(math.log2(classes))
    leaf = 5 if n >= 20 * classes else 2
    return DecisionTreeClassifier(max_depth=depth, min_samples_leaf=leaf, class_weight="balanced", random_state=0)


def interval(balanced: float, sizes: NDArray[np.integer], z: float = 1.959963984540054) -> tuple[float, float]:
    """Return the Wilson interval of a balanced accuracy, by default at 95 %.

    The mean of K recalls varies as one rate over K² / Σ 1/nₖ pictures does: as many as there are where classes are
    even, fewer where one is small. Where recalls differ between classes, the true interval is narrower.

    >>> [round(x, 3) for x in interval(0.9, np.array([10, 10]))]
    [0.699, 0.972]
    """
    n = int(len(sizes) ** 2 / (1 / sizes).sum())
    return intervals.wilson(round(balanced * n), n, z)


def _beats(balanced: float, sizes: NDArray[np.integer], tests: int) -> bool:
    z = NormalDist().inv_cdf(1 - SIGNIFICANCE / tests)
    return interval(balanced, sizes, z)[0] > 1 / len(sizes)


def _spread(rows: pd.DataFrame, column: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for label, values in rows.groupby("label")[column]:
        points = np.quantile(values.to_numpy(), [0.05, 0.25, 0.5, 0.75, 0.95])
        typical = (values - points[2]).abs().sort_values(kind="stable").index[:EXAMPLES]
        examples = typical.tolist() if len(found) < CLASSES_WITH_EXAMPLES else []
        found.append({"label": str(label), "values": points.tolist(), "examples": examples})
    return found


def _told(found: list[dict[str, Any]], counts: "pd.Series[int]", left_out: int) -> dict[str, Any]:
    n, chance = int(counts.sum()), 1 / len(counts)
    found = sorted(found, key=lambda each: -each["balanced"])
    alone = [each for each in found if each["id"] != ALL]
    strongest = next((each for each in [*alone[:1], *found[:1]] if each["clear"]), alone[0] if alone else None)
    about = {"n": n, "classes": len(counts), "left_out": left_out, "chance": chance}
    return {
        **about,
        "majority": float(counts.max() / n),
        "warn": bool(strongest and strongest["clear"]),
        "strongest": strongest["id"] if strongest else None,
        "sentence": _sentence(strongest, about, even=counts.max() < 1.2 * counts.min()),
        "advice": next(
            (each.advice for each in (*PROPERTIES, TOGETHER) if strongest and each.id == strongest["id"]), ""
        ),
        "properties": found,
    }


def _sentence(best: Mapping[str, Any] | None, about: Mapping[str, Any], *, even: bool) -> str:
    if best is None:
        return f"The {about['n']:,} pictures are alike in size, border, light and sharpness: nothing to go by there."
    two = about["classes"] == 2
    what = "tells your classes apart" if two else "names the right class"
    counting = "" if even else ", each class counting the same"
    alone = "" if best["id"] == ALL else " alone"
    low, high = (_percent(edge) for edge in best["interval"])
    figures = (
        f"{_percent(best['balanced'])} of {about['n']:,} pictures{counting} (95 % interval {low} to {high}; guessing: "
        f"{_percent(about['chance'])})"
    )
    if best["id"] == ALL:
        what = what.replace("tells", "tell").replace("names", "name")
    if best["clear"]:
        return f"{best['title']}{alone} {what} in {figures}: the model may learn that instead of the subject."
    return f"None of these gives the classes away clearly: the best, {_lower(best['title'])}, is right in {figures}."


def _lower(title: str) -> str:
    return title[0].lower() + title[1:]


def _percent(value: float) -> str:
    return (f"{value:.0%}" if value >= 0.01 else f"{value:.1%}").replace("%", " %")
