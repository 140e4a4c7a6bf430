"""Whether the app is one person's, or serves people of whom nobody sees what another has: a room, or a team."""

import os
from typing import Literal, cast, get_args

from tl_core.errors import InputError
from tl_core.language import _

Mode = Literal["mine", "classroom", "server"]
#: Says which, in the environment: of the server, which its workers inherit.
VARIABLE = "TL_MODE"


def current() -> Mode:
    """Return the way that this process runs in; ``"mine"`` where nothing says otherwise.

    Raises:
        InputError: ``TL_MODE`` is no such way. Nothing is guessed: another one would show people what is not theirs.
    """
    given = os.environ.get(VARIABLE) or "mine"
    if given not in get_args(Mode):
        raise InputError(
            _("TL_MODE is “{given}”. Set it to one of: {known}.").format(
                given=given[:60], known=", ".join(get_args(Mode))
            )
        )
    return cast("Mode", given)


def has_people() -> bool:
    """Return whether several people share this process, each in a space of their own."""
    return current() != "mine"


def has_room() -> bool:
    """Return whether these people are in a room, which they have joined by its code."""
    return current() == "classroom"


def has_sign_in() -> bool:
    """Return whether these people are a team's, and come in by its sign-in."""
    return current() == "server"


def check_folders() -> None:
    """Refuse to read what a person names by its path, where several people share this machine.

    Raises:
        InputError: this process serves several people: a path would lead to what is another's.
    """
    if has_people():
        raise InputError(_("Folders of this machine are not read here. Upload what you want to use."))
