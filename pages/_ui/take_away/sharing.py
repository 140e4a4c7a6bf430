"""The one page that this server gives to the network, if it gives one: the same for each tab and each person."""

import threading
from typing import TYPE_CHECKING

from tl_core.language import N_
from tl_core.runs import RunFolder

if TYPE_CHECKING:
    from tl_core.export.addresses import Address
    from tl_core.export.phones import Share

REPLACED = N_("Another page is shared in its place.")

_lock = threading.Lock()
_share: "Share | None" = None


def current() -> "Share | None":
    """Return what is shared, or was shared last."""
    return _share


def start(run: RunFolder, address: "Address") -> "Share":
    """Share the page of a run, in place of any other one. Raises InputError if the address cannot be used."""
    global _share
    from tl_core.export.phones import Share  # it takes most of a second: the server does not start with it

    with _lock:
        if _share is None or _share.ended or (_share.run, _share.address) != (run, address):
            before, _share = _share, Share(run, address)
            if before:
                before.stop(REPLACED)
        return _share


def stop() -> None:
    """Stop sharing, if anything is shared."""
    with _lock:
        if _share:
            _share.stop()
