"""Our browser components: each is a folder here with its ``.html``, ``.css`` and ``.js``; no build step."""

import functools
from pathlib import Path
from typing import Any

import streamlit as st

FOLDER = Path(__file__).parent


def load(name: str) -> Any:
    """Return the mounting command of the component in the folder ``name``."""
    return st.components.v2.component(f"thaw_{name}", **_parts(name))


@functools.cache
def _parts(name: str) -> dict[str, str]:
    return {kind: (FOLDER / name / f"{name}.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js")}
