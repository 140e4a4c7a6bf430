"""Prove what runs in a browser: a headless Chromium opens the page as a file and answers for pictures."""

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tl_core.errors import Stopped
from tl_core.export import chromium, page_file
from tl_core.export.chromium import BrowserError
from tl_core.export.page_file import GraphModel, PageAbout
from tl_core.files import write_bytes
from tl_core.language import _
from tl_core.progress import Progress
from tl_core.runs import RunFolder

#: Runtimes of formats that are proved here.
RUNTIMES = ("page", "tfjs")
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
    """

    probabilities: NDArray[np.float64]
    familiarity: NDArray[np.float64]
    refused: NDArray[np.bool_]
    milliseconds: NDArray[np.float64]
    ready: float


def page_of(runtime: str, file: Path, run: RunFolder, folder: Path, takes: str = "pictures") -> Path:
    """Return the page to open: what was made, or for a TF.js model one that is written into a folder around it.

    ``takes`` is that of ``PageAbout``.
    """
    if runtime == "page":
        return file
    graph = GraphModel(description=(file / "model.json").read_bytes(), weights=(file / "weights.bin").read_bytes())
    about = PageAbout(title=run.project.name, classes=run.classes, size=run.recipe.image_size, takes=takes)
    target = folder / "page.html"
    write_bytes(target, page_file.page(about, graph))
    return target


def answers(page: Path, examples: Iterable[bytes | str], progress: Progress) -> PageAnswers:
    """Return how a page answers for the contents of image files, or for texts. Errors are those of ``asked``."""
    rows, ready = asked(page, examples, progress)
    return PageAnswers(
        probabilities=np.array([row["probabilities"] for row in rows]),
        familiarity=np.array([row["familiarity"] for row in rows], float),
        refused=np.array([row["refused"] for row in rows], bool),
        milliseconds=np.array([row["milliseconds"] for row in rows]),
        ready=ready,
    )


def asked(page: Path, examples: Iterable[bytes | str], progress: Progress) -> tuple[list[Any], float]:
    """Return what a page's ``thaw.predict`` gives for each example, and after how many seconds it was ready.

    Raises:
        BrowserError: there is no browser, the page fails, or it asked somebody for something.
        Stopped: a person pressed Stop.
    """
    with chromium.opened(page.resolve().as_uri(), LONGEST, progress) as tab:
        ready = float(tab.evaluate("thaw.ready.then(() => thaw.seconds)"))
        rows = []
        for example in examples:
            if progress.stopped():
                raise Stopped(_("Stopped before the file was proved. Nothing was saved."))
            given = example if isinstance(example, str) else base64.b64encode(example).decode()
            rows.append(tab.evaluate(f"thaw.predict({json.dumps(given)})"))
        if tab.requests:
            raise BrowserError(
                _("The page asked for {address}. It should ask nobody for anything.").format(
                    address=tab.requests[0][:100]
                )
            )
    return rows, ready
