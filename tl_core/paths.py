"""Paths that people type."""

import os
from pathlib import Path

from tl_core import mode
from tl_core.errors import InputError
from tl_core.language import _

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
        raise InputError(_("This is no path: {path}. Type the path of a folder or a file.").format(path=shown(text)))
    try:
        return Path(plain).expanduser().absolute()
    except RuntimeError as exc:
        raise InputError(
            _("{path} is in the home of somebody unknown here. Type the whole path.").format(path=shown(plain))
        ) from exc


def existing(text: str, *, relative: bool = True) -> Path:
    """Return the path that somebody typed; there is a file or a folder that can be opened.

    Args:
        text: as it was typed.
        relative: whether it may begin in the folder that this process works in. On a page nobody knows which that is.

    Raises:
        InputError: there is none, it may not be opened, or the text can be no path. Or it was typed on a page of a
            server that several people share.
    """
    if not relative:
        mode.check_folders()
    path = typed(text)
    if not relative and not Path(text.strip().strip("\"'").strip()).expanduser().is_absolute():
        raise InputError(
            _("{path} is only a part of a path. Type the whole path, such as {example}.").format(
                path=shown(text), example=_example()
            )
        )
    try:
        path = path.resolve() if ".." in path.parts else path
        path.stat()
        readable = os.access(path, os.R_OK | os.X_OK if path.is_dir() else os.R_OK)
    except FileNotFoundError as exc:
        raise InputError(_("There is no folder or file {path}. Check the path.").format(path=shown(text))) from exc
    except NotADirectoryError as exc:
        raise InputError(
            _("There is no {path}: a part of it is a file, not a folder. Check the path.").format(path=shown(text))
        ) from exc
    except PermissionError as exc:
        raise _forbidden(text) from exc
    except (OSError, ValueError) as exc:
        raise InputError(
            _("{path} cannot be opened: it is too long, or no path. Check it.").format(path=shown(text))
        ) from exc
    if not readable:
        raise _forbidden(text)
    if not (path.is_file() or path.is_dir()):  # a device gives bytes without end, a pipe waits for some
        raise InputError(_("{path} is neither a folder nor an ordinary file. Check the path.").format(path=shown(text)))
    return path


def target_folder(folder: Path) -> Path:
    """Return a folder to write into, made if need be. Raises InputError if nobody can write there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as exc:
        raise InputError(
            _("{path} cannot be a folder: there is a file. Choose another.").format(path=shown(str(folder)))
        ) from exc
    except OSError as exc:
        raise InputError(
            _("{path} cannot be made ({strerror}). Choose another folder.").format(
                path=shown(str(folder)), strerror=exc.strerror
            )
        ) from exc
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(
            _("{path} cannot be written. Change its permissions, or choose another folder.").format(
                path=shown(str(folder))
            )
        )
    return folder


def target_file(text: str) -> Path:
    """Return the path of a file to write that somebody typed; its folder is made if need be.

    Raises:
        InputError: it can be no path, is something else than a file, or nobody can write there.
    """
    target = typed(text)
    try:
        if target.is_dir():
            raise InputError(_("{path} is a folder. Name a file in it.").format(path=shown(text)))
        if target.exists() and not target.is_file():  # a device or a pipe, which a new file would replace
            raise InputError(_("{path} is no ordinary file. Name another.").format(path=shown(text)))
    except OSError as exc:
        raise InputError(
            _("{path} cannot be a file ({strerror}). Name another.").format(path=shown(text), strerror=exc.strerror)
        ) from exc
    target_folder(target.parent)
    return target


def shown(text: str) -> str:
    """Return a path as a sentence repeats it: on one line, cut if it is long, without invisible characters."""
    visible = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in text)
    return visible if len(visible) <= _SHOWN else f"{visible[:_SHOWN]}…"


def _forbidden(text: str) -> InputError:
    return InputError(
        _("{path} may not be opened: permission denied. Change its permissions or copy it.").format(path=shown(text))
    )


def _example() -> str:
    return str(Path.home() / "pictures")
