"""A freeze line drawn so small that it fits into a row of a table."""

import base64
import functools
import time
from collections.abc import Sequence

import streamlit as st

from pages._ui.freeze import line
from pages._ui.shell import layout
from pages._ui.shell.charts import FROZEN, TRAINABLE
from tl_core.networks import catalogue
from tl_core.notebook.rows import Row

#: In pixels; the blocks of any network fill it.
WIDTH, HEIGHT, HEAD = 108, 22, 8
#: Share of a block that is drawn, so that one is seen from the next.
FILLED = 0.8
#: In seconds; a worker may take some to draw a network for the first time.
AFTER_THE_PAGE = 1.0


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
    """Have a worker draw the networks of which the blocks are not known yet, after the page was sent."""
    if missing := sorted({row.recipe.backbone for row in rows if row.recipe and row.blocks is None}):
        st.fragment(_draw, run_every=AFTER_THE_PAGE)(missing, time.monotonic())


def _draw(backbones: Sequence[str], asked: float) -> None:
    if time.monotonic() - asked < AFTER_THE_PAGE:
        return
    with layout.calm():
        for each in backbones:
            line.outline_of(catalogue.get(each))
        st.rerun()
