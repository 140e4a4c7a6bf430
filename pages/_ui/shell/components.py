"""Our browser components: each is a folder with a ``.html``, ``.css`` and ``.js`` of its own name; no build step."""

import functools
from pathlib import Path
from typing import Any

import streamlit as st


def load(folder: Path) -> Any:
    """Return the mounting command of the component in ``folder``."""
    return st.components.v2.component(f"thaw_{folder.name}", **_parts(folder))


@functools.cache
def _parts(folder: Path) -> dict[str, str]:
    return {kind: (folder / f"{folder.name}.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js")}
