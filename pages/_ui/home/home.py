"""What the first page shows of the workspace: projects, and jobs that were interrupted."""

import time
from pathlib import Path

import streamlit as st

from pages._ui.shell import layout, state, strips, workers
from tl_core import jobs, wording
from tl_core.errors import DamagedError, NotFoundError
from tl_core.files import read_json
from tl_core.jobs import Job
from tl_core.workspace import Project, Workspace

MOST = 12
WORK = {
    "train": "A training run",
    "import": "An import of pictures",
    "sample": "A sample",
    "download": "A download",
    "pack": "The export of a project",
    "unpack": "The import of a project",
    "dataset": "The export of pictures",
}


def to_pictures(label: str) -> None:
    """Draw the button that leads to the Pictures page."""
    if st.button(label, type="tertiary", icon=":material/arrow_forward:", icon_position="right"):
        state.set_job(None)
        st.switch_page("images.py", query_params=state.query())


def interrupted(workspace: Workspace) -> None:
    """Offer to resume or discard the jobs that a stopped server left behind."""
    workers.mark_interrupted()
    cut = (job for job in jobs.unfinished(workspace) if job.state == "interrupted" and job.kind in WORK)
    for job in [*cut][:MOST]:
        with (
            layout.calm(),
            st.container(border=True, horizontal=True, vertical_alignment="center", key=f"cut-{job.id}"),
        ):
            st.markdown(f":material/pause_circle: {WORK[job.kind]} was interrupted.", width="content")
            st.text(_name(job), width="stretch")
            if st.button("Resume", key=f"resume-{job.folder.parent.parent.name}-{job.id}", type="primary"):
                resume(job)
            if st.button("Discard", key=f"drop-{job.folder.parent.parent.name}-{job.id}"):
                job.stop()
                st.rerun()


def damaged(workspace: Workspace) -> None:
    """Name the projects that cannot be read, and offer to repair them; everything else goes on."""
    for project in workspace.damaged_projects()[:MOST]:
        with layout.calm(), st.container(border=True, key=f"damaged-{project.slug}"):
            st.error(layout.escape(project.damage() or ""), icon=":material/broken_image:")
            st.caption("Repairing finds its pictures and runs again. Only the name of the project is lost.")
            if st.button("Repair", icon=":material/build:", key=f"repair-{project.slug}"):
                project.repair()
                st.rerun()


def _name(job: Job) -> str:
    folder = job.folder.parent.parent if job.kind == "train" else None
    name = Project(folder).name if folder else ""
    return f"{name} · {job.id}" if name else job.id


def resume(job: Job) -> None:
    """Resume a job and show its page."""
    workers.engine().submit(job)
    if job.kind == "train":
        page = "train.py"
        state.open_run(job)
    else:
        page = "model.py" if job.kind == "download" else "images.py"
        if job.kind in ("import", "pack", "dataset"):
            state.set_project(Project(Path(job.task.args["project"])))
        state.set_job(job)
    st.switch_page(page, query_params=dict(st.query_params))


def projects(every: list[Project]) -> None:
    """Show the projects as cards, the one used last first."""
    if not every:
        return
    st.header("Your projects", anchor=False)
    with st.grid("auto", min_column_width=240, border=True):
        for project in every[:MOST]:
            with st.container(key=f"project-{project.slug}", gap="xsmall"), layout.calm():
                _card(project)
    if len(every) > MOST:
        st.caption(f"The {MOST} projects used last. All {wording.number(len(every))} are on the Pictures page.")


def _card(project: Project) -> None:
    if strip := strips.of_project(project):
        st.image(strip, width="stretch", alt=f"Pictures of the project {project.name}")
    st.text(project.name)
    st.caption(_summary(project))
    layout.link("pictures", "Open", project=project.slug, run="")


def _summary(project: Project) -> str:
    pictures = _pictures(project)
    trained = sum(1 for _ in project.runs.glob("*/model.keras"))
    parts = [wording.pictures(pictures) if pictures else "No pictures yet"]
    parts += [wording.plural(trained, "model")] if trained else []
    return " · ".join([*parts, wording.ago(time.time() - project.touched)])


def _pictures(project: Project) -> int:
    version = project.about().manifest
    try:
        return int(read_json(project.manifests / f"{version:04d}.json")["pictures"]) if version else 0
    except (NotFoundError, DamagedError, KeyError, TypeError, ValueError):
        return 0
