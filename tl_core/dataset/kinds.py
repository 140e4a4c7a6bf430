"""What a project holds: pictures or texts, never both."""

from tl_core.about import Things
from tl_core.errors import InputError
from tl_core.language import N_, _
from tl_core.workspace import Project

_OTHERS = {
    "pictures": N_("“{project}” holds texts, and a project holds one kind of thing. Make a new project for pictures."),
    "texts": N_("“{project}” holds pictures, and a project holds one kind of thing. Make a new project for texts."),
}


def claim(project: Project, kind: Things) -> None:
    """Let a project hold this kind of thing from now on.

    Raises:
        InputError: it holds the other kind already.
    """
    about = project.about()
    if about.kind == kind:
        return
    if about.manifest is not None:
        raise InputError(_(_OTHERS[kind]).format(project=about.name))
    project.update(kind=kind)
