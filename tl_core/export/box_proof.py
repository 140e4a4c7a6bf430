"""Prove a file that gives boxes: those that it gives, after non-maximum suppression, are those of the app."""

import statistics
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tl_core import wording
from tl_core.dataset import manifest
from tl_core.errors import DamagedError, NotFoundError
from tl_core.evaluation import box_record
from tl_core.export import page_proof, pictures, proof
from tl_core.export.chromium import BrowserError
from tl_core.export.formats import Format
from tl_core.export.proof import NotProvedError, Proof
from tl_core.language import _
from tl_core.metrics import average_precision, intervals, overlap
from tl_core.metrics.average_precision import Seen
from tl_core.progress import Progress
from tl_core.runs import RunFolder
from tl_core.storage import size

#: Boxes of a class belong together that overlap by at least this share of what both cover.
SAME = 0.99
#: A confidence may differ by so much: a box that is nearer to the chosen one may be shown by one and not by the other.
NEAR = 0.005


def prove(run: RunFolder, chosen: Format, file: Path, folder: Path, progress: Progress) -> Proof:
    """Run a file over pictures of its run and compare its boxes; arguments and errors as ``proof.prove``."""
    if chosen.runtime is None:
        raise NotProvedError(chosen.not_proved)
    stored = [box_record.load(run, split) for split in ("validation", "train")]
    findings = next((each for each in stored if each), None)
    if findings is None:
        raise NotProvedError(_("The run has no pictures to compare with."))
    rows, least = pictures.spread(len(findings), proof.MOST), box_record.results_of(run).chosen.confidence
    ids = [findings.ids[row] for row in rows]
    ready: float | None = None
    if chosen.runtime in page_proof.RUNTIMES:
        page = page_proof.page_of(chosen.runtime, file, run, folder, takes="boxes")
        found, milliseconds, ready = _in_browser(run, page, ids, progress)
    else:
        found, milliseconds = _in_python(run, chosen.runtime, file, ids, folder, progress)
    pairs = [_together(findings.seen[row].found, own, least) for row, own in zip(rows, found, strict=True)]
    same = np.array([each is not None for each in pairs])
    alike = np.array([pair for each in pairs if each for pair in each]).reshape(-1, 2)
    changed = np.flatnonzero(~same).tolist()
    app = [findings.seen[row] for row in rows]
    own = [Seen(each.truth, boxes) for each, boxes in zip(app, found, strict=True)]
    return Proof(
        agree=int(same.sum()),
        n=len(same),
        interval=intervals.share(same, findings.groups[rows]).interval,
        max_difference=float(alike[:, 1].max(initial=0.0)),
        milliseconds=statistics.median(milliseconds.tolist()),
        bytes=size(file),
        changed=tuple(ids[row] for row in changed),
        changed_to=tuple(_said(found[row], least, findings.classes) for row in changed),
        least_overlap=float(alike[:, 0].min(initial=1.0)),
        ready=ready,
        split=findings.split,
        precisions=_precisions(own, app, len(findings.classes)) if changed else None,
    )


def _precisions(own: Sequence[Seen], app: Sequence[Seen], classes: int) -> tuple[float, float] | None:
    """Return mAP@50 of a file and of the app; None where no box is in the pictures."""
    first, second = (average_precision.measure(each, classes).map50 for each in (own, app))
    return None if first is None or second is None else (first, second)


def _in_python(
    run: RunFolder, runtime: str, file: Path, ids: Sequence[str], folder: Path, progress: Progress
) -> tuple[list[NDArray[np.float64]], NDArray[np.floating]]:
    """Return what a file finds in pictures, ``(n, 6)`` each, and the milliseconds of each."""
    try:
        asked = pictures.pixels(run, ids)
    except (NotFoundError, DamagedError) as exc:
        raise NotProvedError(str(exc)) from exc
    given, milliseconds = proof.answers(runtime, file, asked, folder, progress)
    if given[0].shape[2:] != (4 + len(run.classes),) or not np.isfinite(given[0]).all():
        raise NotProvedError(_("The file runs, and does not answer with boxes."))
    return [overlap.found(each) for each in given[0]], milliseconds


def _in_browser(
    run: RunFolder, page: Path, ids: Sequence[str], progress: Progress
) -> tuple[list[NDArray[np.float64]], NDArray[np.floating], float]:
    """Return the same of a page, which prepares pictures itself and suppresses boxes, and after how long it is ready.

    The time of a picture is that of its boxes, too.
    """
    try:
        contents = [manifest.image_path(run.project, id_).read_bytes() for id_ in ids]
        rows, ready = page_proof.asked(page, contents, progress)
    except (OSError, BrowserError) as exc:
        raise NotProvedError(str(exc)) from exc
    found = [np.array(row["found"], np.float64).reshape(-1, 6) for row in rows]
    return found, np.array([row["milliseconds"] for row in rows]), ready


def _together(app: NDArray[np.float64], file: NDArray[np.float64], least: float) -> list[tuple[float, float]] | None:
    """Return overlap and difference in confidence of each box of both with its own; None where one has none.

    Args:
        app, file: ``(n, 6)`` what each has found: four edges, class, score.
        least: confidence from which on boxes are shown.
    """
    pairs = []
    for one, other in ((app, file), (file, app)):
        shown = one[one[:, 5] >= least + NEAR]
        near = overlap.iou(shown[:, :4], other[:, :4])
        near[shown[:, 4][:, None] != other[:, 4][None]] = 0
        near[np.abs(shown[:, 5][:, None] - other[:, 5][None]) > NEAR] = 0
        for row, shares in zip(shown, near, strict=True):
            if not shares.size or shares.max() < SAME:
                return None
            pairs.append((float(shares.max()), float(abs(row[5] - other[shares.argmax(), 5]))))
    return pairs


def _said(found: NDArray[np.float64], least: float, classes: list[str]) -> str:
    counts = Counter(classes[int(row[4])] for row in found if row[5] >= least)
    return wording.listed([f"{wording.number(count)} {label}" for label, count in counts.most_common()])
