"""The uploader: a drop zone with two buttons that sends whole folders, or an archive, straight to the disk."""

from pathlib import Path
from typing import Any

import streamlit as st

from pages._ui import state, upload_route

FOLDER = Path(__file__).parent


def uploader(key: str) -> dict[str, str] | None:
    """Draw the uploader.

    Returns:
        Once an upload is complete, in that one run: the ``source`` of an "import" job
        (``kind`` "upload" or "zip", ``path``) and ``name``, a suggestion for the project's name. Else None.
    """
    token = state.upload_token()
    if not upload_route.is_open(token):
        token = upload_route.issue(state.workspace())
        state.set_upload_token(token)
    result = _component()(key=key, data={"token": token, "url": upload_route.URL}, on_uploaded_change=_ignore)
    if result.uploaded is None or result.uploaded != token or (folder := upload_route.take(token)) is None:
        return None
    return source(folder)


def source(folder: Path) -> dict[str, str]:
    """Return the import source that a staging folder holds: one archive, or many pictures."""
    names = upload_route.names(folder)
    first = names[0].replace("\\", "/")
    if len(names) == 1 and first.lower().endswith(".zip"):
        archive = (folder / "000000.bin").rename(folder / "archive.zip")
        return {"kind": "zip", "path": str(archive), "name": Path(first).stem}
    name = first.split("/")[0] if "/" in first else ""
    return {"kind": "upload", "path": str(folder), "name": name}


def _component() -> Any:
    parts = {kind: (FOLDER / f"uploader.{kind}").read_text(encoding="utf-8") for kind in ("html", "css", "js")}
    return st.components.v2.component("thaw_uploader", **parts)


def _ignore() -> None:
    """Trigger values need a callback to exist."""
