"""Both tables of networks: those that take pictures (``catalogue``), and those that take texts (``text_catalogue``)."""

import re
from pathlib import Path

from tl_core.networks import catalogue, text_catalogue
from tl_core.networks.catalogue import Backbone
from tl_core.networks.text_catalogue import TextNetwork

#: A row of either table.
Pretrained = Backbone | TextNetwork


def takes_texts(id: str | None) -> bool:  # noqa: A002
    """Return whether the network of that id reads texts.

    >>> takes_texts("bge-small"), takes_texts("efficientnet-lite0"), takes_texts(None)
    (True, False, False)
    """
    return id is not None and (id.startswith(text_catalogue.LOCAL) or text_catalogue.is_known(id))


def get(id: str | None) -> Pretrained:  # noqa: A002
    """Return the network of that id, the default one for pictures for None. Raises what the two tables raise.

    >>> get("bge-small").default_size, get("efficientnet-lite0").default_size
    (128, 224)
    """
    return text_catalogue.get(id) if takes_texts(id) else catalogue.get(id)


def akin(id: str) -> tuple[Pretrained, ...]:  # noqa: A002
    """Return the rows of the table that has the network of that id."""
    return text_catalogue.CATALOGUE if takes_texts(id) else catalogue.CATALOGUE


def title(id: str) -> str:  # noqa: A002
    """Return what people call the network of that id; of one from a folder, which may be gone, the folder's name.

    >>> title("bge-small"), title("local:/models/my-bert")
    ('BGE small', 'my-bert')
    """
    return Path(id).name if id.startswith(text_catalogue.LOCAL) else get(id).title


def file_name(id: str) -> str:  # noqa: A002
    """Return what a file is called that belongs to the network of that id: that of one from a folder is a path.

    >>> file_name("bge-small"), file_name("local:/models/my-bert")
    ('bge-small', 'local__models_my-bert')
    """
    return re.sub(r"[^\w.-]", "_", id)


def usual_size(id: str) -> int:  # noqa: A002
    """Return the side of the pictures, or the length of the texts, that the network of that id takes by default."""
    return text_catalogue.USUAL_TOKENS if id.startswith(text_catalogue.LOCAL) else get(id).default_size
