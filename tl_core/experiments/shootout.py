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

from tl_core.accuracy import Accuracy
from tl_core.dataset import manifest
from tl_core.errors import InputError
from tl_core.evaluation import crossval
from tl_core.experiments import experiment, pictures, ranking
from tl_core.experiments.experiment import Experiment
from tl_core.experiments.ranking import Ranking
from tl_core.files import read_stored, write_record
from tl_core.freezing import speed
from tl_core.language import _
from tl_core.networks import catalogue, weights
from tl_core.networks.catalogue import Backbone
from tl_core.progress import Progress
from tl_core.workspace import Project, Workspace

KIND = "shootout"
FILE = "entry.json"
BYTES_PER_PARAMETER = 4


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What was measured of one network.

    Attributes:
        backbone: id of a row of the catalogue.
        size: side of the pictures in pixels.
        accuracy: of the cross-validated head.
        right: ``(n,)`` 1 for each picture that was named right, else 0; the same pictures for all networks.
        groups: ``(n,)`` number of each picture's group: what is alike, or belongs together, has one.
        milliseconds: that one picture takes by itself on this machine, the quickest of several.
        milliseconds_usual: the median of them.
        bytes: of the model with a head for these classes.
        every: how many training and validation pictures there are; ``n`` of them were asked for.
        seconds: that the part took.
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


def offered(workspace: Workspace) -> list[Backbone]:
    """Return the networks whose weights are on this machine, those that need least work first."""
    here = [each for each in catalogue.CATALOGUE if weights.status(each, workspace).state == "here"]
    return sorted(here, key=lambda each: each.multiply_adds)


def create(project: Project, backbones: Sequence[str] = (), *, seed: int = 0) -> Experiment:
    """Write a new shoot-out on the present pictures.

    Args:
        project: whose pictures.
        backbones: ids of rows of the catalogue; without any all whose weights are here.
        seed: of the folds.

    Raises:
        InputError: the pictures cannot be learned from, or there is no such network.
        MissingWeightsError: the weights of one are not here.
    """
    here = offered(project.workspace)
    chosen = [catalogue.get(each) for each in dict.fromkeys(backbones)] or here
    for each in chosen:
        weights.ensure(each, project.workspace)
    if not chosen:
        raise InputError(_("No network has its weights on this machine. Download one on the Network page."))
    version = manifest.load(project).version
    pictures.asked(project, version)  # what cannot be is said now
    order = sorted(chosen, key=lambda each: each.multiply_adds)
    return experiment.create(project, KIND, version, {each.id: {"backbone": each.id} for each in order}, seed)


def run(folder: Path, progress: Progress, *, backbone: str) -> None:
    """The ``shootout`` job: measure one network and write its entry.

    Raises:
        NotFoundError: the experiment was deleted meanwhile.
        MissingWeightsError: the weights are not on this machine.
        Stopped: a person pressed Stop; nothing was saved but activations.
    """
    began, of = time.perf_counter(), experiment.of_part(folder)
    project, setup, spec = of.project, of.setup, catalogue.get(backbone)
    asked = pictures.asked(project, setup.manifest)
    classes = len(asked.questions.classes)
    cache = pictures.activations(project, setup.manifest, spec.id, classes, progress)
    rows = pictures.features(project, cache, asked.questions, progress)
    times = speed.one_by_one(cache, progress)
    repeats = crossval.REPEATS if asked.questions.n < crossval.FEW else 1
    result = crossval.of_features(asked.questions, rows, progress, repeats=repeats, seed=setup.seed)
    entry = Entry(
        backbone=spec.id,
        size=cache.recipe.image_size,
        accuracy=result.accuracy,
        right=tuple((result.probabilities.argmax(1) == result.labels).astype(int).tolist()),
        groups=tuple(asked.questions.groups.tolist()),
        milliseconds=min(times),
        milliseconds_usual=statistics.median(times),
        bytes=BYTES_PER_PARAMETER * (spec.backbone_parameters + (rows.shape[1] + 1) * classes),
        every=asked.every,
        seconds=time.perf_counter() - began,
    )
    experiment.require(folder)
    write_record(folder / FILE, entry)


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
