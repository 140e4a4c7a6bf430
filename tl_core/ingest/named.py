"""Which picture a cell of a label table names: by its path or the end of it, however that is written."""

import unicodedata
from collections import defaultdict
from collections.abc import Iterable

from tl_core.dataset.split_words import word_list

#: Endings that a table may give a picture which has another one here.
_ENDINGS = word_list("jpg jpeg jpe png bmp tif tiff gif webp heic pgm ppm dcm")


class Index:
    """Finds the picture that a cell of a table names."""

    def __init__(self, pictures: Iterable[str]) -> None:
        self._by_end: dict[str, list[str]] = defaultdict(list)
        self._loosely: dict[str, list[str]] = defaultdict(list)
        for name in pictures:
            file = _folded(name.rpartition("/")[2])
            bare = file.rpartition(".")[0] or file
            for each in {file, bare}:
                self._by_end[each].append(name)
            for each in {bare, _number(bare)} - {""}:
                self._loosely[each].append(name)

    def find(self, cell: str, folder: str, *, loosely: bool = False) -> str:
        """Return the picture that a cell means in a table that lies in this folder, ``""`` if it means none or several.

        Args:
            cell: a path of any system, or an address.
            folder: that of the table, ``""`` or with ``/`` at its end.
            loosely: whether another ending, lost zeros and other folders make no difference, if one picture is left.
        """
        text = _folded(cell.strip().replace("\\", "/").removeprefix("./"))
        if "://" in text:
            text = text.partition("?")[0].partition("#")[0]
        before, __, file = text.rpartition("/")
        near = self._by_end.get(file, []) if not loosely else self._loose(file)
        ends = [name for name in near if loosely or _meet(_folded(name.rpartition("/")[0]), before)]
        if loosely and len(ends) > 1:
            ends = [name for name in ends if _meet(_folded(name.rpartition("/")[0]), before.rpartition("/")[2])]
        inside = [name for name in ends if name.startswith(folder)]
        beside = [name for name in inside if name.rpartition("/")[0] == folder.rstrip("/")]
        return next((found[0] for found in (beside, inside, ends) if len(found) == 1), "")

    def _loose(self, file: str) -> list[str]:
        bare, __, ending = file.rpartition(".")
        bare = bare if ending in _ENDINGS and bare else file
        return self._loosely.get(bare) or self._loosely.get(_number(bare), [])


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text).casefold()


def _number(text: str) -> str:
    """Return a number without the zeros before it, marked as one; ``""`` for any other text."""
    return f"#{int(text)}" if text.isdecimal() else ""


def _meet(one: str, other: str) -> bool:
    """Return whether one path is the end of the other."""
    return not one or not other or f"/{one}".endswith(f"/{other}") or f"/{other}".endswith(f"/{one}")
