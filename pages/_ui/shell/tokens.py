"""Random tokens in addresses: who has one reaches what it stands for, and nobody guesses another.

>>> tokens: Tokens[str] = Tokens(most=2)
>>> first, second = tokens.issue("a run"), tokens.issue("another")
>>> third = tokens.issue("a third")
>>> tokens.get(first), tokens.get(third), tokens.is_of(second, "another")
(None, 'a third', True)
"""

import secrets
from collections import OrderedDict
from typing import Generic, TypeVar

Thing = TypeVar("Thing")
#: Random bytes of a token; 192 bits.
BYTES = 24


class Tokens(Generic[Thing]):
    """What tokens stand for, for as long as the server runs.

    Args:
        most: that are kept; of more the oldest lead nowhere.
    """

    def __init__(self, most: int = 256) -> None:
        self._most = most
        self._things: OrderedDict[str, Thing] = OrderedDict()

    def issue(self, thing: Thing) -> str:
        """Return a new token."""
        token = secrets.token_urlsafe(BYTES)
        self._things[token] = thing
        while len(self._things) > self._most:
            self._things.popitem(last=False)
        return token

    def of(self, thing: Thing) -> str:
        """Return the token that stands for something already, else a new one."""
        return next((token for token, each in self._things.items() if each == thing), None) or self.issue(thing)

    def get(self, token: str | None) -> Thing | None:
        """Return what a token stands for; None for any other text."""
        return self._things.get(token or "")

    def is_of(self, token: str | None, thing: Thing) -> bool:
        """Return whether a token stands for that."""
        return self.get(token) == thing
