"""What the first page shows of the workspace: projects, and jobs and experiments that were interrupted."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

import streamlit as st

from pages._ui.shell import kinds, layout, state, workers
from tl_core import jobs
from tl_core.about import Things
from tl_core.experiments import experiment
from tl_core.experiments.experiment import Experiment
from tl_core.jobs import Job
from tl_core.language import N_, _
from tl_core.lessons import lesson, record
from tl_core.workspace import Project, Workspace

MOST = 12
WORK = {
    "train": N_("A training run"),
    "import": N_("An import of pictures"),
    "import-texts": N_("An import of texts"),
    "import-boxes": N_("An import of pictures with boxes"),
    "sample": N_("A sample"),
    "download": N_("A download"),
    "pack": N_("The export of a project"),
    "unpack": N_("The import of a project"),
    "dataset": N_("The export of pictures"),
}
EXPERIMENTS = {
    "race": N_("A race"),
    "shootout": N_("A comparison of networks"),
    "learning-curve": N_("A learning curve"),
    "search": N_("A search for the best recipe"),
}


def kinds_of_things(choose: Callable[[Things], object]) -> None:
    """Draw what can be told apart, each with a drawing and the button that opens a project for it."""
    with st.container(key="kinds"), st.grid(2, min_column_width=130):
        for each in kinds.EVERY:
            with st.container(key=f"kind-{each.id}", gap="xsmall"):
                st.image(str(layout.ASSETS / "kinds" / each.drawing), width="stretch", alt=_(each.drawn))
                if st.button(_(each.choice), icon=each.icon, key=f"new-{each.id}", width="stretch"):
                    choose(each.id)


def interrupted(workspace: Workspace) -> None:
    """Offer to resume or discard the jobs and experiments that a stopped server left behind."""
    workers.mark_interrupted()
    cut = [job for job in jobs.unfinished(workspace) if job.state == "interrupted"]
    experiments = {Experiment(job.folder.parent): job.kind for job in cut if job.kind in EXPERIMENTS}
    for job in [job for job in cut if job.kind in WORK][:MOST]:
        key = f"{job.folder.parent.parent.name}-{job.id}"
        _cut(
            _("{what} was interrupted.").format(what=_(WORK[job.kind])), _name(job), key, partial(resume, job), job.stop
        )
    for each, kind in sorted(experiments.items(), key=lambda each: each[0].id)[:MOST]:
        if experiment.newest(each.project, kind) == each and not each.active:  # its page shows the newest
            what, key = _("{what} was interrupted.").format(what=_(EXPERIMENTS[kind])), f"{each.project.slug}-{each.id}"
            _cut(what, each.project.name, key, partial(resume_experiment, each), each.stop)


def _cut(what: str, name: str, key: str, resume: Callable[[], None], discard: Callable[[], object]) -> None:
    """Draw what was interrupted, with the two things that can be done about it."""
    with layout.calm(), st.container(border=True, horizontal=True, vertical_alignment="center", key=f"cut-{key}"):
        st.markdown(f":material/pause_circle: {what}", width="content")
        st.text(name, width="stretch")
        if st.button(_("Resume"), key=f"resume-{key}", type="primary"):
            resume()
        if st.button(_("Discard"), key=f"drop-{key}"):
            discard()
            st.rerun()


def damaged(workspace: Workspace) -> None:
    """Name the projects that cannot be read, and offer to repair them; everything else goes on."""
    for project in workspace.damaged_projects()[:MOST]:
        with layout.calm(), st.container(border=True, key=f"damaged-{project.slug}"):
            st.error(layout.escape(project.damage() or ""), icon=":material/broken_image:")
            st.caption(_("Repairing finds its pictures and runs again. Only the name of the project is lost."))
            if st.button(_("Repair"), icon=":material/build:", key=f"repair-{project.slug}"):
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
        if job.kind in ("import", "import-texts", "import-boxes", "pack", "dataset"):
            state.set_project(Project(Path(job.task.args["project"])))
        state.set_job(job)
    st.switch_page(page, query_params=dict(st.query_params))


def resume_experiment(chosen: Experiment) -> None:
    """Resume an experiment and show its page."""
    workers.submit(chosen.parts())
    state.set_project(chosen.project)
    st.switch_page("experiments.py", query_params=dict(st.query_params))


def lessons(workspace: Workspace) -> None:
    """Draw the way to each lesson; those that are done have a tick."""
    with st.container(border=True, key="lessons"):
        st.header(_(":material/school: Learn by trying"), anchor=False)
        st.markdown(_("Five lessons of ten minutes: guess, let it run, look. They need no pictures of your own."))
        with st.container(horizontal=True):
            for each in lesson.all_lessons():
                done = record.done(workspace, each) == len(each.rounds)
                layout.link("learn", _(each.title), icon=":material/check:" if done else each.icon, lesson=each.id)
