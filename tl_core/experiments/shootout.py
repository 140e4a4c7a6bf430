"""The shoot-out: several networks on the same pictures, each with a head that is cross-validated.

Each network is a part, a job of its own. It runs once over the pictures; then linear heads learn from its activations,
each without the fold that it predicts. So every picture is predicted by a head that has not seen it, the folds are the
same for all networks, and nothing is trained that takes long. The test split is never read.
"""

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tl_core import runs
from tl_core.accuracy import Accuracy
from tl_core.dataset import manifest
from tl_core.errors import InputError, Stopped
from tl_core.evaluation import crossval, tag_crossval
from tl_core.evaluation.questions import Questions, TagQuestions
from tl_core.evaluation.word_counts import WordCounts
from tl_core.experiments import baselines, experiment, pictures, ranking
from tl_core.experiments.experiment import Experiment
from tl_core.experiments.pictures import Asked
from tl_core.experiments.ranking import Ranking
from tl_core.files import read_stored, write_record
from tl_core.freezing import speed
from tl_core.language import _
from tl_core.metrics import intervals
from tl_core.networks import tables, weights
from tl_core.networks.tables import Pretrained
from tl_core.networks.text_catalogue import LOCAL
from tl_core.progress import Progress
from tl_core.tasks import table as tasks
from tl_core.workspace import Project

