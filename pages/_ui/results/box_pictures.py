"""Pictures with the boxes that are there and those that a run has found: large, small, and in words."""

from collections import Counter
from collections.abc import Sequence

import streamlit as st

from pages._ui.explain.box_picture import Drawn
from pages._ui.pictures.thumbnails import SIDE
from tl_core.boxes import picturing
from tl_core.dataset import manifest
from tl_core.dataset.boxes import Box
from tl_core.errors import TLError
from tl_core.metrics.average_precision import Values
from tl_core.runs import RunFolder
from tl_core.wording import certainty, listed, number, plural


def drawn(classes: Sequence[str], truth: Values, found: Values) -> list[Drawn]:
    """Return boxes as they are drawn on a picture.

    Args:
        classes: names.
        truth: boxes that are there, ``(m, 5)``.
        found: boxes that a run has found, ``(n, 6)``.
    """
    there = [Drawn(tuple(row[:4].tolist()), classes[int(row[4])], "there") for row in truth]
    captions = [f"{classes[int(row[4])]} {certainty(float(row[5]))}" for row in found]
    return [
        *there,
        *(Drawn(tuple(row[:4].tolist()), text, "found") for row, text in zip(found, captions, strict=True)),
    ]


def said(classes: Sequence[str], rows: Values) -> str:
    """Return how many boxes there are of each class, in words."""
    counts = Counter(classes[int(row[4])] for row in rows)
    return listed([f"{number(count)} {label}" for label, count in counts.most_common()]) or plural(0, "box", "boxes")


def small(run: RunFolder, id_: str, truth: Values, found: Values) -> bytes:
    """Return a thumbnail with both boxes; nothing where the file is damaged or gone: the other pictures are shown."""
    rows = [("found", row) for row in found] + [("there", row) for row in truth]
    boxes = tuple(Box(look, *map(float, row[:4])) for look, row in rows)
    try:
        return _boxed(str(manifest.image_path(run.project, id_)), boxes)
    except (TLError, OSError):
        return b""


@st.cache_data(max_entries=1000, show_spinner=False)
def _boxed(path: str, boxes: tuple[Box, ...]) -> bytes:
    return picturing.thumbnail(path, SIDE, boxes, ("found", "there"))
