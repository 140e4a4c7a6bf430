"""A data set and predictions of several labels a picture as CSV: a column for each label.

The list of a data set reads as a table of labels again, as it is.
"""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from tl_core.dataset import folders, manifest, tags
from tl_core.evaluation import tags as answers
from tl_core.evaluation.tags import TagPredictions
from tl_core.runs import RunFolder
from tl_core.workspace import Project


def dataset(project: Project, table: pd.DataFrame) -> list[list[object]]:
    """Return the rows of the list of pictures: file, split, and 0 or 1 for each label; those in no split have no row.

    ``file`` is the name in the folders of the data set.
    """
    names = manifest.load(project).classes
    pictures = folders.arrange(project, table).pictures
    has = tags.matrix([each.label for each in pictures], names).astype(int).tolist()
    rows = [[each.name, each.split, *row] for each, row in zip(pictures, has, strict=True)]
    return [["file", "split", *names], *rows]


def predicted(run: RunFolder, said: TagPredictions, files: Mapping[str, str] | None = None) -> list[list[object]]:
    """Return the rows of the predictions for a split, those with most wrong labels first.

    Args:
        run: whose they are.
        said: the predictions.
        files: where each picture that is to be listed lies, by id; None to list all by their source.
    """
    thresholds = answers.thresholds_of(run)
    sources = dict(manifest.of_run(run).table.set_index("id")["source"])
    given = said.given(thresholds)
    limits = [round(thresholds.of[tag], 6) for tag in said.tags]
    rows: list[list[object]] = []
    for row in np.argsort(-(given != said.truth).sum(axis=1), kind="stable"):
        id_ = said.ids[row]
        if files is not None and id_ not in files:
            continue
        has, gets = (
            tags.join(tag for tag, flag in zip(said.tags, flags, strict=True) if flag)
            for flags in (said.truth[row], given[row])
        )
        shares = [round(float(share), 6) for share in said.probabilities[row]]
        place = files[id_] if files else sources.get(id_, "")
        rows.append([place, said.split, has, gets, "yes" if has == gets else "no", *shares, *limits, id_])
    head = ["picture", "split", "labels", "predicted", "right"]
    shares_of = [f"probability of {tag}" for tag in said.tags]
    return [[*head, *shares_of, *(f"threshold of {tag}" for tag in said.tags), "id"], *rows]
