"""A few pictures side by side in one small image: what a project, a class or a sample looks like at a glance."""

import contextlib
import io
import itertools
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from tl_core.errors import TLError
from tl_core.ingest.samples import Sample
from tl_core.workspace import Edition, Project

if TYPE_CHECKING:
    from PIL.Image import Image

COUNT = 4
SIDE = 160


def of_pictures(project: Project, ids: Iterable[str]) -> bytes:
    """Return the first few of some pictures side by side; those that cannot be read are left out: empty if none can."""
    return _of_pictures(str(project.folder), tuple(itertools.islice(ids, COUNT)))


def of_project(project: Project) -> bytes:
    """Return a few of a project's pictures, of as many classes as fit; empty where it has none."""
    with contextlib.suppress(TLError, OSError):
        if version := project.about().manifest:
            return of_pictures(project, _cover(project.edition(version)))
    return b""


@st.cache_data(max_entries=20, show_spinner=False)
def of_sample(sample_id: str, _sample: Sample) -> bytes:
    """Return a few pictures of a sample that needs no network; empty for one that does."""
    from PIL import Image

    return _side_by_side(map(Image.fromarray, _sample.glimpse())) if _sample.glimpse else b""


@st.cache_data(max_entries=100, show_spinner=False)
def _cover(of: Edition) -> tuple[str, ...]:
    from tl_core.dataset import manifest

    table = manifest.load(of.project, of.version).table
    each = table.groupby("label").head(max(1, COUNT // max(1, table["label"].nunique())))
    return tuple(each["id"].head(COUNT))


@st.cache_data(max_entries=500, show_spinner=False)
def _of_pictures(folder: str, ids: tuple[str, ...]) -> bytes:
    return _side_by_side(filter(None, (_opened(Project(Path(folder)), id_) for id_ in ids)))


def _opened(project: Project, id_: str) -> "Image | None":
    from PIL import Image

    from tl_core.dataset import manifest

    try:
        picture = Image.open(manifest.image_path(project, id_))
        picture.draft("RGB", (SIDE, SIDE))
        return picture.convert("RGB")
    except (TLError, OSError):
        return None


def _side_by_side(pictures: "Iterable[Image]") -> bytes:
    from PIL import Image, ImageOps

    squares = [ImageOps.fit(each.convert("RGB"), (SIDE, SIDE)) for each in pictures]
    if not squares:
        return b""
    strip = Image.new("RGB", (SIDE * COUNT, SIDE), "white")
    for number, square in enumerate(squares):
        strip.paste(square, (number * SIDE, 0))
    buffer = io.BytesIO()
    strip.crop((0, 0, SIDE * len(squares), SIDE)).save(buffer, "JPEG", quality=82)
    return buffer.getvalue()
