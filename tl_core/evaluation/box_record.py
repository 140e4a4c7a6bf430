"""What stands on the disk of the boxes of a run, and what is found in a picture."""

from dataclasses import dataclass

from tl_core.dataset.boxes import Box
from tl_core.files import read_record
from tl_core.metrics.average_precision import AveragePrecision, Chosen
from tl_core.metrics.box_mistakes import Mistakes
from tl_core.runs import RunFolder

#: The results of a run on boxes, and what it found in the validation pictures.
RESULTS, FOUND = "boxes.json", "boxes-validation.npz"


@dataclass(frozen=True, kw_only=True)
class BoxResults:
    """What the boxes of a run are worth on validation pictures.

    Attributes:
        precision: average precision.
        chosen: the confidence from which on boxes are shown.
        mistakes: at that confidence.
    """

    precision: AveragePrecision
    chosen: Chosen
    mistakes: Mistakes


@dataclass(frozen=True)
class FoundBox:
    """A box that a model has found: the ``box``, and how sure it is of it, 0 to 1."""

    box: Box
    score: float


@dataclass(frozen=True, kw_only=True)
class BoxPrediction:
    """What was found in a picture: its size in pixels and the boxes, the surest first; or why it cannot be read."""

    width: int = 0
    height: int = 0
    found: tuple[FoundBox, ...] = ()
    error: str | None = None


def results_of(run: RunFolder) -> BoxResults:
    """Return the results of a run. Raises NotFoundError or DamagedError."""
    return read_record(run.folder / RESULTS, BoxResults)
