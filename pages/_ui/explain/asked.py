"""Questions about one example of a run: each is asked of the interactive worker once, however often a page runs."""

from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages._ui.shell import workers
from tl_core.runs import RunFolder


def ask(question: str, run: RunFolder, example: bytes | str, *more: str | None) -> Any:
    """Return the answer to a question of ``tl_core.registry``.

    Args:
        question: which.
        run: whose model is asked.
        example: the content of a picture file, or its path; or a text.
        more: what else the question takes.
    """
    return _answer(question, str(run.folder), run.require_model().stat().st_mtime_ns, example, *more)


def features(run: RunFolder, example: bytes | str) -> NDArray[np.float32]:
    """Return what the head sees of an example that the run has not predicted, ``(channels,)`` float32."""
    values: NDArray[np.float32] = ask("features-of", run, example)
    return values


@st.cache_data(max_entries=200, show_spinner=False, scope="session")
def _answer(question: str, folder: str, version: int, example: bytes | str, *more: str | None) -> Any:
    return workers.engine().ask(question, folder, example, *more)
