"""What Results shows, by what a project holds."""

from collections.abc import Callable, Mapping

from pages._ui.results import boxes, one_label, tags
from tl_core.about import Things
from tl_core.dataset import kinds
from tl_core.runs import RunFolder

VIEWS: Mapping[Things, Callable[[RunFolder], None]] = {
    "pictures": one_label.show,
    "texts": one_label.show,
    "tags": tags.show,
    "boxes": boxes.show,
}


def show(run: RunFolder) -> None:
    """Draw the results of a run."""
    VIEWS[kinds.of(run.project)](run)
