"""Pictures to ask a network about, which go into no project: dropped, or in a folder on this machine."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from pages._ui.pictures import upload_route
from pages._ui.pictures.uploader import TO_LOOK_AT, Words, finished, uploader
from pages._ui.shell import layout, state
from tl_core import wording
from tl_core.errors import InputError
from tl_core.ingest.entries import Entry, LeftOut
from tl_core.ingest.sources import Source, open_source
from tl_core.language import N_, _, ngettext

#: So many skipped files are named.
MOST_NAMED = 3


@dataclass(frozen=True)
class Picture:
    """A picture to ask about: its name and its contents, or its path on this machine."""

    name: str
    data: bytes | str


def pictures(key: str) -> list[Picture]:
    """Draw a drop zone and return the pictures that came through it last, also after a reload.

    Raises:
        InputError: what came holds no picture.
    """
    folder = into(key, TO_LOOK_AT)
    if folder is None:
        return []
    inside = files(Source("upload", str(folder)), _("There is no picture in what you chose. Choose another one."))
    return [Picture(each.name, str(each.path)) for each in inside]


def into(key: str, words: Words) -> Path | None:
    """Draw a drop zone, and Clear once something came through it; return the folder of what came last, or None."""
    place = f"upload-{key}"
    if (new := finished(place)) is not None:
        _clear(key)
        state.set_staged(key, new.folder)
        new.taken()
    uploader(place, words)
    folder = state.staged(key)
    if folder is None:
        return None
    state.set_staged(key, folder)
    if st.button(_("Clear"), icon=":material/close:", key=f"clear-{key}"):
        _clear(key)
        st.rerun()
    return folder


def _clear(key: str) -> None:
    if folder := state.staged(key):
        upload_route.remove(folder, state.workspace())
    state.set_staged(key, None)


def files(source: Source, no_picture: str) -> list[Entry]:
    """Return the files that may be pictures, and say which are skipped. Raises InputError if there are none.

    Args:
        source: a folder or an upload; members of archives are left out.
        no_picture: says that there are none, and what to do.
    """
    with open_source(source) as contents:
        inside = [entry for entry in contents.entries if entry.path is not None]
        tables = [LeftOut(each.name, N_("Not a picture, by its name.")) for each in contents.tables]
        skipped = [*contents.left_out, *tables]
    reasons = wording.listed([f"{each.name} ({_(each.reason).rstrip('.')})" for each in skipped], MOST_NAMED)
    if not inside and skipped:
        why = _("Skipped: {files}.").format(files=reasons)
        raise InputError(f"{no_picture} {why}")
    if not inside:
        raise InputError(no_picture)
    if skipped:
        said = ngettext("{number} file skipped: {files}.", "{number} files skipped: {files}.", len(skipped))
        st.caption(layout.escape(said.format(number=wording.number(len(skipped)), files=reasons)))
    return inside
