"""Pictures with boxes around things."""

from dataclasses import replace
from pathlib import Path
from typing import Any

from tl_core import paths
from tl_core.boxes import recognition
from tl_core.dataset import box_notes
from tl_core.dataset.manifest import Manifest
from tl_core.draft import Draft
from tl_core.ingest import archive
from tl_core.ingest.sources import Source
from tl_core.language import N_
from tl_core.networks.tables import Pretrained
from tl_core.recipe import Options
from tl_core.tasks import pictures

#: Pictures are seen at this size: things in them are smaller than the pictures are.
SIZE = 320
#: How a head learns boxes; every picture is seen in copies that are mirrored, turned a little, moved and zoomed.
LEARNED: dict[str, Any] = {
    "image_size": SIZE,
    "augmentation": "full",
    "augmentation_variants": 4,
    "cache_precision": "float16",
    "solver": "adam",
    "epochs": 24,
    "learning_rate": 2e-3,
    "weight_decay": 1e-3,
    "batch_size": 8,
    "patience": 1000,  # the rate falls to 0 along a cosine: all epochs are wanted
}
#: How blocks are fine-tuned after that (tests/bench/README.md).
FINE_TUNED: dict[str, Any] = {"schedule": "cosine", "fine_tune_learning_rate": 1e-3, "fine_tune_epochs": 10}
#: The coarsest feature map has a value for so many pixels.
COARSEST = 32


def _draft(network: str | None, pictures: Manifest) -> Draft:
    return Draft(backbone=network, **LEARNED, **FINE_TUNED)


def _fine_tuned(options: Options) -> dict[str, Any]:
    return FINE_TUNED


def _reads(path: Path) -> bool:
    """Return whether pictures at a path have boxes and nothing else; where they have labels, too, a person says it."""
    known = path.is_dir() or archive.is_archive(path.name)
    return known and recognition.is_of_boxes(Source("folder", str(paths.existing(str(path)))))


def _sizes(network: Pretrained) -> range:
    return range(4 * COARSEST, pictures.MOST + 1, COARSEST)


FORMATS = ("keras", "saved-model", "litert", "litert-f16", "litert-w8", "onnx", "onnx-int8", "tfjs", "web", "card")
#: On 30 validation pictures of raccoons mAP@50 was .871 instead of .912, with 100 boxes a picture instead of 1 or 2.
REFUSED = {
    "litert-int8": N_(
        "LiteRT with 8 bits throughout is not made for boxes: their scores and edges would have 8 bits, too, and each "
        "picture would be full of boxes around nothing. LiteRT with 8-bit weights is as small."
    )
}

#: Their blocks have no padding, so that no map has just so many values (``networks.pyramid``).
_NO_MAPS = N_("Not for boxes: {networks}. None of their blocks has one value for 8, 16 or 32 pixels.")
UNFIT = {"Inception": _NO_MAPS, "NASNet": _NO_MAPS}

TASK = replace(
    pictures.TASK,
    id="boxes",
    title=N_("Pictures with boxes"),
    reads=_reads,
    draft=_draft,
    problems=box_notes.problems,
    notes=box_notes.notes_of,
    sizes=_sizes,
    fine_tuned=_fine_tuned,
    boxes=True,
    probes=False,
    feature_maps=False,
    results=("numbers", "errors", "compare"),
    experiments=(),
    unfit=UNFIT,
    formats=FORMATS,
    refused=REFUSED,
)
