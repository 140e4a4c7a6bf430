"""The labels that a run gives, from outside: what is true is taken from the list, what is counted is counted again."""

from dataclasses import replace
from pathlib import Path

from tl_core.errors import InputError
from tl_core.evaluation import predictions, tag_crossval, tags
from tl_core.evaluation.tags import Results, TagEvaluation, Thresholds
from tl_core.files import read_record, write_record
from tl_core.language import _
from tl_core.runs import RunFolder
from tl_core.travel import checks


def thresholds(path: Path) -> None:
    """Check from which probability on each label is given."""
    stored = read_record(path, Thresholds)
    checks.shares(*stored.of.values())
    if set(stored.of) != set(RunFolder(path.parent).classes) or stored.chosen_on < 0:
        raise InputError(_("It does not fit its run."))
    write_record(path, stored)


def answers(path: Path) -> None:
    """Check the predictions of a split against the labels and the list of pictures."""
    run, split = RunFolder(path.parent), path.stem.removeprefix("tags-")
    checks.sealed(run, split)
    checks.size(path)
    stored = tags.load(run, split)
    known = set(predictions.pictures_of(run, split)["id"])
    if stored is None or stored.tags != run.classes or not _are_of(stored.ids, known):
        raise InputError(_("It does not fit its run."))
    n, numbers = len(stored.ids), stored.features
    fits = checks.finite(stored.logits, (n, len(stored.tags))) and numbers.ndim == 2
    if not (fits and checks.finite(numbers, (n, numbers.shape[1]))):
        raise InputError(_("It does not fit its run."))
    truth, groups = tags.truth_of(run, stored.ids, stored.tags), predictions.groups_of(run, stored.ids)
    tags.save(run, replace(stored, truth=truth, groups=groups))


def _are_of(ids: list[str], known: set[str]) -> bool:
    return len(set(ids)) == len(ids) and set(ids) <= known


def results(path: Path) -> None:
    """Count again what the run is worth on its validation pictures."""
    run = RunFolder(path.parent)
    stored, predicted = read_record(path, Results), tags.load(run, "validation")
    write_record(path, tags.results(run, predicted, tags.thresholds_of(run)) if predicted else stored)


def tested(path: Path) -> None:
    """Check how often the test pictures were opened; what that showed is counted again."""
    run, stored = RunFolder(path.parent), read_record(path, TagEvaluation)
    predicted = tags.load(run, "test")
    if stored.opened < 1 or predicted is None:
        raise InputError(_("Its numbers do not fit together."))
    opened = {name: getattr(stored, name) for name in ("run", "opened", "opened_in_project", "time")}
    write_record(path, TagEvaluation(**vars(tags.results(run, predicted, tags.thresholds_of(run))), **opened))


def crossvalidated(path: Path) -> None:
    """Check a cross-validation against the labels and the list of pictures."""
    run = RunFolder(path.parent)
    checks.size(path)
    stored = tag_crossval.load(run)
    if stored is None or stored.tags != run.classes or stored.folds < 2 or not stored.precisions:
        raise InputError(_("It does not fit its run."))
    known = {each for split in ("train", "validation", "test") for each in predictions.pictures_of(run, split)["id"]}
    n = len(stored.ids)
    fits = checks.finite(stored.probabilities, (n, len(stored.tags))) and checks.finite(stored.right, (n,))
    checks.shares(*stored.precisions, *stored.right.tolist())
    if not (fits and _are_of(stored.ids, known) and ((stored.probabilities >= 0) & (stored.probabilities <= 1)).all()):
        raise InputError(_("It does not fit its run."))
    truth, groups = tags.truth_of(run, stored.ids, stored.tags), predictions.groups_of(run, stored.ids)
    tag_crossval.save(run, replace(stored, truth=truth, groups=groups))
