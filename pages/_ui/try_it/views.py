"""What Try it shows, by what a project holds."""

from collections.abc import Callable, Mapping

from pages._ui.try_it import boxes, pictures, tags, texts
from tl_core.about import Things
from tl_core.dataset import kinds
from tl_core.runs import RunFolder

VIEWS: Mapping[Things, Callable[[RunFolder], None]] = {
    "pictures": pictures.page,
    "tags": tags.page,
    "boxes": boxes.page,
    "texts": texts.page,
}


def show(run: RunFolder) -> None:
    """Draw what a run's model can be asked about, and its answers."""
    VIEWS[kinds.of(run.project)](run)
