"""Exported projects: one that waits to be opened, one that is opened now, and pictures that stayed elsewhere."""

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from pages._ui.pictures import upload_route
from pages._ui.shell import jobs, layout, state, workers
from tl_core import wording
from tl_core.ingest import archive
from tl_core.ingest.sources import Source
from tl_core.language import _
from tl_core.travel import record
from tl_core.travel.made import Opened
from tl_core.travel.record import Record
from tl_core.workspace import Edition, Project


def record_of(source: Source) -> Record | None:
    """Return what a source says of itself if it is an exported project, else None. Raises InputError."""
    path = _file(source)
    return record.of_file(path) if path is not None and path.is_file() else None


def _file(source: Source) -> Path | None:
    """Return the one file that a source consists of, where that may be an exported project."""
    if source.kind != "upload":
        return Path(source.path)
    staged = upload_route.files(Path(source.path))
    name, path = staged[0] if len(staged) == 1 else ("", None)
    return path if archive.is_archive(name) else None


def choose(about: Record, source: Source, name: str, started: Callable[[], object], drop: Callable[[], object]) -> None:
    """Draw what is in an exported project that waits, with the buttons to open or discard it."""
    with st.container(border=True, key="reading"):
        st.header(_("This is an exported project"), anchor=False)
        st.text(_("New project: {name}").format(name=state.workspace().free_name(about.name)))
        st.markdown(f"**{layout.escape(about.sentence())}**")
        if about.listed and not about.pictures:
            st.markdown(_("Import the same pictures into it afterwards: each finds its place."))
        if about.opened:
            times = wording.times(about.opened)
            st.markdown(_("Its test pictures were opened {times}. That stays counted.").format(times=times))
        with st.container(horizontal=True):
            if st.button(_("Import project"), type="primary", icon=":material/download_done:", key="import-project"):
                _start(source, name, started)
            if st.button(_("Discard"), icon=":material/close:", key="discard-reading"):
                drop()
                st.rerun()


def _start(source: Source, name: str, started: Callable[[], object]) -> None:
    path, root = _file(source), str(state.workspace().root)
    job = workers.queue_job("unpack", workspace=root, path=str(path), name=f"{name}.zip" if name else "the zip")
    started()
    state.set_job(job)
    st.switch_page("images.py", query_params=dict(st.query_params))


def show_job() -> None:
    """Show the import of a project: its progress (the page stops there), then what was imported."""
    if jobs.panel("unpack", _("Importing the project")):
        st.stop()
    job = jobs.current("unpack")
    if job is None or job.state != "done":
        return
    opened = Opened(**(job.status().result or {}))
    state.set_project(state.workspace().project(opened.project))
    state.set_job(job)
    with st.container(
        border=True,
        key="import-report",
        horizontal=True,
        horizontal_alignment="distribute",
        vertical_alignment="center",
    ):
        imported = _("Imported.")
        st.markdown(f":material/task_alt: **{imported}** {layout.escape(opened.sentence)}", width="stretch")
        if st.button(_("Close"), type="tertiary", icon=":material/close:", key="close-report"):
            state.set_job(None)
            st.rerun()


def show_missing(project: Project) -> None:
    """Say which pictures a project lacks that came with only their list; nothing once all are here."""
    about = project.about()
    if not (about.incomplete and about.manifest):
        return
    lost, listed = _missing(project.edition(about.manifest), len(list((project.folder / "imports").glob("*.json"))))
    if lost:
        st.warning(
            _(
                "{some} of {pictures} are not on this machine: only their list came. "
                "Import the same pictures with “Add more pictures”; each finds its place. Training needs them."
            ).format(some=wording.number(lost), pictures=wording.pictures(listed)),
            icon=":material/image_not_supported:",
        )


@st.cache_data(max_entries=8, show_spinner=False)
def _missing(of: Edition, imports: int) -> tuple[int, int]:
    """Return how many pictures are missing, and how many are listed; counted again after each import."""
    from tl_core.dataset import manifest
    from tl_core.travel import unpack

    return len(unpack.missing(of.project)), len(manifest.load(of.project, of.version).table)
