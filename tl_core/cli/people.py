"""The command ``people``: who shares a workspace, and how one of them is removed."""

import argparse

from tl_core.cli.output import Show
from tl_core.errors import InputError, NotFoundError
from tl_core.files import to_json
from tl_core.spaces import numbers, removal
from tl_core.spaces.numbers import Numbers
from tl_core.spaces.spaces import Spaces
from tl_core.wording import plural, size
from tl_core.workspace import Workspace


def add_options(command: argparse.ArgumentParser) -> None:
    """Add what ``people`` takes."""
    command.add_argument("--remove", metavar="ID", help="delete the person's space, for good, and end the sessions")


def people(options: argparse.Namespace, show: Show) -> None:
    """List the people of a room or a server, or remove one of them."""
    spaces = Spaces(Workspace.open(options.workspace).root)
    if options.remove is not None:
        _remove(spaces, options.remove, show)
        return
    has = {space: (space.person(), numbers.of(space.workspace)) for space in spaces.every()}
    listed = [{"id": space.id} | to_json(person) | to_json(of) for space, (person, of) in has.items()]
    lines = [f"{space.id}  {person.name}: {_has(of)}" for space, (person, of) in has.items()]
    damaged = spaces.damaged()
    show({"people": listed, "damaged": damaged}, [*lines, *damaged] or ["Nobody shares this workspace."])


def _has(of: Numbers) -> str:
    examples, trained = plural(of.pictures, "picture or text", "pictures or texts"), plural(of.runs, "run", "runs")
    return f"{examples}, {trained}, {size(of.bytes)}"


def _remove(spaces: Spaces, id_: str, show: Show) -> None:
    space = next((each for each in spaces.every() if each.id == id_), None)
    if space is None:
        raise NotFoundError(f"Nobody here has the id “{id_}”. `people` without --remove lists who is here.")
    if space.is_teachers:
        raise InputError("This is the teacher's own space, without which there is no room.")
    name, freed = space.person().name, removal.remove(spaces, space)
    show(
        {"removed": id_, "bytes": freed},
        [f"{name} is signed out, and {size(freed)} were deleted. Who signs in again begins with an empty space."],
    )
