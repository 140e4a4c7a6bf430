"""A freeze line drawn so small that it fits into a row of a table."""

import base64
import functools
import time
from collections.abc import Sequence

import streamlit as st

from pages._ui.shell import layout, state, workers
from pages._ui.shell.charts import FROZEN, TRAINABLE
from tl_core.freezing import outline
from tl_core.notebook.rows import Row

#: In pixels; the blocks of any network fill it.
WIDTH, HEIGHT, HEAD = 108, 22, 8
#: Share of a block that is drawn, so that one is seen from the next.
FILLED = 0.8
#: In seconds: how often the page looks whether a network was drawn.
EVERY = 2.0


@functools.cache
def strip(frozen: int, blocks: int) -> str:
    """Return the blocks of a network and its head as a picture for a table: a ``data:`` address.

    Frozen blocks are full and blue, trained ones taller and orange: the line is seen without colours, too.
    """
    step = (WIDTH - HEAD - 2) / max(blocks, 1)
    bars = [_bar(number * step, FILLED * step, number >= frozen) for number in range(blocks)]
    bars.append(_bar(WIDTH - HEAD, HEAD, True))
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{HEIGHT}">{"".join(bars)}</svg>'
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _bar(left: float, width: float, trained: bool) -> str:
    height, colour = (HEIGHT, TRAINABLE) if trained else (HEIGHT // 2, FROZEN)
    return f'<rect x="{left:.2f}" y="{HEIGHT - height}" width="{width:.2f}" height="{height}" fill="{colour}"/>'


def complete(rows: Sequence[Row]) -> None:
    """Have a worker draw the networks of which the blocks are not known yet; the page is drawn again once they are."""
    if missing := {row.recipe.backbone for row in rows if row.recipe and row.blocks is None}:
        st.fragment(_wait, run_every=EVERY)(frozenset(missing), time.monotonic())


def _wait(backbones: frozenset[str], since: float) -> None:
    missing = [each for each in backbones if outline.load(state.workspace(), each) is None]
    if not missing:
        st.rerun()
    if time.monotonic() - since > EVERY / 2:  # the page was sent
        with layout.calm():
            _begin(frozenset(missing))


@functools.cache
def _begin(backbones: frozenset[str]) -> None:
    """Ask a worker, once for the life of the server."""
    for each in backbones:
        workers.engine().begin("outline", str(state.workspace().root), each)
