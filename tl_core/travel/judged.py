"""The pictures that a model gets wrong or refuses, as a zip: by their class and what they are taken for, with a CSV."""

import zipfile
from pathlib import Path

from tl_core.dataset import folders, manifest
from tl_core.dataset.folders import Filed
from tl_core.dataset.splits import TEST, TRAIN, VALIDATION
from tl_core.errors import InputError, NotFoundError
from tl_core.evaluation.predictions import Predictions
from tl_core.files import replacing
from tl_core.language import N_, _
from tl_core.progress import Progress
from tl_core.runs import RunFolder
from tl_core.travel import tables

WRONG, REFUSED = "wrong", "refused"
_NONE = {
    TRAIN: N_("No train picture is wrong or refused."),
    VALIDATION: N_("No validation picture is wrong or refused."),
    TEST: N_("No test picture is wrong or refused."),
}


class NothingJudgedError(InputError):
    """No picture is wrong or refused, so there is nothing to write."""


def write(run: RunFolder, split: str, target: Path, progress: Progress) -> int:
    """Write the zip and return how many pictures are in it.

    A picture that is wrong lies in ``wrong/<class>/<predicted class>``; one that is refused in
    ``refused/<class>/<class that it would be called>``, whether that is right or wrong.

    Raises:
        NothingJudgedError: no picture is wrong or refused.
        InputError: none of them is on this machine, or nothing was predicted yet.
        StorageError: the disk is full. In every case a file that is there is as it was.
        Stopped: a person pressed Stop.
    """
    answers = tables.stored(run, split)
    pictures = _pictures(run, answers)
    with replacing(target) as part, folders.new_zip(part) as bundle:
        folders.write(bundle, pictures, progress)
        listed = tables.predicted(run, answers, {each.id: each.name for each in pictures})
        bundle.writestr("predictions.csv", listed, zipfile.ZIP_DEFLATED)
    return len(pictures)


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
    if not pictures:
        raise InputError(_("These pictures are missing on this machine. Import the same pictures again."))
    return sorted(pictures, key=lambda each: each.name)
