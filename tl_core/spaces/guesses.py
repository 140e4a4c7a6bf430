"""How often somebody may guess: after some wrong codes from one place it takes a while until the next counts.

>>> guesses = Guesses()
>>> for _try in range(MOST):
...     guesses.wrong("192.168.1.5")
>>> guesses.wait("192.168.1.5") > 0, guesses.wait("192.168.1.6")
(True, 0.0)
"""

import ipaddress
import threading
import time
from collections import OrderedDict

#: Wrong codes from one place, in so many seconds. A code has 887 million values: a thousand machines that guess as fast
#: as they may take a year and a half to try all of them.
MOST, SECONDS = 10, 600.0
#: Places that are remembered.
MOST_PLACES = 10_000


class Guesses:
    """Counts wrong codes by where they come from. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._wrong: OrderedDict[str, list[float]] = OrderedDict()

    def wait(self, address: str) -> float:
        """Return how many seconds it takes until a code from this address counts; 0 if it counts now."""
        now = time.monotonic()
        with self._lock:
            recent = [each for each in self._wrong.get(place_of(address), []) if each > now - SECONDS]
        return recent[-MOST] + SECONDS - now if len(recent) >= MOST else 0.0

    def wrong(self, address: str) -> None:
        """Count a wrong code from this address."""
        place, now = place_of(address), time.monotonic()
        with self._lock:
            recent = [each for each in self._wrong.pop(place, []) if each > now - SECONDS]
            self._wrong[place] = [*recent, now]
            while len(self._wrong) > MOST_PLACES:
                self._wrong.popitem(last=False)


def place_of(address: str) -> str:
    """Return what addresses have in common that one machine may have: of IPv6 the network.

    >>> place_of("2001:db8::1") == place_of("2001:db8::2"), place_of("10.0.0.1"), place_of("?")
    (True, '10.0.0.1', '?')
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    return str(ipaddress.ip_network((ip, 64), strict=False)) if ip.version == 6 else str(ip)
