"""Texts to try things with, without a network: sixty messages to a shop, written for Thaw."""

from pathlib import Path
from typing import TYPE_CHECKING

from tl_core.ingest.sources import Source
from tl_core.language import N_

if TYPE_CHECKING:
    from tl_core.text.reading import TextReading

#: Sixty short messages in three classes: question, complaint, praise. They are under the licence of Thaw.
SHOP = Path(__file__).parents[2] / "assets" / "texts" / "shop.csv"
#: What a person reads of it before it is opened; shown by ``_``.
TITLE, ADVICE = N_("Messages to a shop"), N_("Questions, complaints, praise: three classes of short messages.")
TEXTS, CLASSES = 60, 3


def shop() -> "TextReading":
    """Return the sample as it reads.

    >>> shop().classes
    {'complaint': 20, 'praise': 20, 'question': 20}
    """
    from tl_core.text import sources  # a page that names the sample does not wait for pandas

    return sources.read(Source("folder", str(SHOP)))
