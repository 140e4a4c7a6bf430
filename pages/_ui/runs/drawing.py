"""A freeze line drawn so small that it fits into a row of a table."""

import base64
import functools

from pages._ui.shell.charts import FROZEN, TRAINABLE

HEIGHT, BLOCK, GAP, HEAD = 22, 5, 1, 10


@functools.cache
def strip(frozen: int, blocks: int) -> str:
    """Return the blocks of a network and its head as a picture for a table: a ``data:`` address.

    Frozen blocks are full and blue, trained ones taller and orange: the line is seen without colours, too.
    """
    step = BLOCK + GAP
    bars = [_bar(number * step, BLOCK, number >= frozen) for number in range(blocks)]
    bars.append(_bar(blocks * step + 2, HEAD, True))
    width = blocks * step + HEAD + 2
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{HEIGHT}">{"".join(bars)}</svg>'
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()


def _bar(left: int, width: int, trained: bool) -> str:
    height, colour = (HEIGHT, TRAINABLE) if trained else (HEIGHT // 2, FROZEN)
    return f'<rect x="{left}" y="{HEIGHT - height}" width="{width}" height="{height}" fill="{colour}"/>'
