"""The texts of a file that somebody asks a model about: they have no labels."""

from pathlib import Path

from tl_core.errors import InputError
from tl_core.language import _
from tl_core.text import encodings, grids, sources, tables


def inside(path: Path, name: str | None = None) -> list[str]:
    """Return the texts of a file: its lines, or the column of texts of a table.

    Args:
        path: of the file.
        name: that a person gave it, where it is stored under another one.

    Raises:
        InputError: it holds no text, or cannot be read as what its name says.
    """
    name = name or path.name
    if Path(name).suffix.lower() in sources.TABLES:
        return tables.texts(path.read_bytes(), name)
    return lines(path.read_bytes(), name)


def lines(data: bytes, name: str) -> list[str]:
    """Return the texts in the lines of a file; ``name`` is what it is called. Raises InputError if there is none.

    >>> lines(b"Hello there\\n\\nSee you\\n", "new.txt")
    ['Hello there', 'See you']
    """
    text, _guess = encodings.decode(data, name)
    found = [line for line in grids.lines(text) if line.strip()]
    if not found:
        raise InputError(_("“{file}” is empty: there is no text in it. Choose another file.").format(file=name))
    return found
