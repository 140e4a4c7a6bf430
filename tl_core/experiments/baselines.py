"""What needs no network: the honest baseline of a kind of thing, where it has one."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tl_core.about import Things
from tl_core.evaluation import word_counts
from tl_core.language import N_
from tl_core.tasks import table as tasks
from tl_core.workspace import Project


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """A classifier without a network.

    Attributes:
        title: what it is called; shown by ``_``.
        column: of the manifest, which it reads.
        classify: returns the label of each asked example, given others, their labels, and those that are asked.
    """

    title: str
    column: str
    classify: Callable[[list[str], list[str], list[str]], NDArray[np.str_]]


WORDS = Baseline(title=N_("Words alone (TF-IDF)"), column="text", classify=word_counts.classify)
_BY_KIND: dict[Things, Baseline] = {"texts": WORDS}


def of(project: Project) -> Baseline | None:
    """Return the baseline for what a project holds; None where there is none."""
    return _BY_KIND.get(tasks.of(project).id)
