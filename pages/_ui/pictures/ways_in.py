"""Ways to import: a folder or a zip through the browser, a folder on this machine, the camera, a sample."""

from collections import Counter
from collections.abc import Callable

import streamlit as st

from pages._ui.pictures import samples, upload_route
from pages._ui.pictures.uploader import uploader
from pages._ui.shell import layout, state, workers
from tl_core import paths
from tl_core.files import to_json
from tl_core.ingest.sources import Source
from tl_core.workspace import Project

NEW_NAME = "My pictures"


def ways_in(current: Project | None) -> None:
    """Draw the ways as tabs; only the open one is run."""
    ways = {
        ":material/drive_folder_upload: Folder or zip": _upload,
        ":material/photo_camera: Camera": _camera,
        ":material/category: Sample": _sample,
    }
    if state.is_local():
        ways[":material/computer: Folder on this machine"] = _path
    for tab, way in zip(st.tabs(list(ways), on_change="rerun", key="ways-in"), ways.values(), strict=True):
        if tab.open:
            with tab, layout.calm():
                way(current)


def _upload(current: Project | None) -> None:
    uploaded = uploader(key="upload-folder")
    if uploaded is not None:
        start_import(current, uploaded.source, uploaded.name, uploaded.taken)


def _path(current: Project | None) -> None:
    with st.form("folder-on-this-machine"):
        path = st.text_input("Folder or zip on this machine", placeholder="/home/me/pictures")
        st.caption("One sub-folder per class. The pictures are copied; the folder stays as it is.")
        if st.form_submit_button("Import", type="primary") and path.strip():
            place = paths.existing(path, relative=False)
            start_import(current, Source("folder", str(place)), place.stem)


def _camera(current: Project | None) -> None:
    classes = class_names(current)
    label = st.selectbox(
        "Class of the pictures", classes, index=0 if classes else None, accept_new_options=True, key="camera-class"
    )
    with st.form("camera", clear_on_submit=True, border=False):
        shot = st.camera_input("Take a picture", width=480)
        if st.form_submit_button("Add to the class", type="primary"):
            _add_shot(current, label, shot.getvalue() if shot else None)


def _add_shot(current: Project | None, label: str | None, data: bytes | None) -> None:
    if not label or not data:
        st.warning("Choose a class and take a picture first.")
        return
    from tl_core.ingest import importer

    target = current or new_project(NEW_NAME)
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


def new_project(name: str) -> Project:
    """Create a project and make it the current one."""
    created = state.workspace().create_project(name.strip()[:80] or NEW_NAME)
    state.set_project(created)
    return created


def start_import(
    current: Project | None, source: Source, name: str, started: Callable[[], None] = lambda: None
) -> None:
    """Start the import of a source into the current project, or a new one of that name, and show it.

    Nothing of Streamlit is called before the job is queued and ``started`` was called: no rerun can come between.
    """
    target = current or state.workspace().create_project(name.strip()[:80] or NEW_NAME)
    job = workers.queue_job("import", project=str(target.folder), source=to_json(source))
    started()
    state.set_project(target)
    state.set_job(job)
    # Not st.rerun: after it the browser may keep the old address, and a refresh would lose the job.
    st.switch_page("images.py", query_params=dict(st.query_params))


def choose_project(current: Project | None) -> None:
    """Draw the choice between projects, and the way to a new one."""
    projects = state.workspace().projects()
    if not projects:
        return
    slugs = [project.slug for project in projects]
    # Streamlit tells options apart by what they read, so no two may read the same.
    names = Counter(project.name for project in projects)
    titles = {each.slug: each.name if names[each.name] == 1 else f"{each.name} ({each.slug})" for each in projects}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox(
            "Project",
            slugs,
            index=slugs.index(current.slug) if current else 0,
            format_func=titles.__getitem__,
            width=360,
        )
        if current is not None and chosen != current.slug:
            state.set_project(state.workspace().project(chosen))
            state.set_job(None)
            st.rerun()
        with st.popover("New project", icon=":material/add:"), st.form("new-project", border=False):
            name = st.text_input("Name", value=NEW_NAME, max_chars=80)
            if st.form_submit_button("Create", type="primary"):
                new_project(name)
                state.set_job(None)
                st.rerun()