KIND = "shootout"
FILE, BESIDE_FILE = "entry.json", "beside.json"
#: Name of the part without a network, where there is a baseline.
BESIDE = "without-network"
BYTES_PER_PARAMETER = 4


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What was measured of one network.

    Attributes:
        backbone: id of a network.
        size: side of the pictures in pixels, length of the texts in word pieces.
        accuracy: of the cross-validated head.
        right: ``(n,)`` 1 for each picture that was named right, else 0; the same pictures for all networks.
        groups: ``(n,)`` number of each picture's group: what is alike, or belongs together, has one.
        milliseconds: that one picture takes by itself on this machine, the quickest of several.
        milliseconds_usual: the median of them.
        bytes: of the model with a head for these classes.
        every: how many training and validation pictures there are; ``n`` of them were asked for.
        seconds: that the part took.
        precision: mean average precision over the labels, where an example has several; None where it has one.
    """

    backbone: str
    size: int
    accuracy: Accuracy
    right: tuple[int, ...]
    groups: tuple[int, ...]
    milliseconds: float
    milliseconds_usual: float
    bytes: int
    every: int
    seconds: float
    precision: float | None = None


@dataclass(frozen=True, kw_only=True)
class Beside:
    """What the baseline without a network got.

    Attributes:
        right: as in ``Entry``, of the same examples.
    """

    right: tuple[int, ...]


def offered(project: Project, chosen: str | None = None) -> list[Pretrained]:
    """Return the networks for what a project holds whose weights are here, those that need least work first.

    Args:
        project: its runs know networks from folders, too.
        chosen: id of a network that is offered beside those.
    """
    tried = [run.recipe.backbone for run in runs.of_project(project) if not run.damage()]
    ids = [each.id for each in tables.akin(tasks.of(project).network)]
    ids += [each for each in (chosen, *tried) if each and each.startswith(LOCAL)]
    here = [each for each in map(_found, dict.fromkeys(ids)) if each]
    return sorted((each for each in here if _is_here(each, project)), key=lambda each: each.multiply_adds)


def _found(id_: str) -> Pretrained | None:
    """Return the network of that id; None where its folder is gone."""
    try:
        return tables.get(id_)
    except InputError:
        return None


def _is_here(network: Pretrained, project: Project) -> bool:
    return weights.status(network, project.workspace).state == "here"


def create(project: Project, backbones: Sequence[str] = (), *, seed: int = 0) -> Experiment:
    """Write a new shoot-out on the present pictures.

    Args:
        project: whose pictures.
        backbones: ids of networks; without any all whose weights are here.
        seed: of the folds.

    Raises:
        InputError: the pictures cannot be learned from, or there is no such network.
        MissingWeightsError: the weights of one are not here.
    """
    pictures.require(project, KIND)
    for backbone in backbones:
        tasks.check_network(project, backbone)
    chosen = [tables.get(each) for each in dict.fromkeys(backbones)] or offered(project)
    for each in chosen:
        weights.ensure(each, project.workspace)
    if not chosen:
        raise InputError(_("No network has its weights on this machine. Download one on the Network page."))
    version = manifest.load(project).version
    pictures.asked(project, version)  # what cannot be is said now
    order = sorted(chosen, key=lambda each: each.multiply_adds)
    parts = {tables.file_name(each.id): {"backbone": each.id} for each in order}
    if baselines.of(project):
        parts[BESIDE] = {"backbone": BESIDE}
    return experiment.create(project, KIND, version, parts, seed)


def run(folder: Path, progress: Progress, *, backbone: str) -> None:
    """The ``shootout`` job: measure one network, or the baseline without one, and write down what it got.

    Raises:
        NotFoundError: the experiment was deleted meanwhile.
        MissingWeightsError: the weights are not on this machine.
        Stopped: a person pressed Stop; nothing was saved but activations.
    """
    began, of = time.perf_counter(), experiment.of_part(folder)
    project, setup = of.project, of.setup
    if backbone == BESIDE:
        right = _without(project, pictures.asked(project, setup.manifest), setup.seed, progress)
        experiment.require(folder)
        write_record(folder / BESIDE_FILE, Beside(right=right))
        return
    spec = tables.get(backbone)
    asked = pictures.asked(project, setup.manifest)
    questions, classes = asked.questions, len(asked.questions.outputs)
    cache = pictures.activations(project, setup.manifest, spec.id, classes, progress)
    rows = pictures.features(project, cache, questions.ids, progress)
    times = speed.one_by_one(cache, progress)
    judged = _judged(questions, rows, progress, setup.seed)
    entry = Entry(
        backbone=spec.id,
        size=cache.recipe.image_size,
        accuracy=judged.accuracy,
        right=tuple(judged.right.astype(int).tolist()),
        groups=tuple(judged.groups.tolist()),
        precision=judged.precision,
        milliseconds=min(times),
        milliseconds_usual=statistics.median(times),
        bytes=BYTES_PER_PARAMETER * (spec.backbone_parameters + (rows.shape[1] + 1) * classes),
        every=asked.every,
        seconds=time.perf_counter() - began,
    )
    experiment.require(folder)
    write_record(folder / FILE, entry)


@dataclass(frozen=True, kw_only=True)
class _Judged:
    """What a cross-validation says; the fields are those of ``Entry``."""

    accuracy: Accuracy
    right: NDArray[np.bool_]
    groups: NDArray[np.int64]
    precision: float | None = None


def _judged(questions: Questions, rows: NDArray[np.float32], progress: Progress, seed: int) -> _Judged:
    """Return how often a head is right; where an example has several labels, it is right that gets exactly these."""
    repeats = crossval.REPEATS if questions.n < crossval.FEW else 1
    if isinstance(questions, TagQuestions):
        several = tag_crossval.of_features(questions, rows, progress, repeats=repeats, seed=seed)
        precision = several.mean_average_precision
        return _Judged(
            accuracy=several.accuracy, right=several.right >= 0.5, groups=several.groups, precision=precision
        )
    found = crossval.of_features(questions, rows, progress, repeats=repeats, seed=seed)
    right = found.probabilities.argmax(1) == found.labels
    return _Judged(accuracy=found.accuracy, right=right, groups=questions.groups)


def _without(project: Project, asked: Asked, seed: int, progress: Progress) -> tuple[int, ...]:
    """Return which examples are named right without a network, each by what has not seen it."""
    baseline, questions = baselines.of(project), asked.questions
    assert baseline, "there is such a part"
    seen, labels = asked.table[baseline.column].to_numpy(object), asked.table["label"].to_numpy(str)
    fold, right = questions.deal(seed), np.zeros(questions.n, int)
    for number in range(questions.folds):
        if progress.stopped():
            raise Stopped(_("Stopped. What was measured stays."))
        out = fold == number
        said = baseline.classify(seen[~out].tolist(), labels[~out].tolist(), seen[out].tolist())
        right[out] = said == labels[out]
        progress.emit("progress", what="heads", done=number + 1, total=questions.folds)
    return tuple(right.tolist())


def beside(of: Experiment) -> WordCounts | None:
    """Return what the baseline without a network got, beside the best network; None before both are known."""
    stored = read_stored(of.folder / BESIDE / BESIDE_FILE, Beside)
    found = ranked(of) if stored else None
    if stored is None or found is None:
        return None
    best = next(each for each in entries(of) if each.backbone == found.places[0].name)
    right, groups = np.array(stored.right, bool), np.array(best.groups)
    return WordCounts(
        baseline=intervals.share(right, groups),
        model=best.accuracy,
        p=intervals.mcnemar(right, np.array(best.right, bool), groups),
    )


def entries(of: Experiment) -> list[Entry]:
    """Return what was measured so far, in the order of the parts."""
    stored = (read_stored(job.folder / FILE, Entry) for job in of.parts())
    return [each for each in stored if each]


def ranked(of: Experiment) -> Ranking | None:
    """Return the networks that were measured so far, the best first, and which to take; None before the first."""
    measured = entries(of)
    if not measured:
        return None
    rivals = [
        ranking.Rival(
            name=each.backbone,
            accuracy=each.accuracy,
            right=np.array(each.right, bool),
            milliseconds=each.milliseconds,
            bytes=each.bytes,
        )
        for each in measured
    ]
    return ranking.rank(rivals, np.array(measured[0].groups))
