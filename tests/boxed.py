"""A run on boxes as training leaves it, with findings that a test chooses."""

from dataclasses import replace
from pathlib import Path

import numpy as np

from tests.core.boxes.test_importer import folder_of
from tl_core import runs
from tl_core.accuracy import Accuracy
from tl_core.boxes import importer
from tl_core.dataset import manifest
from tl_core.evaluation import box_record, everything, predictions
from tl_core.files import write_json, write_record
from tl_core.ingest.sources import Source
from tl_core.jobs import JobStatus
from tl_core.networks import catalogue
from tl_core.runs import Best, Counts, EpochRow, Parameters, RunFolder, RunReport
from tl_core.tasks import table
from tl_core.workspace import Project, Workspace


def squares(folder: Path) -> Project:
    """Return a project of 24 pictures with a red or blue square in each but the last."""
    project = Workspace.open(folder / "work").create_project("Squares")
    importer.import_boxes(project, Source("folder", str(folder_of(folder / "squares", 24))))
    return project


def finished(project: Project) -> RunFolder:
    """Return a run that finds the box of every second validation picture, with 0.9, and one around nothing in each.

    The box around nothing has 0.3.
    """
    data = manifest.load(project)
    draft = table.of(project).draft(catalogue.DEFAULT, data)
    run = runs.create(project, draft.recipe(data.version, len(data.classes), catalogue.get(catalogue.DEFAULT)))
    run.model_path.write_bytes(b"a model")
    write_json(run.folder / "classes.json", {"classes": data.classes})
    counts = Counts(*(len(data.split(split)) for split in ("train", "validation", "test")))
    numbers = {"accuracy": None, "val_accuracy": None, "seconds": 1.0}
    rows = [
        EpochRow(phase="head", epoch=1, loss=2.0, val_loss=1.5, val_map50=0.25, **numbers),
        EpochRow(phase="head", epoch=2, loss=1.5, val_loss=1.4, **numbers),
        EpochRow(phase="head", epoch=3, loss=1.0, val_loss=1.3, val_map50=0.75, **numbers),
    ]
    for row in rows:
        run.history().add(row)
    report = RunReport(
        counts=counts,
        history=tuple(rows),
        validation=Accuracy(accuracy=None, n=counts.validation, interval=(0.0, 1.0)),
        temperature=1.0,
        seconds={"features": 1.0, "train": 1.0, "total": 2.0},
        best=Best("head", 3),
        stopped=False,
        parameters=Parameters(3_587_078, 174_054),
    )
    truth = box_record.truth_of(data.split("validation"), data.classes)
    findings = box_record.findings(run, "validation", data.classes, [_found(at, each) for at, each in enumerate(truth)])
    box_record.save(run, findings)
    write_record(run.folder / box_record.RESULTS, box_record.results(findings))
    write_record(run.folder / "report.json", report)
    return run


def ended(run: RunFolder) -> RunFolder:
    """Return a run whose job has come to its end."""
    write_record(run.folder / "status.json", JobStatus(state="done"))
    return run


def on_everything(run: RunFolder) -> RunFolder:
    """Return a run that has learned once more what a run has, from its validation pictures, too."""
    made, report = everything.create(ended(run)), run.report()
    assert report is not None
    made.model_path.write_bytes(b"another model")
    write_json(made.folder / "classes.json", {"classes": run.classes})
    unseen = {"val_loss": None, "val_map50": None}
    for row in report.history:
        made.history().add(replace(row, **unseen))
    for split in ("train", "validation"):
        rows = predictions.pictures_of(made, split)
        nothing = [np.zeros((0, 6))] * len(rows)
        box_record.save(made, box_record.findings(made, split, run.classes, nothing))
    counts = Counts(report.counts.train + report.counts.validation, 0, report.counts.test)
    nobody = Accuracy(accuracy=None, n=0, interval=(0.0, 1.0))
    changed = {"counts": counts, "history": tuple(made.history().rows), "validation": nobody}
    write_record(made.folder / "report.json", replace(report, **changed))
    return ended(made)


def _found(at: int, truth: np.ndarray) -> np.ndarray:
    right = np.column_stack([truth, np.full(len(truth), 0.9)])[at % 2 :]
    return np.concatenate([right, [[0.9, 0.9, 1.0, 1.0, 0, 0.3]]])
