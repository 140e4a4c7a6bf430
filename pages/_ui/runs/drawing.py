"""A freeze line drawn so small that it fits into a row of a table."""

import base64
import functools

from pages._ui.shell.charts import FROZEN, TRAINABLE

#: In pixels; the blocks of any network fill it.
WIDTH, HEIGHT, HEAD = 108, 22, 8
#: Share of a block that is drawn, so that one is seen from the next.
FILLED = 0.8


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
