"""Prove a web page: a headless Chromium opens it as a file, answers for pictures, and asks nobody for anything."""

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tl_core.export import chromium

#: A page that is not through by then, in seconds, is not proved.
LONGEST = 600.0


@dataclass(frozen=True, kw_only=True)
class PageAnswers:
    """How a page answers for ``n`` pictures.

    Attributes:
        probabilities: ``(n, classes)``.
        familiarity: ``(n,)`` how familiar each is, see ``unknowns``; NaN where the page refuses nothing.
        refused: ``(n,)`` whether it says "none of these".
        milliseconds: ``(n,)`` from pixels to answer, on this machine.
        ready: seconds from opening the page until it can answer.
        requests: addresses that it has asked anybody for.
    """

    probabilities: NDArray[np.float64]
    familiarity: NDArray[np.float64]
    refused: NDArray[np.bool_]
    milliseconds: NDArray[np.float64]
    ready: float
    requests: tuple[str, ...]


def answers(page: Path, pictures: Iterable[bytes]) -> PageAnswers:
    """Return how a page answers for the contents of image files. Raises BrowserError."""
    with chromium.opened(page.resolve().as_uri(), LONGEST) as tab:
        ready = tab.evaluate("thaw.ready.then(() => thaw.seconds)")
        rows = [tab.evaluate(f"thaw.predict({json.dumps(base64.b64encode(each).decode())})") for each in pictures]
        return PageAnswers(
            probabilities=np.array([row["probabilities"] for row in rows]),
            familiarity=np.array([row["familiarity"] for row in rows], float),
            refused=np.array([row["refused"] for row in rows], bool),
            milliseconds=np.array([row["milliseconds"] for row in rows]),
            ready=float(ready),
            requests=tuple(tab.requests),
        )
