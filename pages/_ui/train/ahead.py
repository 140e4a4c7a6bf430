"""The frozen pass that begins before Train is pressed: begun here, and shown in a quiet line."""

import streamlit as st

from pages._ui.shell import jobs as job_panel
from pages._ui.shell import layout, state, workers
from pages._ui.train import form
from tl_core import jobs, wording
from tl_core.dataset import manifest
from tl_core.files import subfolders, to_json
from tl_core.jobs import Job
from tl_core.language import N_, _
from tl_core.networks import tables, weights
from tl_core.recipe import Recipe
from tl_core.tasks import table
from tl_core.workspace import Project

KIND = "ahead"
EVERY = 2.0
OFF = N_("Thaw does not get pictures ready in the background.")


def show(project: Project) -> bool:
    """Begin the pass that the next run needs, unless something else goes on, and show how far it is.

    Returns:
        True once it is done.
    """
    if not state.workspace().preferences().ahead:
        _switch(_("Switch on"), _(OFF), ahead=True)
        return False
    wanted = _wanted(project)
    if wanted is None:
        return False
    job = _job(project, wanted)
    if (job is None or job.state in ("cancelled", "interrupted")) and workers.engine().idle:
        job = job or jobs.create_in(state.workspace(), KIND, project=str(project.folder), recipe=to_json(wanted))
        workers.engine().submit(job)
    if job is None:
        return False
    active, title = job.active, tables.title(wanted.backbone)
    st.fragment(run_every=EVERY if active else None)(_line)(job, title, active=active)
    return job.state == "done"


def _wanted(project: Project) -> Recipe | None:
    """Return the pass that the next run would begin with; None where it has none, or cannot be trained yet."""
    data = manifest.load(project)
    recipe = form.next_recipe(project, data)
    network = tables.get(recipe.backbone)
    there = recipe.weights == "imagenet" and weights.status(network, state.workspace()).state == "here"
    needed = there and recipe.epochs and not recipe.live
    return recipe.first_pass if needed and not table.of(project).problems(data) else None


def _job(project: Project, wanted: Recipe) -> Job | None:
    """Return the newest job that makes this pass; another pass of the project is stopped, since nobody needs it."""
    every = [Job(each) for each in subfolders(state.workspace().jobs_folder) if each.name.startswith(f"{KIND}-")]
    args = {job: job.task.args for job in every if job.state != "damaged"}
    mine = [job for job in args if args[job]["project"] == str(project.folder)]
    fitting = [job for job in mine if Recipe.from_json(args[job]["recipe"]) == wanted]
    for other in mine:
        if other not in fitting and other.active:
            other.stop()
    return max(fitting, key=lambda job: job.created, default=None)


def _line(job: Job, network: str, *, active: bool) -> None:
    status = job.status()
    if active and status.state not in ("queued", "running"):
        st.rerun()  # the rest of the page says how long the pass takes
    with layout.calm():
        if status.state == "done":
            seen = _("{network} has seen the pictures: training begins at once.")
            seen = seen if workers.engine().idle else _("{network} has seen the pictures.")
            st.caption(f":material/bolt: {seen.format(network=network)}")
        elif status.state in ("queued", "running"):
            share = wording.percent(job_panel.describe(job.events())[0])
            text = _("In the background {network} looks at the pictures: {share}.").format(network=network, share=share)
            _switch(_("Switch off"), text, ahead=False, job=job)
        elif status.state == "failed":
            st.caption(layout.escape(_("The pictures could not be made ready. {why}").format(why=status.error)))


def _switch(label: str, text: str, *, ahead: bool, job: Job | None = None) -> None:
    with st.container(horizontal=True, vertical_alignment="center", key="ahead"):
        st.caption(f":material/bolt: {text}", width="content")
        if st.button(label, type="tertiary", key="ahead-switch"):
            state.workspace().prefer(ahead=ahead)
            if job is not None:
                job.stop()
            st.rerun()
