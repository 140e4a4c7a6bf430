"""The files of a run from outside: each is read, checked against its run and its list of pictures, and written again.

A model is never loaded here. It is looked at, and whoever loads it later does so in Keras' safe mode.
"""

import json
import math
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tl_core import events as stored_events
from tl_core.about import Things
from tl_core.accuracy import Accuracy
from tl_core.dataset import manifest, tags
from tl_core.dataset.names import class_name
from tl_core.dataset.splits import SPLITS
from tl_core.errors import InputError
from tl_core.evaluation import crossval, predictions, unknowns
from tl_core.evaluation.scores import Evaluation
from tl_core.files import read_record, write_bytes, write_json, write_record
from tl_core.ingest.members import DAMAGED
from tl_core.jobs import JobStatus, Task
from tl_core.language import _
from tl_core.networks import tables
from tl_core.runs import RunFolder, RunReport
from tl_core.travel import checks, trained_boxes, trained_tags

RUN_ID = re.compile(r"[0-9a-z][0-9a-z-]{0,59}")
#: What a ``.keras`` file may hold, and the bytes of its description.
_MODEL = {"config.json", "metadata.json", "model.weights.h5"}
_MOST_CONFIG = 256 * 2**20
#: Layers that run code that the file brings.
_CODE = ("Lambda", "__lambda__", "TorchModuleWrapper", "JaxLayer", "FlaxLayer", "TFSMLayer")
#: States of a run that has a model.
ENDED = ("done", "cancelled")
#: Events that pages draw a finished run from.
_EVENTS = ("phase", "epoch")


def recipe(path: Path) -> None:
    """Check ``recipe.json``: it can be used, its network is known, and its list of pictures is there."""
    run = RunFolder(path.parent)
    used = run.recipe
    tables.title(used.backbone)  # a folder that it names is not looked into
    if used.manifest not in manifest.versions(run.project):
        raise InputError(_("It names a list of pictures that is not there."))
    if used.everything and used.everything.run and not RUN_ID.fullmatch(used.everything.run):
        raise InputError(_("It repeats a run that cannot be one."))
    write_record(path, used)


def classes(path: Path) -> None:
    """Check ``classes.json``."""
    names, run = read_record(path, dict[str, list[str]]).get("classes", []), RunFolder(path.parent)
    listed = manifest.load(run.project, run.recipe.manifest)
    least = 1 if listed.kind in tags.SEVERAL else 2
    if len(names) < least or len(set(names)) < len(names) or any(class_name(each) != each for each in names):
        raise InputError(_("It is no list of classes."))
    used = replace(listed, table=listed.table[listed.table["split"].isin(SPLITS)])
    if not set(used.classes) <= set(names):
        raise InputError(_("It does not fit the list of pictures."))
    write_json(path, {"classes": names})


def job(path: Path) -> None:
    """Check ``job.json``."""
    task = read_record(path, Task)
    if task.kind != "train":
        raise InputError(_("It is no training."))
    write_record(path, Task(kind="train", args={}, created=task.created if math.isfinite(task.created) else 0.0))


def status(path: Path) -> None:
    """Check ``status.json``."""
    state = read_record(path, JobStatus).state
    if state not in ENDED:
        raise InputError(_("It has not ended."))
    write_record(path, JobStatus(state=state))


def history(path: Path) -> None:
    """Check ``history.csv``."""
    RunFolder(path.parent).history()


def events(path: Path) -> None:
    """Check ``events.jsonl``, of which only what the training did is kept."""
    lines = (json.dumps(asdict(each)) for each in stored_events.read(path.parent) if each.event in _EVENTS)
    write_bytes(path, "".join(f"{line}\n" for line in lines).encode())


def report(path: Path) -> None:
    """Check ``report.json``: its numbers can be, and its best epoch is one of its epochs."""
    stored = read_record(path, RunReport)
    epochs = {(row.phase, row.epoch) for row in stored.history}
    if not _is_share(stored.validation) or (stored.best.phase, stored.best.epoch) not in epochs:
        raise InputError(_("Its numbers do not fit together."))
    write_record(path, stored)


def tested(path: Path) -> None:
    """Check ``test.json``: how often the test pictures were opened, and what that showed."""
    _TESTED.get(RunFolder(path.parent).project.about().kind, _classes_tested)(path)


def _classes_tested(path: Path) -> None:
    stored = read_record(path, Evaluation)
    if stored.opened < 1 or not _is_share(stored):
        raise InputError(_("Its numbers do not fit together."))
    write_record(path, stored)


