"""The pictures to ask about: uploaded, from a folder, or some that the model has not learned from."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import streamlit as st

from pages._ui.pictures import dropped
from pages._ui.pictures.dropped import Picture
from pages._ui.pictures.picture_grid import picture_grid
from pages._ui.pictures.thumbnails import Tile, thumbnail
from pages._ui.shell import present, state
from tl_core import paths
from tl_core.dataset import manifest
from tl_core.ingest import bundled
from tl_core.ingest.sources import Source
from tl_core.language import N_, _
from tl_core.runs import RunFolder

UPLOAD, CAMERA, FOLDER = N_("Upload"), N_("Camera"), N_("Folder on this machine")
#: The dropped pictures in the address.
DROPPED = "tried"
#: Examples: pictures of the project's classes, and of things that it does not know.
KNOWN, UNKNOWN = 8, 4
PLACE, SIDE = "try-example", 180


def way_in(key: str) -> str:
    """Let a person choose where the pictures come from, and return it; the camera can be presented.

    Args:
        key: under which the choice is kept.
    """
    ways = [UPLOAD, CAMERA, *([FOLDER] if state.is_local() else [])]
    kept = state.kept(key, UPLOAD, ways)
    way: str = st.segmented_control(_("Pictures from"), ways, format_func=_, required=True, **kept)
    if way == CAMERA:
        present.button()
    return way


def choose(way: str) -> list[Picture]:
    """Show the widget of one way in and return the pictures that came through it."""
    if way == UPLOAD:
        return dropped.pictures(DROPPED)
    # No address may choose what is read from this machine.
    typed = st.text_input(
        _("Folder or picture on this machine"),
        placeholder="/home/me/holiday",
        **state.kept("try-folder", "", by_link=False),
    )
    return _listed(typed) if typed else []


def binary(picture: Picture) -> bytes | Path:
    """Return a picture as what reads it takes it: its content, or the path of its file."""
    return picture.data if isinstance(picture.data, bytes) else Path(picture.data)


def _listed(typed: str) -> list[Picture]:
    path = paths.existing(typed, relative=False)
    if path.is_file():
        return [Picture(path.name, str(path))]
    no_picture = _("There is no picture in the folder “{folder}”. Choose another one.")
    inside = dropped.files(Source("folder", str(path)), no_picture.format(folder=paths.shown(typed)))
    return [Picture(each.path.name, str(each.path)) for each in inside if each.path is not None]


def example(run: RunFolder) -> list[Picture]:
    """Offer pictures that the model has not learned from, and return the one that is opened, if any."""
    known, unknown = _known(run), _unknown()
    places = {name: path for name, (path, title) in {**known, **unknown}.items()}
    st.markdown(_("**Or press one of these.** The model has not learned from any of them."))
    shown = [Tile(name, title, _("validation picture")) for name, (path, title) in known.items()]
    shown += [Tile(name, _(title), _("none of your classes?")) for name, (path, title) in unknown.items()]
    opened = state.opened(PLACE)
    picture_grid(
        shown,
        [thumbnail(places[each.id], SIDE) for each in shown],
        key="try-examples",
        clear=run.id,
        opened=opened,
        on_open=lambda name: state.set_opened(PLACE, name),
        marks=False,
    )
    return [Picture({each.id: each.caption for each in shown}[opened], places[opened])] if opened in places else []


def _known(run: RunFolder) -> dict[str, tuple[str, str]]:
    """Return path and title of some validation pictures by id: of each class in turn."""
    rows = manifest.of_run(run).split("validation")
    turn = rows.groupby("label").cumcount().sort_values(kind="stable").index
    some = rows.loc[turn].head(KNOWN)
    every: Iterable[Any] = some.itertuples()
    return {row.id: (str(manifest.image_path(run.project, row.id)), row.label or _("no label")) for row in every}


def _unknown() -> dict[str, tuple[str, str]]:
    """Return path and title of some photographs of other things, by title."""
    return {title: (str(path), title) for title, path in list(bundled.photographs().items())[:UNKNOWN]}
