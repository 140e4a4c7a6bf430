"""The pictures that a model gets wrong or refuses, as a zip: by their class and what they are taken for, with a CSV."""

import contextlib
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

from tl_core.about import Things
from tl_core.dataset import folders, kinds, manifest
from tl_core.dataset.folders import Filed
from tl_core.dataset.splits import TEST, TRAIN, VALIDATION
from tl_core.errors import InputError, NotFoundError
from tl_core.evaluation import tags
from tl_core.evaluation.predictions import Predictions
from tl_core.files import replacing
from tl_core.language import N_, _
from tl_core.progress import Progress
from tl_core.runs import RunFolder
from tl_core.travel import tables, tag_tables

WRONG, REFUSED = "wrong", "refused"
MISSED, GIVEN = "missed", "wrongly given"
_NONE = {
    TRAIN: N_("No train picture is wrong or refused."),
    VALIDATION: N_("No validation picture is wrong or refused."),
    TEST: N_("No test picture is wrong or refused."),
}

_NO_TAG = {
    TRAIN: N_("No label of a train picture is wrong."),
    VALIDATION: N_("No label of a validation picture is wrong."),
    TEST: N_("No label of a test picture is wrong."),
}


class NothingJudgedError(InputError):
    """No picture is wrong or refused, so there is nothing to write."""


def write(run: RunFolder, split: str, target: Path, progress: Progress) -> int:
    """Write the zip and return how many pictures are in it.

    A picture that is wrong lies in ``wrong/<class>/<predicted class>``; one that is refused in
    ``refused/<class>/<class that it would be called>``, whether that is right or wrong. Of several labels a picture
    lies in ``missed/<label>`` and in ``wrongly given/<label>``, for each that is wrong.

    Raises:
        NothingJudgedError: no picture is wrong or refused.
        InputError: none of them is on this machine, or nothing was predicted yet.
        StorageError: the disk is full. In every case a file that is there is as it was.
        Stopped: a person pressed Stop.
    """
    pictures, listed = _JUDGED[kinds.of(run.project)](run, split)
    with replacing(target) as part, folders.new_zip(part) as bundle:
        folders.write(bundle, pictures, progress)
        bundle.writestr("predictions.csv", listed, zipfile.ZIP_DEFLATED)
    return len({each.id for each in pictures})


def _of_one(run: RunFolder, split: str) -> tuple[list[Filed], bytes]:
    answers = tables.stored(run, split)
    pictures = _pictures(run, answers)
    return pictures, tables.predicted(run, answers, {each.id: each.name for each in pictures})


def _of_several(run: RunFolder, split: str) -> tuple[list[Filed], bytes]:
    """Return the pictures with a wrong tag, for each of these tags in its folder, and their predictions."""
    said = tables.stored_tags(run, split)
    mistakes = tags.mistakes(said, tags.thresholds_of(run))
    if not mistakes:
        raise NothingJudgedError(_(_NO_TAG[split]))
    rows = {row.id: row for row in manifest.rows_of(manifest.of_run(run).table)}
    folder, pictures = folders.class_folders(said.tags), list[Filed]()
    for each in mistakes:
        with contextlib.suppress(NotFoundError):
            path = manifest.image_path(run.project, each.id)
            place = f"{MISSED if each.has else GIVEN}/{folder[each.tag]}"
            name = f"{place}/{folders.stem(rows[each.id])}{path.suffix}"
            pictures.append(Filed(id=each.id, label=rows[each.id].label, split=split, name=name, path=path))
    files: dict[str, list[str]] = {}
    for picture in _present(pictures):
        files.setdefault(picture.id, []).append(picture.name)
    listed = tag_tables.predicted(run, said, {id_: "; ".join(names) for id_, names in files.items()})
    return _present(pictures), tables.text(listed)


_JUDGED: Mapping[Things, Callable[[RunFolder, str], tuple[list[Filed], bytes]]] = {
    "pictures": _of_one,
    "tags": _of_several,
}


def _pictures(run: RunFolder, answers: Predictions) -> list[Filed]:
    table = manifest.load(run.project, run.recipe.manifest).table
    folder = folders.class_folders(answers.classes)
    refused = tables.refusals(run, answers)
    chosen = {
        id_: row
        for row, id_ in enumerate(answers.ids)
        if id_ in refused or answers.truth[row] != answers.predicted[row]
    }
    if not chosen:
        raise NothingJudgedError(_(_NONE[answers.split]))
    pictures = []
    for each in manifest.rows_of(table[table["id"].isin(chosen)]):
        try:
            path = manifest.image_path(run.project, each.id)
        except NotFoundError:
            continue
        truth, called = (answers.classes[at[chosen[each.id]]] for at in (answers.truth, answers.predicted))
        place = f"{REFUSED if each.id in refused else WRONG}/{folder[truth]}/{folder[called]}"
        name = f"{place}/{folders.stem(each)}{path.suffix}"
        pictures.append(Filed(id=each.id, label=truth, split=answers.split, name=name, path=path))
    return _present(pictures)


def _present(pictures: list[Filed]) -> list[Filed]:
    if not pictures:
        raise InputError(_("These pictures are missing on this machine. Import the same pictures again."))
    return sorted(pictures, key=lambda each: each.name)
