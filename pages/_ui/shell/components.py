"""Our browser components: each is a folder with a ``.html``, ``.css`` and ``.js`` of its own name; no build step."""

import functools
from pathlib import Path
from typing import Any

import streamlit as st

#: Shared by scripts that fill sentences or write numbers.
WORDS = Path(__file__).with_name("words.js")


def load(folder: Path, *shared: Path) -> Any:
    """Return the mounting command of the component in ``folder``; its script begins with the ``shared`` ones."""
    return st.components.v2.component(f"thaw_{folder.name}", **_parts(folder, *shared))


@functools.cache
def _parts(folder: Path, *shared: Path) -> dict[str, Any]:
    parts = {kind: (folder / f"{folder.name}.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js")}
    parts["js"] = "\n".join([*(path.read_text(encoding="utf-8") for path in shared), parts["js"]])
    return parts
