"""What a project holds: pictures or texts, never both."""

from tl_core.about import Things
from tl_core.errors import InputError
from tl_core.language import N_, _
from tl_core.workspace import Project

_OTHERS = {
    "pictures": N_("“{project}” holds texts, and a project holds one kind of thing. Make a new project for pictures."),
    "texts": N_("“{project}” holds pictures, and a project holds one kind of thing. Make a new project for texts."),
}


#: What can be done with texts so far.
_ONLY_PICTURES = N_(
    "“{project}” holds texts, and this page or command is for pictures so far. From the command line a network is "
    "trained on texts, tested, and asked about new ones: python -m tl_core train TABLE"
)


PICTURES: Things = "pictures"


def of(project: Project) -> Things:
    """Return what a project holds."""
    return project.about().kind


def require_pictures(project: Project) -> None:
    """Raise InputError if a project holds texts."""
    if of(project) == "texts":
        raise InputError(only_pictures(project))


def only_pictures(project: Project) -> str:
    """Return the sentence that something is for pictures so far."""
    return _(_ONLY_PICTURES).format(project=project.name)


def claim(project: Project, kind: Things) -> None:
    """Let a project hold this kind of thing from now on.

    Raises:
        InputError: it holds the other kind already.
    """
    about = project.about()
    if about.kind == kind:
        return
    if about.manifest is not None:
        raise InputError(others(project, kind))
    project.update(kind=kind)


def others(project: Project, kind: Things) -> str:
    """Return the sentence that a project holds something else than this kind of thing."""
    return _(_OTHERS[kind]).format(project=project.name)
