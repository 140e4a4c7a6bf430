"""Small versions of stored pictures, and what is written below one in a grid."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui.shell import charts
from tl_core.dataset import image, manifest
from tl_core.errors import TLError
from tl_core.language import _
from tl_core.workspace import Project

#: Longest side in pixels of a picture in a grid, and of one that can be shown large by the button on it.
SIDE, LARGE = 180, 640
#: What each split is called where one picture is shown; ``_`` gives it in a person's language.
SPLIT_TITLES = {
    "train": charts.SPLIT_TITLES["train"],
    "validation": charts.SPLIT_TITLES["validation"],
    "test": charts.SPLIT_TITLES["test"],
    "": charts.SPLIT_TITLES["unused"],
}


@dataclass(frozen=True)
class Tile:
    """A picture of a grid: its id, its class, and what it is used for with its file name. Plain text."""

    id: str
    caption: str
    detail: str


def tiles(rows: pd.DataFrame) -> list[Tile]:
    """Return the tiles of rows of a manifest."""
    every: Iterable[Any] = rows.itertuples()
    return [Tile(row.id, row.label, f"{_(SPLIT_TITLES[row.split])} · {file_name(row.source)}") for row in every]


def file_name(source: str) -> str:
    """Return the file name that a picture first came with."""
    return source.split(manifest.BETWEEN)[0].split("/")[-1]


@st.cache_data(max_entries=3000, show_spinner=False)
def thumbnail(path: str, side: int) -> bytes:
    """Return a small JPEG of a stored picture, a grey one where the file is damaged. It can be cached: none changes."""
    try:
        return image.thumbnail(path, side)
    except (TLError, OSError):
        return image.grey(side)


def small(project: Project, id_: str) -> bytes:
    """Return a thumbnail for a grid; nothing where the file is damaged or gone: the other pictures are shown."""
    try:
        return thumbnail(str(manifest.image_path(project, id_)), SIDE)
    except (TLError, OSError):
        return b""
