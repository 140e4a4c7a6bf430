"""How examples are shown, by what a project holds: several to choose from, one alone, and why an answer is given."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pages._ui.explain import picture, texts
from tl_core.about import Things
from tl_core.dataset import kinds
from tl_core.evaluation.predictions import Predictions
from tl_core.runs import RunFolder
from tl_core.workspace import Project


@dataclass(frozen=True)
class Views:
    """How examples of one kind are shown.

    Attributes:
        listed: draws several, by what is written beside each, and returns the ids of those that are marked.
        drawn: draws one of a project, given its id and what it shows, for somebody who cannot see it.
        why: draws why a run's model says what it says of one of the project.
        strangers: returns things of other kinds by name: what ``predict`` is asked, to see whether it refuses them.
        stranger: draws one of them, given what is asked and what it shows, for somebody who cannot see it.
    """

    listed: Callable[..., list[str]]
    drawn: Callable[[Project, str, str], None]
    why: Callable[[RunFolder, Predictions, str], None]
    strangers: Callable[[], dict[str, str]]
    stranger: Callable[[str, str], None]


VIEWS: Mapping[Things, Views] = {
    "pictures": Views(picture.listed, picture.drawn, picture.one, picture.strangers, picture.stranger),
    "tags": Views(picture.listed, picture.drawn, picture.one, picture.strangers, picture.stranger),
    "texts": Views(texts.listed, texts.drawn, texts.one, texts.strangers, texts.stranger),
}


def of(project: Project) -> Views:
    """Return how the examples of a project are shown."""
    return VIEWS[kinds.of(project)]