_TESTED: Mapping[Things, Callable[[Path], None]] = {"tags": trained_tags.tested, "boxes": trained_boxes.tested}


def _is_share(value: Accuracy) -> bool:
    shares = (value.accuracy or 0, *value.interval, value.baseline or 0)
    return value.n >= 0 and all(0 <= each <= 1 for each in shares)


def model(path: Path) -> None:
    """Look at a ``.keras`` file: its parts, and that its layers are those of Keras and bring no code of their own."""
    try:
        with zipfile.ZipFile(path) as parts:
            infos = {each.filename: each for each in parts.infolist()}
            if set(infos) != _MODEL or len(infos) != len(parts.infolist()):
                raise InputError(_("It is no model of Keras."))
            if infos["config.json"].file_size > _MOST_CONFIG:
                raise InputError(_("Its description is too large."))
            if sum(each.file_size for each in infos.values()) > 100 * path.stat().st_size:
                raise InputError(_("It unpacks to far more than a model should."))
            config = json.loads(parts.read("config.json"))
        for module, name in _objects(config):
            known = module is None or module.split(".")[0] == "keras" or (module, name) == ("builtins", "function")
            if not known or name in _CODE:
                raise InputError(_("It would run code of its own ({code}).").format(code=f"{module}.{name}"[:60]))
    except (*DAMAGED, RecursionError, KeyError) as exc:
        raise InputError(_("It is damaged, or no model of Keras.")) from exc


def _objects(value: object) -> Iterator[tuple[str | None, str]]:
    """Yield the module and the class of every object in the description of a model."""
    if isinstance(value, dict):
        if "class_name" in value:
            module = value.get("module")
            yield None if module is None else str(module), str(value["class_name"])
        value = list(value.values())
    if isinstance(value, list):
        for each in value:
            yield from _objects(each)


def answers(path: Path) -> None:
    """Check the predictions of a split against the model, the classes and the list of pictures."""
    run, split = RunFolder(path.parent), path.stem.removeprefix("answers-")
    checks.sealed(run, split)
    checks.size(path)
    stored = predictions.load(run, split)
    if stored is None or not _fits(run, stored.classes, stored.ids, stored.truth, stored.groups, split):
        raise InputError(_("It does not fit its run."))
    n, k = len(stored.ids), len(stored.classes)
    numbers = (
        checks.finite(stored.logits, (n, k))
        and stored.features.ndim == 2
        and checks.finite(stored.features, (n, stored.features.shape[1]))
    )
    if not (numbers and math.isfinite(stored.temperature) and stored.temperature > 0):
        raise InputError(_("It does not fit its run."))
    predictions.save(run, stored)


def crossvalidated(path: Path) -> None:
    """Check a cross-validation against the classes and the list of pictures."""
    run = RunFolder(path.parent)
    checks.size(path)
    stored = crossval.load(run)
    if stored is None or not _fits(run, stored.classes, stored.ids, stored.labels, stored.groups, None):
        raise InputError(_("It does not fit its run."))
    shares = all(0 <= each <= 1 for each in stored.accuracies) and len(stored.accuracies) > 0
    if not (
        checks.finite(stored.probabilities, (len(stored.ids), len(stored.classes))) and shares and stored.folds > 1
    ):
        raise InputError(_("It does not fit its run."))
    crossval.save(run, stored)


def limit(path: Path) -> None:
    """Check the scores by which a run that has no validation images refuses."""
    run = RunFolder(path.parent)
    checks.size(path)
    scores = unknowns.handed_on(run)
    if not (checks.finite(scores, (len(scores),)) and len(scores) and (np.abs(scores) <= 1).all()):
        raise InputError(_("It is no limit of refusal."))
    unknowns.save_limit(run, scores)


def _fits(
    run: RunFolder,
    names: list[str],
    ids: list[str],
    truth: NDArray[np.int64],
    groups: NDArray[np.int64] | None,
    split: str | None,
) -> bool:
    """Return whether arrays belong to the classes and pictures of a run; None for pictures of any split."""
    table = manifest.load(run.project, run.recipe.manifest).table
    known = set(table["id"] if split is None else predictions.pictures_of(run, split)["id"])
    whole = truth.shape == (len(ids),) and truth.dtype.kind == "i" and len(set(ids)) == len(ids)
    grouped = groups is None or (groups.shape == truth.shape and groups.dtype.kind == "i")
    within = whole and bool(((truth >= 0) & (truth < len(names))).all())
    return names == run.classes and grouped and within and set(ids) <= known
