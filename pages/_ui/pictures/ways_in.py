"""Ways to import: a folder or a zip through the browser, a folder on this machine, the camera, a sample."""

from functools import partial

import streamlit as st

from pages._ui.pictures import camera, exported, projects, reading, samples, upload_route
from pages._ui.pictures.importing import show_pictures_page, start
from pages._ui.pictures.reading import Pending
from pages._ui.pictures.uploader import IMPORT, INTO_A_CLASS, PROJECT, Uploaded, finished, uploader
from pages._ui.shell import layout, state
from tl_core import paths
from tl_core.ingest.sources import Source
from tl_core.language import _
from tl_core.workspace import Project

WAYS = "ways-in"


def ways_in(current: Project | None) -> None:
    """Draw the ways as tabs; only the open one is run."""
    ways = {
        ":material/drive_folder_upload: " + _("Folder or zip"): upload,
        _titled_camera(): _camera,
        ":material/category: " + _("Sample"): _sample,
    }
    if state.is_local():
        ways[_titled_path()] = _path
    tabs = st.tabs(list(ways), **state.kept(WAYS, next(iter(ways)), list(ways)))
    for tab, way in zip(tabs, ways.values(), strict=True):
        if tab.open:
            with tab, layout.calm():
                way(current)


def _titled_camera() -> str:
    return ":material/photo_camera: " + _("Camera")


def _titled_path() -> str:
    return ":material/computer: " + _("Folder on this machine")


def to_others() -> None:
    """Draw the buttons that lead to the ways that need the Pictures page, in a project that has no pictures yet."""
    with st.container(horizontal=True, gap="small"):
        if st.button(_("Camera"), icon=":material/photo_camera:", key="by-camera"):
            _into_empty_project()
            camera.open_first(state.project())
            state.keep(WAYS, _titled_camera())
            show_pictures_page()
        if state.is_local() and st.button(_("Folder on this machine"), icon=":material/computer:", key="by-path"):
            _into_empty_project()
            state.keep(WAYS, _titled_path())
            show_pictures_page()


def _into_empty_project() -> None:
    """Make a project without pictures the current one; a new one where there is none, but before the first."""
    state.set_job(None)
    if state.has_pictures(state.project()):
        empty = (each for each in state.workspace().projects() if not state.has_pictures(each))
        if (found := next(empty, None)) is None:
            projects.create(_(projects.NEW_NAME))
        else:
            state.set_project(found)


def upload(current: Project | None, label: str | None = None) -> None:
    """Draw the uploader; what comes through it goes into the project, or, if a class is given, into that class."""
    # Each place has an upload of its own: what was sent for one project or class never goes into another.
    key = f"upload-{current.slug if current else ''}-{label or ''}"
    uploaded = finished(key)
    if uploaded is not None and label is not None:
        start(current, uploaded.source, uploaded.name, uploaded.taken, reading.Choice(label=label))
    if uploaded is not None:
        _let_wait(uploaded, current)
    uploader(key, INTO_A_CLASS if label is not None else IMPORT)


def into_class(current: Project | None, label: str) -> None:
    """Open the dialog that adds pictures to a class, which may be a new one."""
    st.dialog(_("Add pictures to a class"), width="large")(_draw_into_class)(current, label)


def _draw_into_class(current: Project | None, label: str) -> None:
    with layout.calm():
        said = _("All pictures that you choose here go into the class **{label}**.")
        st.markdown(said.format(label=layout.escape(label)))
        upload(current, label)


def upload_project() -> None:
    """Draw the popover with the uploader for an exported project."""
    # Another key once something waits: the popover closes, and does not lie over the question.
    asked = state.staged(state.WAITING) is not None
    with st.popover(_("Import project"), icon=":material/unarchive:", key=f"import-project-menu-{asked}"):
        if (uploaded := finished("upload-project")) is not None:
            _let_wait(uploaded, None)
        uploader("upload-project", PROJECT)


def _let_wait(uploaded: Uploaded, current: Project | None) -> None:
    """Show on the Pictures page how what has come is read."""
    with layout.calm():
        reading.begin(uploaded.folder, Pending(uploaded.source, uploaded.name, current.slug if current else None))
        uploaded.taken()
        show_pictures_page()
    upload_route.discard(uploaded.token, state.workspace())  # it cannot be read: make room for another one


def show_waiting(current: Project | None) -> None:
    """Show how what was chosen is read, if it waits to be imported into this project; the page stops there."""
    folder = state.staged(state.WAITING)
    waiting = reading.waiting(folder) if folder else None
    if folder is None or waiting is None or not waiting.into(current):
        return
    state.set_staged(state.WAITING, folder)
    target = current if waiting.project else None
    with layout.calm():
        if (about := exported.record_of(waiting.source)) is not None:
            exported.choose(
                about, waiting.source, waiting.name, partial(reading.end, folder), partial(reading.drop, folder)
            )
            st.stop()
        choice = reading.choose(folder, waiting, class_names(target))
        if choice is not None:
            start(target, waiting.source, waiting.name, partial(reading.end, folder), choice)
        st.stop()
    reading.drop(folder)  # it cannot be read any more: make room for another one


def _path(current: Project | None) -> None:
    with st.form("folder-on-this-machine"):
        path = st.text_input(_("Folder or zip on this machine"), placeholder="/home/me/pictures")
        st.caption(_("One sub-folder per class. The pictures are copied; the folder stays as it is."))
        if st.form_submit_button(_("Look inside"), type="primary") and path.strip():
            place = paths.existing(path, relative=False)
            pending = Pending(Source("folder", str(place)), place.stem, current.slug if current else None)
            reading.begin(upload_route.new_folder(state.workspace()), pending)
            show_pictures_page()


def _camera(current: Project | None) -> None:
    if state.has_pictures(current):
        st.markdown(_("Press **Camera** on the card of a class above, or **Add a class** first."))
        return
    st.markdown(_("Press **Camera** on a class and hold the button to record it; then the other one."))
    with st.grid("auto", min_column_width=220, border=True):
        camera.planned_cards(current, [], into_class)
    camera.add_class(current, [])


def _sample(current: Project | None) -> None:
    samples.cards()


def class_names(current: Project | None) -> list[str]:
    """Return the classes that the project has so far."""
    if not state.has_pictures(current):
        return []
    from tl_core.dataset import manifest

    return manifest.load(current).classes
