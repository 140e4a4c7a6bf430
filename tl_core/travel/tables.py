"""A data set and predictions as CSV, which spreadsheets and programs read: UTF-8 with its mark, one picture a line.

No text in it can be taken for a formula.
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence

import pandas as pd

from tl_core.about import Things
from tl_core.dataset import folders, kinds, manifest, tags
from tl_core.dataset.names import safe_cell
from tl_core.dataset.splits import SPLIT_PICTURES
from tl_core.errors import InputError
from tl_core.evaluation import predictions, unknowns
from tl_core.evaluation import tags as answers
from tl_core.evaluation.predictions import Prediction, Predictions
from tl_core.evaluation.tags import TagPrediction, TagPredictions
from tl_core.language import _
from tl_core.runs import RunFolder
from tl_core.travel import tag_tables
from tl_core.workspace import Project

#: Kinds of which an example can be read in the table itself.
_READ: frozenset[Things] = frozenset({"texts"})
#: What a data set says of each text, and of each picture.
_TEXTS = ("text", "label", "split", "group", "source", "flags")
_DATASET = ("file", "label", "split", "source", "width", "height", "flags", "taken", "group", "id")


def text(rows: Iterable[Sequence[object]]) -> bytes:
    """Return rows as the content of a CSV file."""
    buffer = io.StringIO()
    table = csv.writer(buffer, lineterminator="\r\n")
    table.writerows([safe_cell(each) if isinstance(each, str) else each for each in row] for row in rows)
    return buffer.getvalue().encode("utf-8-sig", "replace")


def dataset(project: Project, table: pd.DataFrame) -> bytes:
    """Return the list of pictures. ``file`` is the name in the folders of the data set; empty for what is in none.

    Of pictures with several labels each label has a column (``tag_tables.dataset``).
    """
    return text(_LISTS[kinds.of(project)](project, table))


def _of_classes(project: Project, table: pd.DataFrame) -> list[list[object]]:
    names = {each.id: each.name for each in folders.arrange(project, table).pictures}
    lines = [
        [names.get(row.id, ""), *(getattr(row, column) for column in _DATASET[1:])] for row in manifest.rows_of(table)
    ]
    return [list(_DATASET), *sorted(lines, key=lambda line: (line[0] == "", *map(str, line)))]


_LISTS: Mapping[Things, Callable[[Project, pd.DataFrame], list[list[object]]]] = {
    "pictures": _of_classes,
    "tags": tag_tables.dataset,
}


def texts(table: pd.DataFrame) -> bytes:
    """Return the list of texts, each whole, in the order of the list; what is said of it reads as texts again.

    >>> texts(manifest.empty_table()).decode("utf-8-sig")
    'text,label,split,group,source,flags\\r\\n'
    """
    return text([_TEXTS, *table[list(_TEXTS)].itertuples(index=False, name=None)])


def stored(run: RunFolder, split: str) -> Predictions:
    """Return the stored predictions of a run for a split.

    Raises:
        NotFoundError: the run has no model yet.
        InputError: there are none: the run has learned from these pictures, too, the test pictures are sealed, or
            nothing was predicted yet.
    """
    check_split(run, split)
    if (found := predictions.load(run, split)) is None:
        raise _not_predicted(split)
    return found


def stored_tags(run: RunFolder, split: str) -> TagPredictions:
    """Return the same of several labels a picture. Raises what ``stored`` raises."""
    check_split(run, split)
    if (found := answers.load(run, split)) is None:
        raise _not_predicted(split)
    return found


def of_run(run: RunFolder, split: str) -> tuple[bytes, int]:
    """Return the stored predictions of a run for a split as CSV, and of how many. Raises what ``stored`` raises."""
    return _OF_RUN[kinds.of(run.project)](run, split)


def _of_one(run: RunFolder, split: str) -> tuple[bytes, int]:
    said = stored(run, split)
    return predicted(run, said), len(said)


def _of_several(run: RunFolder, split: str) -> tuple[bytes, int]:
    said = stored_tags(run, split)
    return text(tag_tables.predicted(run, said)), len(said)


_OF_RUN: Mapping[Things, Callable[[RunFolder, str], tuple[bytes, int]]] = {
    "pictures": _of_one,
    "texts": _of_one,
    "tags": _of_several,
}


def check_split(run: RunFolder, split: str) -> None:
    """Raise an error if what a run predicts for a split is not there to be looked at; see ``stored``."""
    run.require_model()
    if run.recipe.everything and predictions.pictures_of(run, split).empty:
        raise InputError(
            _("This run has learned from all {pictures}. They are among its training pictures.").format(
                pictures=_(SPLIT_PICTURES[split])
            )
        )
    if split == "test" and not run.times_opened():
        raise InputError(_("The test pictures of this run are sealed. Open them first, then export their predictions."))


def _shown(run: RunFolder) -> tuple[str, str]:
    """Return what an example is called in the head of a table, and the column of the manifest that stands below it."""
    return ("text", "text") if kinds.of(run.project) in _READ else ("picture", "source")


def _not_predicted(split: str) -> InputError:
    return InputError(
        _("The {pictures} of this run are not predicted yet. Open its results first.").format(
            pictures=_(SPLIT_PICTURES[split])
        )
    )


def predicted(run: RunFolder, said: Predictions, files: Mapping[str, str] | None = None) -> bytes:
    """Return the predictions for a split, the most confident first.

    Args:
        run: whose they are.
        said: the predictions.
        files: the name of the file of each picture that is to be listed, by id; None to list all, pictures by
            their source and texts as they are.
    """
    shown, column = _shown(run)
    names = dict(manifest.load(run.project, run.recipe.manifest).table.set_index("id")[column])
    refused = refusals(run, said)
    rows = []
    for row in said.confidence.argsort(kind="stable")[::-1]:
        id_, shares = said.ids[row], said.probabilities[row]
        if files is not None and id_ not in files:
            continue
        rows.append(
            [
                files[id_] if files else names.get(id_, ""),
                said.split,
                said.classes[said.truth[row]],
                said.classes[said.predicted[row]],
                round(float(said.confidence[row]), 6),
                _yes(bool(said.correct[row])),
                _yes(id_ in refused),
                *(round(float(share), 6) for share in shares),
                id_,
            ]
        )
    head = (shown, "split", "label", "predicted", "probability", "right", "refused")
    return text([[*head, *_shares(said.classes), "id"], *rows])


def refusals(run: RunFolder, said: Predictions) -> set[str]:
    """Return the ids of the pictures that the model refuses, by the limit that was chosen for it."""
    judged = unknowns.judge(run, said.features, said.probabilities)
    return {id_ for id_, each in zip(said.ids, judged, strict=True) if each is not None and each.refused}


def new(run: RunFolder, named: Iterable[tuple[str, Prediction]]) -> bytes:
    """Return the predictions of a run for new pictures or texts, in their order."""
    classes, head = run.classes, (_shown(run)[0], "predicted", "probability", "refused", "problem")
    return text([[*head, *_shares(classes)], *(_new_row(classes, name, each) for name, each in named)])


def _new_row(classes: Sequence[str], name: str, each: Prediction) -> list[object]:
    if each.error:
        return [name, "", "", "", each.error, *("" for _ in classes)]
    share = {row.label: round(row.probability, 6) for row in each.classes}
    if isinstance(each, TagPrediction):
        return [name, tags.join(each.tags), "", _yes(False), "", *(share[label] for label in classes)]
    best = each.classes[0]
    return [name, best.label, share[best.label], _yes(each.refused), "", *(share[label] for label in classes)]


def _shares(classes: Sequence[str]) -> list[str]:
    return [f"probability of {name}" for name in classes]


def _yes(value: bool) -> str:
    return "yes" if value else "no"
