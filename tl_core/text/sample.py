"""Texts to try things with, without a network: sixty messages to a shop, written for Thaw."""

from pathlib import Path

from tl_core.ingest.sources import Source
from tl_core.text import sources
from tl_core.text.reading import TextReading

#: Sixty short messages in three classes: question, complaint, praise. They are under the licence of Thaw.
SHOP = Path(__file__).parents[2] / "assets" / "texts" / "shop.csv"


def shop() -> TextReading:
    """Return the sample as it reads.

    >>> shop().classes
    {'complaint': 20, 'praise': 20, 'question': 20}
    """
    return sources.read(Source("folder", str(SHOP)))
