"""Paths that people type."""

import os
from pathlib import Path

from tl_core.errors import InputError

#: Of a path that cannot be used, at most this much is repeated.
_SHOWN = 120
#: A file with more bytes than this is not read as a picture.
MAX_BYTES = 256 * 2**20


def typed(text: str) -> Path:
    """Return the absolute path that somebody typed; ``~`` is a home, quotes and blanks around it are dropped.

    Raises:
        InputError: it can be no path: empty, with a character that no path has, or in the home of somebody unknown.

    >>> typed(' "/tmp/my photos" ').as_posix()
    '/tmp/my photos'
    """
    plain = text.strip().strip("\"'").strip()
    if not plain or "\0" in plain:
        raise InputError(f"This is no path: {shown(text)}. Type the path of a folder or a file.")
    try:
        return Path(plain).expanduser().absolute()
    except RuntimeError as exc:
        raise InputError(f"{shown(plain)} is in the home of somebody unknown here. Type the whole path.") from exc


def existing(text: str, *, relative: bool = True) -> Path:
    """Return the path that somebody typed; there is a file or a folder that can be opened.

    Args:
        text: as it was typed.
        relative: whether it may begin in the folder that this process works in. On a page nobody knows which that is.

    Raises:
        InputError: there is none, it may not be opened, or the text can be no path.
    """
    path = typed(text)
    if not relative and not Path(text.strip().strip("\"'").strip()).expanduser().is_absolute():
        raise InputError(f"{shown(text)} is only a part of a path. Type the whole path, such as {_example()}.")
    try:
        path = path.resolve() if ".." in path.parts else path
        path.stat()
        readable = os.access(path, os.R_OK | os.X_OK if path.is_dir() else os.R_OK)
    except FileNotFoundError as exc:
        raise InputError(f"There is no folder or file {shown(text)}. Check the path.") from exc
    except NotADirectoryError as exc:
        raise InputError(f"There is no {shown(text)}: a part of it is a file, not a folder. Check the path.") from exc
    except PermissionError as exc:
        raise _forbidden(text) from exc
    except (OSError, ValueError) as exc:
        raise InputError(f"{shown(text)} cannot be opened: it is too long, or no path. Check it.") from exc
    if not readable:
        raise _forbidden(text)
    if not (path.is_file() or path.is_dir()):  # a device gives bytes without end, a pipe waits for some
        raise InputError(f"{shown(text)} is neither a folder nor an ordinary file. Check the path.")
    return path


def target_folder(folder: Path) -> Path:
    """Return a folder to write into, made if need be. Raises InputError if nobody can write there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as exc:
        raise InputError(f"{shown(str(folder))} cannot be a folder: there is a file. Choose another.") from exc
    except OSError as exc:
        raise InputError(f"{shown(str(folder))} cannot be made ({exc.strerror}). Choose another folder.") from exc
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(f"{shown(str(folder))} cannot be written. Change its permissions, or choose another folder.")
    return folder


def target_file(text: str) -> Path:
    """Return the path of a file to write that somebody typed; its folder is made if need be.

    Raises:
        InputError: it can be no path, is something else than a file, or nobody can write there.
    """
    target = typed(text)
    try:
        if target.is_dir():
            raise InputError(f"{shown(text)} is a folder. Name a file in it.")
        if target.exists() and not target.is_file():  # a device or a pipe, which a new file would replace
            raise InputError(f"{shown(text)} is no ordinary file. Name another.")
    except OSError as exc:
        raise InputError(f"{shown(text)} cannot be a file ({exc.strerror}). Name another.") from exc
    target_folder(target.parent)
    return target


def shown(text: str) -> str:
    """Return a path as a sentence repeats it: on one line, cut if it is long, without invisible characters."""
    visible = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
    return visible if len(visible) <= _SHOWN else f"{visible[:_SHOWN]}…"


def _forbidden(text: str) -> InputError:
    return InputError(f"{shown(text)} may not be opened: permission denied. Change its permissions or copy it.")


def _example() -> str:
    return str(Path.home() / "pictures")
