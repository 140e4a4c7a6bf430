"""Ways to import: a folder or a zip through the browser, a folder on this machine, the camera, a sample."""

from collections.abc import Callable

import streamlit as st

from pages._ui.pictures import projects, samples, upload_route
from pages._ui.pictures.uploader import uploader
from pages._ui.shell import layout, state, workers
from tl_core import paths
from tl_core.files import to_json
from tl_core.ingest.sources import Source
from tl_core.workspace import Project


def ways_in(current: Project | None) -> None:
    """Draw the ways as tabs; only the open one is run."""
    ways = {
        ":material/drive_folder_upload: Folder or zip": upload,
        ":material/photo_camera: Camera": _camera,
        ":material/category: Sample": _sample,
    }
    if state.is_local():
        ways[":material/computer: Folder on this machine"] = _path
    tabs = st.tabs(list(ways), **state.kept("ways-in", next(iter(ways)), list(ways)))
    for tab, way in zip(tabs, ways.values(), strict=True):
        if tab.open:
            with tab, layout.calm():
                way(current)


def upload(current: Project | None, label: str | None = None) -> None:
    """Draw the uploader; what comes through it goes into the project, or, if a class is given, into that class."""
    # Each place has an upload of its own: what was sent for one project or class never goes into another.
    uploaded = uploader(key=f"upload-{current.slug if current else ''}-{label or ''}")
    if uploaded is not None:
        start_import(current, uploaded.source, uploaded.name, uploaded.taken, label=label)


def _path(current: Project | None) -> None:
    with st.form("folder-on-this-machine"):
        path = st.text_input("Folder or zip on this machine", placeholder="/home/me/pictures")
        st.caption("One sub-folder per class. The pictures are copied; the folder stays as it is.")
        if st.form_submit_button("Import", type="primary") and path.strip():
            place = paths.existing(path, relative=False)
            start_import(current, Source("folder", str(place)), place.stem)


def _camera(current: Project | None) -> None:
    classes = class_names(current)
    # Each project has its own: the class of one is not offered in another.
    choice = state.kept(f"camera-class-{current.slug if current else ''}", classes[0] if classes else None)
    label = st.selectbox("Class of the pictures", classes, index=None, accept_new_options=True, **choice)
    with st.form("camera", clear_on_submit=True, border=False):
        shot = st.camera_input("Take a picture", width=480)
        if st.form_submit_button("Add to the class", type="primary"):
            _add_shot(current, label, shot.getvalue() if shot else None)


def _add_shot(current: Project | None, label: str | None, data: bytes | None) -> None:
    if not label or not data:
        st.warning("Choose a class and take a picture first.")
        return
    from tl_core.ingest import importer

    target = current or projects.create(projects.NEW_NAME)
    workspace = state.workspace()
    folder = upload_route.stage(workspace.uploads, "camera.jpg", data)
    try:
        importer.import_source(target, Source("upload", str(folder)), label=label)
    finally:
        upload_route.remove(folder, workspace)
    st.rerun()


def _sample(current: Project | None) -> None:
    samples.cards()


def class_names(current: Project | None) -> list[str]:
    """Return the classes that the project has so far."""
    if not state.has_pictures(current):
        return []
    from tl_core.dataset import manifest

    return manifest.load(current).classes


def start_import(
    current: Project | None,
    source: Source,
    name: str,
    started: Callable[[], None] = lambda: None,
    *,
    label: str | None = None,
) -> None:
    """Start the import of a source into the current project, or a new one of that name, and show it.

    A ``label`` is the class of all its pictures; without one their folders say it.

    Nothing of Streamlit is called before the job is queued and ``started`` was called: no rerun can come between.
    """
    target = current or state.workspace().create_project(projects.free_name(name))
    job = workers.queue_job("import", project=str(target.folder), source=to_json(source), label=label)
    started()
    state.set_project(target)
    state.set_job(job)
    # Not st.rerun: after it the browser may keep the old address, and a refresh would lose the job.
    st.switch_page("images.py", query_params=dict(st.query_params))
