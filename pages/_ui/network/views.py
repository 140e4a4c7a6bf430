"""What Network shows, by what a project holds."""

from collections.abc import Callable, Mapping

from pages._ui.network import catalogue, texts
from tl_core.about import Things
from tl_core.dataset import kinds
from tl_core.workspace import Project

VIEWS: Mapping[Things, Callable[[Project], None]] = {
    "pictures": catalogue.show,
    "tags": catalogue.show,
    "boxes": catalogue.show,
    "texts": texts.show,
}


def show(project: Project) -> None:
    """Draw the networks that a project can start from."""
    VIEWS[kinds.of(project)](project)
