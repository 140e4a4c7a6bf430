"""A room: people join it by a code and a nickname, for as long as its teacher keeps it open.

``ROOT/room.json`` is the room. The code is for those who are in the room with the teacher; the teacher's link is a
secret of 256 random bits, of which only the hash is kept.

>>> import tempfile
>>> root = Path(tempfile.mkdtemp())
>>> room = begin(root)
>>> space, token = join(root, room.code.lower(), "Anna")
>>> space.person().name, len(Spaces(root).every()), is_teachers(root, "guessed")
('Anna', 1, False)
"""

import hashlib
import secrets
import shutil
import time
from dataclasses import dataclass, replace
from pathlib import Path

from tl_core.errors import InputError, NotFoundError
from tl_core.files import locked, read_record, read_stored, write_record
from tl_core.language import _
from tl_core.spaces.gifts import give
from tl_core.spaces.spaces import TOKEN_BYTES, Space, Spaces, nickname_of
from tl_core.workspace import Project

FILE = "room.json"
#: What codes are made of: nothing that is read as something else, on a projector or by a voice.
LETTERS = "ABCDEFGHJKMNPQRSTUVWXYZ23456789"
CODE_LENGTH = 6
#: People that fit into a room where nothing else is said.
MOST_PEOPLE = 40


@dataclass(frozen=True, kw_only=True)
class Room:
    """A room: ``room.json``.

    Attributes:
        code: that lets people in.
        opened: in seconds since the epoch.
        most: people that fit in, without the teacher.
        teacher: SHA-256 of the secret of the teacher's link, as hex.
        given: slugs of the teacher's projects that everyone gets, also who joins later.
        closed: when it was closed, in seconds since the epoch; 0 while it is open.
        deleted: whether all that people had made was deleted then.
    """

    code: str
    opened: float
    most: int = MOST_PEOPLE
    teacher: str = ""
    given: tuple[str, ...] = ()
    closed: float = 0.0
    deleted: bool = False

    @property
    def is_open(self) -> bool:
        return not self.closed

    @property
    def spoken(self) -> str:
        """The code as it is read out.

        >>> Room(code="ABC234", opened=0).spoken
        'ABC 234'
        """
        half = len(self.code) // 2
        return f"{self.code[:half]} {self.code[half:]}"


def load(root: Path) -> Room | None:
    """Return the room of a root, open or closed; None before the first one."""
    return read_stored(root / FILE, Room)


def begin(root: Path, most: int = MOST_PEOPLE) -> Room:
    """Return the room that is open, with room for so many people; a new one with a new code where none is.

    Raises:
        DamagedError: ``room.json`` cannot be read. A new room would be without those who are in it.
    """
    room = read_record(root / FILE, Room) if (root / FILE).exists() else None
    if room is None or not room.is_open:
        if room is not None and room.deleted:  # what a job has still written after that
            shutil.rmtree(Spaces(root).folder, ignore_errors=True)
        code = "".join(secrets.choice(LETTERS) for _letter in range(CODE_LENGTH))
        room = Room(code=code, opened=time.time())
    return _save(root, replace(room, most=most))


def teachers_link(root: Path) -> str:
    """Return the secret of a new link for the teacher; any earlier one leads nowhere from now on."""
    secret = secrets.token_urlsafe(TOKEN_BYTES)
    with locked(root):
        _save(root, replace(_open_room(root), teacher=_hash(secret)))
    return secret


def is_teachers(root: Path, secret: str) -> bool:
    """Return whether this is the secret of the teacher's link."""
    room = load(root)
    return room is not None and bool(room.teacher) and secrets.compare_digest(room.teacher, _hash(secret))


def let_teacher_in(root: Path, nickname: str) -> str:
    """Begin a session of the teacher, with the space that the teacher has, and return its token."""
    spaces = Spaces(root)
    has = next((each for each in spaces.every() if each.is_teachers), None)
    return spaces.let_in(has) if has else spaces.add(nickname, "teacher")[1]


def members(root: Path) -> list[Space]:
    """Return the spaces of all people of the room but the teacher; those of earlier rooms may lie there, too."""
    room = load(root)
    opened = room.opened if room else 0.0
    people = [(each, each.person()) for each in Spaces(root).every()]
    return [each for each, person in people if person.role != "teacher" and person.joined >= opened]


def join(root: Path, code: str, nickname: str) -> tuple[Space, str]:
    """Let a person in, and return the new space with the token of its session.

    Args:
        root: of the room.
        code: as it was typed.
        nickname: as it was typed.

    Raises:
        NotFoundError: the code is not that of an open room.
        InputError: there is no nickname, or the room is full.
    """
    room = load(root)
    if room is None or not room.is_open:
        raise NotFoundError(_("The room is closed. Ask the teacher to open one."))
    if not secrets.compare_digest(plain_code(code), room.code):
        raise NotFoundError(_("This is not the code of the room. Look at the board and type it again."))
    if not nickname_of(nickname):
        raise InputError(_("Type a nickname with at least one letter or digit."))
    with locked(root):
        if len(members(root)) >= room.most:
            raise InputError(
                _("The room is full: it has {most} places. Ask the teacher for one.").format(most=room.most)
            )
        space, token = Spaces(root).add(nickname)
    for project in _given(root, room):
        give(project, space.workspace)
    return space, token


def plain_code(typed: str) -> str:
    """Return a code as it is compared.

    >>> plain_code(" abc-234 ")
    'ABC234'
    """
    return "".join(each for each in typed.upper() if each in LETTERS)[: CODE_LENGTH + 1]


def give_everyone(root: Path, project: Project) -> int:
    """Copy a project of the teacher's into every space, now and whenever somebody joins.

    Returns:
        How many people have got it now; who had it before is not given another one.
    """
    with locked(root):
        room = _open_room(root)
        _save(root, replace(room, given=tuple(dict.fromkeys((*room.given, project.slug)))))
    return sum(give(project, each.workspace) is not None for each in members(root))


def _given(root: Path, room: Room) -> list[Project]:
    teacher = next((each for each in Spaces(root).every() if each.is_teachers), None)
    known = {each.slug: each for each in teacher.workspace.projects()} if teacher else {}
    return [known[slug] for slug in room.given if slug in known]


def close(root: Path, *, keep: bool) -> None:
    """Close the room: every session ends, and nobody joins any more.

    Args:
        root: of the room.
        keep: whether what people have made stays on the disk; else all of it is deleted, that of the teacher, too.
    """
    spaces = Spaces(root)
    with locked(root):
        _save(root, replace(_open_room(root), closed=time.time(), deleted=not keep, teacher="", given=()))
    spaces.end_all()
    if not keep:
        spaces.remove(spaces.every())
        shutil.rmtree(spaces.folder, ignore_errors=True)


def _open_room(root: Path) -> Room:
    room = load(root)
    if room is None or not room.is_open:
        raise NotFoundError(_("The room is closed. Ask the teacher to open one."))
    return room


def _save(root: Path, room: Room) -> Room:
    write_record(root / FILE, room)
    return room


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
