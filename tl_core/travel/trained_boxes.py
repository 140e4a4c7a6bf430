"""Boxes of a run from outside: what is there is taken from the list, what was found is checked and counted again."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tl_core.errors import InputError
from tl_core.evaluation import box_record, predictions
from tl_core.evaluation.box_record import BoxEvaluation, BoxResults
from tl_core.files import read_record, write_record
from tl_core.language import _
from tl_core.runs import RunFolder
from tl_core.travel import checks


def found(path: Path) -> None:
    """Check what was found in the pictures of a split against the classes and the list of pictures."""
    run, split = RunFolder(path.parent), path.stem.removeprefix("boxes-")
    checks.sealed(run, split)
    checks.size(path)
    stored = box_record.load(run, split)
    rows = predictions.pictures_of(run, split)
    if stored is None or stored.classes != run.classes or stored.ids != rows["id"].tolist():
        raise InputError(_("It does not fit its run."))
    every = [each.found for each in stored.seen]
    if not all(_are_boxes(each, len(stored.classes)) for each in every):
        raise InputError(_("It does not fit its run."))
    box_record.save(run, box_record.findings(run, split, run.classes, every))


def _are_boxes(rows: NDArray[np.float64], classes: int) -> bool:
    """Return whether rows are four edges, the position of a class, and a score."""
    if rows.ndim != 2 or rows.shape[1] != 6 or rows.dtype.kind != "f" or not np.isfinite(rows).all():
        return False
    edges, label, score = rows[:, :4], rows[:, 4], rows[:, 5]
    ordered = (edges[:, :2] <= edges[:, 2:]).all() and (np.abs(edges) <= 2).all()
    return bool(ordered and np.isin(label, range(classes)).all() and ((score >= 0) & (score <= 1)).all())


def results(path: Path) -> None:
    """Count again what the run is worth on its validation pictures; without them check what is handed on."""
    run = RunFolder(path.parent)
    stored = read_record(path, BoxResults)
    checks.shares(stored.chosen.confidence, stored.precision.map50, stored.precision.map50_95)
    validated = box_record.load(run, "validation")
    write_record(path, stored if not validated else box_record.results(validated))


def tested(path: Path) -> None:
    """Check how often the test pictures were opened; what that showed is counted again."""
    run, stored = RunFolder(path.parent), read_record(path, BoxEvaluation)
    checks.shares(stored.chosen.confidence, stored.precision.map50, stored.precision.map50_95)
    if stored.opened < 1:
        raise InputError(_("Its numbers do not fit together."))
    findings = box_record.load(run, "test")
    if findings is None:
        raise InputError(_("It does not fit its run."))
    counted = box_record.results(findings, box_record.results_of(run).chosen.confidence)
    opened = {name: getattr(stored, name) for name in ("run", "opened", "opened_in_project", "time")}
    write_record(path, BoxEvaluation(**vars(counted), **opened))
