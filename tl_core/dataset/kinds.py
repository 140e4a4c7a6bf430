"""What a project holds: pictures with one label each, with several (tags), with boxes, or texts; never two of them."""

from tl_core.about import Things
from tl_core.errors import InputError
from tl_core.language import N_, _
from tl_core.workspace import Project

_HELD = {
    "pictures": N_("“{project}” holds pictures, and a project holds one kind of thing."),
    "tags": N_("“{project}” holds pictures with several labels each, and a project holds one kind of thing."),
    "boxes": N_("“{project}” holds pictures with boxes, and a project holds one kind of thing."),
    "texts": N_("“{project}” holds texts, and a project holds one kind of thing."),
}
_NEW = {
    "pictures": N_("Make a new project for pictures."),
    "tags": N_("Make a new project for pictures with several labels."),
    "boxes": N_("Make a new project for pictures with boxes."),
    "texts": N_("Make a new project for texts."),
}

#: What can be done so far with what pages and most commands do not take yet.
_SO_FAR: dict[Things, str] = {
    "tags": N_(
        "“{project}” holds pictures with several labels each, and this is for one label so far. Train a network on "
        "them, look at its results, and try it."
    ),
    "boxes": N_(
        "“{project}” holds pictures with boxes, and this is not for boxes so far. Train a network on them, look at its "
        "results, and try it."
    ),
    "texts": N_(
        "“{project}” holds texts, and this is for pictures so far. Train a network on them, look at its results, and "
        "try it."
    ),
}

PICTURES: Things = "pictures"
TAGS: Things = "tags"
BOXES: Things = "boxes"


def of(project: Project) -> Things:
    """Return what a project holds."""
    return project.about().kind


def require_pictures(project: Project) -> None:
    """Raise InputError if a project holds anything but pictures with one label each."""
    if of(project) != PICTURES:
        raise InputError(only_pictures(project))


def require_images(project: Project) -> None:
    """Raise InputError if a project holds texts: pictures may have one label each, or several."""
    if of(project) not in (PICTURES, TAGS):
        raise InputError(only_pictures(project))


def only_pictures(project: Project) -> str:
    """Return the sentence that something is for pictures with one label so far, of a project that holds others."""
    return _(_SO_FAR[of(project)]).format(project=project.name)


def require_one_label(project: Project) -> None:
    """Raise InputError if the examples of a project have several labels each."""
    if of(project) == "tags":
        raise InputError(only_pictures(project))


def require_labels(project: Project) -> None:
    """Raise InputError if the pictures of a project have boxes in place of labels."""
    if of(project) == BOXES:
        raise InputError(only_pictures(project))


def claim(project: Project, kind: Things) -> None:
    """Let a project hold this kind of thing from now on.

    Raises:
        InputError: it holds another kind already.
    """
    about = project.about()
    if about.kind == kind:
        return
    if about.manifest is not None:
        raise InputError(others(project, kind))
    project.update(kind=kind)


def others(project: Project, kind: Things) -> str:
    """Return the sentence that a project holds something else than this kind of thing."""
    return f"{_(_HELD[of(project)]).format(project=project.name)} {_(_NEW[kind])}"
