"""The learning curve: how accuracy grows with the number of pictures a class, on stored activations.

In each repeat all pictures are dealt into folds. From those outside a fold some are drawn, in growing numbers; a linear
head learns from them and predicts the fold. The head is the same for all points, and the smaller draws are part of the
larger ones. So each point says how often a picture is named right that the head has not seen. The test split is never
read. Every draw has a seed of its own: stopped and resumed, the curve is the one that it would have been.
"""

import io
import itertools
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tl_core import arrays, seeds
from tl_core.arrays import Array
from tl_core.dataset import manifest
from tl_core.errors import InputError, Stopped
from tl_core.evaluation.questions import Questions, TagQuestions
from tl_core.experiments import baselines, experiment, outlook, pictures
from tl_core.experiments.baselines import Baseline
from tl_core.experiments.curve import Curve, TagCurve
from tl_core.experiments.experiment import Experiment
from tl_core.experiments.learners import Learner, OneLabel, Place, SeveralLabels
from tl_core.experiments.pictures import Asked
from tl_core.files import read_stored, write_bytes, write_record
from tl_core.language import N_, _
from tl_core.metrics import linear_probe
from tl_core.networks import tables, weights
from tl_core.progress import Progress
from tl_core.tasks import table as tasks
from tl_core.workspace import Project

KIND = "learning-curve"
FILE, BESIDE, OUTLOOK = "curve.npz", "beside.npz", "outlook.json"
#: What is stored: ``s`` sizes, ``c`` classes, ``r`` repeats, ``n`` pictures, ``f`` folds; see ``Curve``.
LAYOUT = {
    "sizes": Array(kind="i", axes="s", least=1),
    "classes": Array(kind="U", axes="c"),
    "learned": Array(kind="f", axes="sc", least=0),
    "right": Array(kind="i", axes="rsn", least=-1, most=1),
    "fold": Array(kind="i", axes="rn", least=0),
    "labels": Array(kind="i", axes="n", of="n"),
    "groups": Array(kind="i", axes="n"),
    "every": Array(kind="i", least=1),
    "has": Array(kind="b", axes="nc", needed=False),
    "each": Array(kind="i", axes="rsnc", least=-1, most=1, needed=False),
    "precisions": Array(kind="f", axes="rsf", least=0, most=1, gaps=True, needed=False),
}
_OF_TAGS = {"has", "each", "precisions"}
#: The smallest draw a class, and the largest number of points.
FIRST, MOST_POINTS = 5, 8
#: A class needs so many pictures to draw from, at least one of them.
LEAST = 8
FEW = N_(
    "A learning curve needs a class with at least {number} different pictures in training and validation. Add some, "
    "to two classes or more."
)
FEW_TAGS = N_(
    "A learning curve needs a label that at least {number} different pictures have, and {number} have not, in training "
    "and validation. Give more pictures their labels."
)
#: How often all pictures are dealt again, by what one head costs: pictures times classes.
REPEATS, FEWER = 4, 2
COSTLY = 12_000


def create(project: Project, backbone: str | None = None, *, seed: int = 0) -> Experiment:
    """Write a new learning curve on the present pictures.

    Args:
        project: whose pictures.
        backbone: id of a network; None for the usual one.
        seed: of all draws.

    Raises:
        InputError: the pictures are too few, or cannot be learned from, or there is no such network.
        MissingWeightsError: its weights are not here.
    """
    pictures.require(project, KIND)
    backbone = backbone or tasks.of(project).network
    tasks.check_network(project, backbone)
    spec = tables.get(backbone)
    weights.ensure(spec, project.workspace)
    version = manifest.load(project).version
    _sizes(pictures.asked(project, version).questions)  # what cannot be is said now
    return experiment.create(project, KIND, version, {tables.file_name(spec.id): {"backbone": spec.id}}, seed)


def run(folder: Path, progress: Progress, *, backbone: str) -> None:
    """The ``learning-curve`` job: measure the points, then fit the law. Stopped, it keeps the points that it has.

    Raises:
        NotFoundError: the experiment was deleted meanwhile.
        MissingWeightsError: the weights are not on this machine.
        Stopped: a person pressed Stop before there was a point.
    """
    of = experiment.of_part(folder)
    asked = pictures.asked(of.project, of.setup.manifest)
    questions, baseline = asked.questions, baselines.of(of.project)
    cache = pictures.activations(of.project, of.setup.manifest, backbone, len(questions.classes), progress)
    rows = pictures.features(of.project, cache, questions.ids, progress)
    curve = load(folder) or _begun(questions, asked.every)
    learners: dict[str, Learner] = {FILE: _learner(curve, rows, questions)}
    if baseline is not None:
        beside = load(folder, BESIDE) or _begun(questions, asked.every)
        learners[BESIDE] = OneLabel(beside, partial(_right_without, baseline, asked))
    for at, (name, learner) in enumerate(learners.items()):
        for done in measure(learner, questions, of.setup.seed, progress, part=(at, len(learners))):
            experiment.require(folder)
            write_bytes(folder / name, _packed(done), durable=False)
    if not curve.points():
        raise Stopped(_("Stopped before there was a point."))
    experiment.require(folder)
    write_record(folder / OUTLOOK, outlook.of(curve, of.setup.seed))


