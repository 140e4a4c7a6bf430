"""The layer probe: how well each block of a network, as it is, separates a person's classes.

At the end of each block the feature map is averaged to one row of numbers per picture, and a linear classifier is
trained on those rows: G. Alain and Y. Bengio, "Understanding intermediate layers using linear classifier probes",
2016, https://arxiv.org/abs/1610.01644. The network itself does not train, so one pass over the pictures serves all
blocks. The test split is never read.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from tl_core.dataset import duplicates, manifest
from tl_core.dataset.manifest import Manifest
from tl_core.errors import InputError, Stopped
from tl_core.features.sources import BATCH, Inputs
from tl_core.features.store import Key
from tl_core.files import read_stored, write_record
from tl_core.freezing import tag_probe
from tl_core.freezing.suggestion import suggestion
from tl_core.language import _
from tl_core.metrics import intervals, linear_probe
from tl_core.networks import tables, weights
from tl_core.networks.catalogue import Backbone
from tl_core.networks.structure import Block, spoken
from tl_core.networks.text_catalogue import TextNetwork
from tl_core.progress import Progress
from tl_core.recipe import Recipe
from tl_core.tasks import table
from tl_core.workspace import Project, Workspace

if TYPE_CHECKING:
    import keras
    import pandas as pd

#: More pictures than these would not move the curve by much; they are the same ones each time.
MOST = {"train": 4000, "validation": 2000}
#: Axes of the hidden states of texts.
HIDDEN_RANK = 3


@dataclass(frozen=True, kw_only=True)
class BlockAccuracy:
    """How often a linear classifier on the features of one block is right.

    Attributes:
        id: of the block.
        label: of the block, for people.
        accuracy: on the validation pictures, 0 to 1; of several labels the mean average precision.
        interval: of the accuracy, 95%; pictures that are alike count as fewer.
    """

    id: str
    label: str
    accuracy: float
    interval: tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class ProbeResult:
    """What a probe measured.

    Attributes:
        backbone: id of a row of the catalogue.
        size: side of the pictures in pixels.
        manifest: version of the list of pictures.
        train: number of training pictures.
        n: number of validation pictures.
        chance: accuracy of always naming the class that is most frequent in training, 0 to 1.
        blocks: from the picture upwards.
        suggested: a value of ``recipe.freeze``.
        why: a sentence or two about it.
        seconds: that the probe took.
        groups: independent groups of validation pictures; None in files of earlier versions.
        several: whether it was measured on several labels, by cross-validation: then ``n`` are all pictures,
            ``accuracy`` is the mean average precision, and ``chance`` that of any order.
    """

    backbone: str
    size: int
    manifest: int
    train: int
    n: int
    chance: float
    blocks: tuple[BlockAccuracy, ...]
    suggested: str
    why: str
    seconds: float
    groups: int | None = None
    several: bool = False


def load(project: Project, backbone_id: str, size: int, manifest_version: int) -> ProbeResult | None:
    """Return what the probe measured on these pictures, None if it never ran on them. Loads no TensorFlow."""
    return read_stored(_path(project, backbone_id, size, manifest_version), ProbeResult)


def run(
    folder: Path, progress: Progress, *, project: str, backbone: str, size: int, manifest: int | None = None
) -> ProbeResult:
    """Probe a network on the pictures of a project and save the result: the "probe" job.

    Args:
        folder: the job's folder.
        progress: hears of pictures, then of blocks.
        project: folder of the project.
        backbone: id of a row of the catalogue; its weights have to be here.
        size: side of the pictures in pixels.
        manifest: version of the list of pictures, None for the current one.

    Raises:
        InputError: the pictures cannot be trained on, or are too small for the network.
        MissingWeightsError: the weights are not on this machine.
        Stopped: a person stopped it.
    """
    result = probe(Project(Path(project)), backbone, size, manifest, progress)
    write_record(_path(Project(Path(project)), backbone, size, result.manifest), result)
    return result


def probe(
    project: Project, backbone_id: str, size: int, version: int | None = None, progress: Progress | None = None
) -> ProbeResult:
    """Return what a probe measures now, without saving it. Raises what ``run`` raises."""
    import pandas as pd

    from tl_core.networks import backbone, cut, examples

    began, progress = time.perf_counter(), progress or Progress()
    data = manifest.load(project, version)
    if problems := table.of(project).problems(data):
        raise InputError(" ".join(problems))
    spec = tables.get(backbone_id)
    samples = {name: sample(data.split(name), most) for name, most in MOST.items()}
    progress.emit("message", text=_("Loading {network}").format(network=spec.title))
    network = backbone.of_row(spec, size, weights="imagenet", workspace=project.workspace, progress=progress)
    blocks = cut.blocks(network)
    rows_of_both = pd.concat(samples.values())
    file = _converted(project.workspace, spec, size)
    recipe = Recipe(manifest=data.version, backbone=spec.id, image_size=size, seed=0)
    inputs = examples.of_rows(project, recipe, rows_of_both)
    rows = _pooled(inputs, network, blocks, file, progress)
    found = _JUDGED[data.kind](data, samples, blocks, rows, progress)
    return replace(
        found, backbone=spec.id, size=size, manifest=data.version, seconds=round(time.perf_counter() - began, 1)
    )


def _one_label(
    data: Manifest,
    samples: "Mapping[str, pd.DataFrame]",
    blocks: Sequence[Block],
    rows: list[NDArray[np.float32]],
    progress: Progress,
) -> ProbeResult:
    """Return how often a classifier on each block is right on validation pictures."""
    labels = {name: sample["label"].to_numpy(str) for name, sample in samples.items()}
    hits = _hits(rows, labels, progress)
    most_frequent = max(set(labels["train"]), key=list(labels["train"]).count)
    baseline = labels["validation"] == most_frequent
    units = dict(zip(data.table["id"], duplicates.units(data.table).tolist(), strict=True))
    groups = np.array([units[id_] for id_ in samples["validation"]["id"]], np.int64)
    best = suggestion([block.id for block in blocks], [spoken(block.label) for block in blocks], hits, baseline, groups)
    return ProbeResult(
        **_UNNAMED,
        train=len(samples["train"]),
        n=len(samples["validation"]),
        chance=float(baseline.mean()),
        blocks=tuple(_accuracy(block, hit, groups) for block, hit in zip(blocks, hits, strict=True)),
        suggested=best.line,
        why=best.why,
        groups=len(np.unique(groups)),
    )


def _several_labels(
    data: Manifest,
    samples: "Mapping[str, pd.DataFrame]",
    blocks: Sequence[Block],
    rows: list[NDArray[np.float32]],
    progress: Progress,
) -> ProbeResult:
    """Return how well classifiers on each block put pictures in order, label by label, by cross-validation."""
    import pandas as pd

    probed = tag_probe.Probed(pd.concat(samples.values(), ignore_index=True), data.classes)
    for number, values in enumerate(rows, 1):
        _stop_if_asked(progress)
        probed.add(values)
        progress.emit("progress", what="blocks", done=number, total=len(rows))
    best = probed.suggestion(blocks)
    figures = zip(blocks, probed.figures(), strict=True)
    return ProbeResult(
        **_UNNAMED,
        train=len(probed.truth),
        n=len(probed.truth),
        chance=probed.chance,
        blocks=tuple(
            BlockAccuracy(id=block.id, label=block.label, accuracy=figure, interval=interval)
            for block, (figure, interval) in figures
        ),
        suggested=best.line,
        why=best.why,
        groups=len(np.unique(probed.groups)),
        several=True,
    )


#: What ``probe`` fills in.
_UNNAMED: dict[str, Any] = {"backbone": "", "size": 0, "manifest": 0, "seconds": 0.0}
_JUDGED = {"pictures": _one_label, "texts": _one_label, "tags": _several_labels}


def sample(rows: "pd.DataFrame", most: int) -> "pd.DataFrame":
    """Return at most about that many pictures, every class with its share. Ids are as good as random numbers."""
    share = min(1.0, most / max(1, len(rows)))
    order = rows.sort_values("id")
    rank = order.groupby("label").cumcount()
    count = order.groupby("label")["id"].transform("size")
    chosen: pd.DataFrame = order[rank < np.ceil(share * count)]
    return chosen


def _pooled(
    pictures: Inputs, network: "keras.Model", blocks: Sequence[Block], file: Path, progress: Progress
) -> list[NDArray[np.float32]]:
    """Return for each block the average of what it makes of every picture, or text, ``(n, channels)``."""
    import keras

    from tl_core.features import converted
    from tl_core.networks.graph import Graph

    outputs = Graph(network).outputs
    averages = [_averaged(outputs[block.id], f"average_{block.id}") for block in blocks]
    joined = keras.layers.Concatenate(name="averages")(averages)
    features = converted.trunk(file, lambda: keras.Model(network.input, joined, name="probe"), progress).run
    batches: list[NDArray[np.float32]] = []
    for batch in pictures.batches():
        _stop_if_asked(progress)
        batches.append(features(batch))
        done = min(len(batches) * BATCH, len(pictures))
        progress.emit("progress", what="pictures", done=done, total=len(pictures))
    widths = [block.shape[-1] for block in blocks]
    return np.split(np.concatenate(batches), np.cumsum(widths)[:-1], axis=1)


def _averaged(features: "keras.KerasTensor", name: str) -> "keras.KerasTensor":
    """Return the average of a feature map ``(n, h, w, c)``, or of the hidden states of texts ``(n, length, c)``."""
    import keras

    from tl_core.networks import text_pooling

    if len(features.shape) == HIDDEN_RANK:
        return text_pooling.pooled(features, "average", name)
    return keras.layers.GlobalAveragePooling2D(name=name)(features)


def _converted(workspace: Workspace, spec: Backbone | TextNetwork, size: int) -> Path:
    """Return where the converted network lies that gives the averages of all blocks."""
    from tl_core.features import converted

    identity = weights.identity(spec, workspace, "imagenet", 0)
    key = Key(
        backbone=spec.id,
        weights=identity,
        line="every block",
        pooling=None,
        size=size,
        precision="float32",
        variant=None,
    )
    return converted.file(workspace.converted, key)


def _hits(
    rows: list[NDArray[np.float32]], labels: dict[str, NDArray[np.str_]], progress: Progress
) -> list[NDArray[np.bool_]]:
    """Return for each block which validation pictures a linear classifier on its rows names right.

    Args:
        rows: for each block, those of the training pictures, then those of the validation pictures.
        labels: of both splits.
        progress: hears of the blocks.
    """
    hits, count = [], len(labels["train"])
    for number, values in enumerate(rows, 1):
        _stop_if_asked(progress)
        hits.append(linear_probe.predict(values[:count], labels["train"], values[count:]) == labels["validation"])
        progress.emit("progress", what="blocks", done=number, total=len(rows))
    return hits


def _accuracy(block: Block, hits: NDArray[np.bool_], groups: NDArray[np.int64]) -> BlockAccuracy:
    interval = intervals.share(hits, groups).interval
    return BlockAccuracy(id=block.id, label=block.label, accuracy=float(hits.mean()), interval=interval)


def _stop_if_asked(progress: Progress) -> None:
    if progress.stopped():
        raise Stopped(_("The probe was stopped. Nothing was saved."))


def _path(project: Project, backbone_id: str, size: int, version: int) -> Path:
    return project.folder / "probes" / f"{tables.file_name(backbone_id)}-{size}-{version}.json"