def measure(
    learner: Learner, questions: Questions, seed: int, progress: Progress, part: tuple[int, int] = (0, 1)
) -> Iterator[Curve]:
    """Fill in what is missing of a curve, and yield it after each head; end early if a person stops it.

    Args:
        learner: fills in its curve, as far as that is.
        questions: the pictures.
        seed: of all draws.
        progress: hears how many heads are done.
        part: number of this curve, and how many are measured.
    """
    curve = learner.curve
    heads = curve.repeats * questions.folds * len(curve.sizes)
    done, total = part[0] * heads, part[1] * heads
    for repeat in range(curve.repeats):
        curve.fold[repeat] = fold = questions.deal(seeds.derive(seed, "folds", repeat))
        for number, size in itertools.product(range(questions.folds), range(len(curve.sizes))):
            if progress.stopped():
                return
            out, done = fold == number, done + 1
            if (curve.right[repeat, size, out] < 0).any():
                drawn = seeds.derive(seed, "draw", repeat, number)
                learner.learn(out, Place(repeat=repeat, fold=number, size=size, seed=drawn))
                yield curve
            progress.emit("progress", what="heads", done=done, total=total)


def _learner(curve: Curve, rows: NDArray[np.float32], questions: Questions) -> Learner:
    if isinstance(curve, TagCurve) and isinstance(questions, TagQuestions):
        return SeveralLabels(curve, rows, questions)
    return OneLabel(curve, partial(_right, rows, questions.labels))


def _right(
    rows: NDArray[np.float32], labels: NDArray[np.int64], chosen: NDArray[np.intp], out: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return which pictures that are held out a head names right that has learned from the chosen ones."""
    if len(np.unique(labels[chosen])) < 2:  # a fold may hold all that there is of the other classes
        return np.asarray(labels[out] == labels[chosen][0])
    return np.asarray(linear_probe.predict(rows[chosen], labels[chosen], rows[out]) == labels[out])


def _right_without(
    baseline: Baseline, asked: Asked, chosen: NDArray[np.intp], out: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """Return the same without a network."""
    labels, seen = asked.table["label"].to_numpy(str), asked.table[baseline.column].to_numpy(object)
    if len(np.unique(labels[chosen])) < 2:
        return np.asarray(labels[out] == labels[chosen][0])
    said = baseline.classify(seen[chosen].tolist(), labels[chosen].tolist(), seen[out].tolist())
    return np.asarray(said == labels[out])


def sizes_of(most: int, few: str = FEW) -> list[int]:
    """Return the numbers of pictures a class that are drawn: geometric steps from 5 to all.

    Args:
        most: pictures that the largest class has outside a fold.
        few: the sentence that they are too few, with ``{number}``; shown by ``_``.

    Raises:
        InputError: there are too few for a curve.

    >>> sizes_of(400), sizes_of(20), sizes_of(8)
    ([5, 9, 17, 33, 61, 114, 214, 400], [5, 7, 10, 14, 20], [2, 3, 4, 6, 8])
    """
    if most < LEAST:
        raise InputError(_(few).format(number=LEAST + 2))
    first = FIRST if most >= 2 * FIRST else 2
    count = int(np.clip(round(1 + 1.6 * np.log2(most / first)), 5, MOST_POINTS))
    return [int(each) for each in np.unique(np.geomspace(first, most, count).round())]


def _sizes(questions: Questions) -> list[int]:
    """Return the numbers that are drawn, up to all that the largest class has outside a fold.

    Of a label it is the rarer side that counts: the pictures that have it, or those that have not.
    """
    left = 1 - 1 / questions.folds
    if isinstance(questions, TagQuestions):
        has = questions.truth.sum(axis=0)
        return sizes_of(int(np.minimum(has, questions.n - has).max() * left), FEW_TAGS)
    return sizes_of(int(np.bincount(questions.labels).max() * left))


def _begun(questions: Questions, every: int) -> Curve:
    """Return a curve without any point."""
    sizes, classes = _sizes(questions), questions.outputs
    repeats = REPEATS if questions.n * len(classes) <= COSTLY else FEWER
    left, drawn = 1 - 1 / questions.folds, np.array(sizes)[:, None]
    shape = (repeats, len(sizes), questions.n)
    empty: dict[str, Any] = {
        "sizes": sizes,
        "right": np.full(shape, -1, np.int8),
        "fold": np.zeros((repeats, questions.n), np.int8),
        "labels": questions.labels,
        "groups": questions.groups,
        "classes": classes,
        "every": every,
    }
    if isinstance(questions, TagQuestions):
        return TagCurve(
            **empty,
            learned=drawn / sizes[-1] * questions.truth.sum(axis=0) * left,
            has=questions.truth,
            each=np.full((*shape, len(classes)), -1, np.int8),
            precisions=np.full((repeats, len(sizes), questions.folds), np.nan),
        )
    counts = np.bincount(questions.labels, minlength=len(classes)) * left
    return Curve(**empty, learned=np.minimum(drawn, counts[None]))


def _packed(curve: Curve) -> bytes:
    buffer = io.BytesIO()
    arrays_: dict[str, Any] = {name: np.asarray(value) for name, value in vars(curve).items()}
    np.savez_compressed(buffer, **arrays_)
    return buffer.getvalue()


def load(folder: Path, name: str = FILE) -> Curve | None:
    """Return the curve of a part as far as it is; None before its first point, or if its file is damaged.

    Args:
        folder: of the part.
        name: ``FILE``, or ``BESIDE`` for the curve of the baseline without a network, where there is one.
    """
    stored = arrays.read(folder / name, LAYOUT)
    if stored is None or not stored["right"].size:
        return None
    of_tags = stored.keys() & _OF_TAGS
    if of_tags not in (set(), _OF_TAGS) or not (of_tags or stored["labels"].max() < len(stored["classes"])):
        return None
    plain: dict[str, Any] = {name: stored[name].tolist() for name in ("sizes", "classes", "every")}
    return (TagCurve if of_tags else Curve)(**{**stored, **plain})


def outlook_of(folder: Path) -> outlook.Outlook | None:
    """Return what the curve of a part says about more pictures; None before its end."""
    return read_stored(folder / OUTLOOK, outlook.Outlook)
