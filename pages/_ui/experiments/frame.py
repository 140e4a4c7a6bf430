"""An experiment as the page shows it: the button that starts it, how far it is, its result while it grows."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from pages._ui.shell import jobs, layout, workers
from tl_core.dataset import manifest
from tl_core.errors import TLError
from tl_core.experiments import experiment
from tl_core.experiments.experiment import Experiment
from tl_core.jobs import Job
from tl_core.language import N_, _
from tl_core.tasks import table as tasks
from tl_core.wording import ago, out_of
from tl_core.workspace import Project

EVERY = 1.0


@dataclass(frozen=True)
class Row:
    """A kind of experiment.

    Attributes:
        kind: of its jobs, a key of ``registry.KINDS``.
        title: the question that it answers; our own words.
        icon: a Material icon, ``":material/…:"``.
        lead: what it does, a sentence or two; our own words.
        form: draws what can be chosen, and returns what creates the experiment; None if it cannot start.
        result: draws what is known so far.
        name: returns what a part is called, for a person.
        standing: returns how far it is, as a fraction and a sentence in Markdown; None where its parts say so.
    """

    kind: str
    title: str
    icon: str
    lead: str
    form: Callable[[Project], Callable[[], Experiment] | None]
    result: Callable[[Experiment], None]
    name: Callable[[Job], str]
    standing: Callable[[Experiment], tuple[float, str]] | None = None


def show(project: Project, row: Row) -> None:
    """Draw a kind of experiment with its newest result."""
    workers.mark_interrupted()
    with st.container(border=True, key=f"experiment-{row.kind}"), layout.calm():
        st.header(f"{row.icon} {_(row.title)}", anchor=False)
        st.markdown(_(row.lead))
        current = experiment.newest(project, row.kind)
        if current is None:
            _start(project, row, _("Start"))
        elif current.active:
            st.fragment(run_every=EVERY)(_grow)(row, current)
        else:
            _ended(row, current)
            with layout.drawer(_("Measure again"), f"again-{row.kind}", ":material/refresh:") as again:
                if again.open:
                    _start(project, row, _("Measure again"))


def _start(project: Project, row: Row, label: str) -> None:
    if problems := tasks.of(project).problems(manifest.load(project), validated=False):
        for problem in problems:
            st.warning(layout.escape(problem), icon=":material/rule:")
        layout.link("pictures", _("Go to Pictures"))
        return
    create = row.form(project)
    off, key = create is None, f"start-{row.kind}"
    if st.button(label, icon=":material/play_arrow:", type="primary", disabled=off, key=key) and create is not None:
        workers.submit(create().parts())
        st.rerun()


def is_active(current: Experiment) -> bool:
    """Return whether an experiment goes on; one that was deleted meanwhile does not."""
    try:
        return current.active
    except TLError:
        return False


def _grow(row: Row, current: Experiment) -> None:
    with layout.calm():
        if not is_active(current):
            st.rerun()
        every = [job for job in current.parts() if job.active]
        fraction, text = row.standing(current) if row.standing else standing(row, current)
        waits = row.standing and all(job.state == "queued" for job in every)
        st.progress(fraction, text=f"{jobs.waiting(every[0])} {text}" if waits else text)
        for job in every:
            jobs.warnings(job.events())
        stop(row, current)
        row.result(current)


def stop(row: Row, current: Experiment) -> None:
    """Draw Stop; within a fragment."""
    stopping = all(job.stopping for job in current.parts() if job.active)
    label = _("Stopping …") if stopping else _("Stop")
    if st.button(label, icon=":material/stop:", disabled=stopping, key=f"stop-{row.kind}", help=_(_STOP)):
        current.stop()
        st.rerun(scope="fragment")


def standing(row: Row, current: Experiment) -> tuple[float, str]:
    """Return how far an experiment is, as a fraction and a sentence in Markdown."""
    parts = current.parts()
    running = [job for job in parts if job.state == "running"]
    ended = sum(1 for job in parts if not job.active)
    each = {job: jobs.describe(job.events()) for job in running}
    fraction = (ended + sum(share for share, _ in each.values())) / len(parts)
    doing = [f"{layout.escape(row.name(job))}: {text}" for job, (_, text) in each.items()]
    doing = doing or [jobs.waiting(next((job for job in parts if job.state == "queued"), parts[0]))]
    counted = [_("{parts} done").format(parts=out_of(ended, len(parts)))] if len(parts) > 1 else []
    return min(1.0, fraction), " · ".join([*counted, *doing])


def _ended(row: Row, current: Experiment) -> None:
    """Show the result, when it was made, and what is missing of it."""
    row.result(current)
    setup, state = current.setup, current.state
    for job in current.parts():
        jobs.warnings(job.events())
    failed = [f"{row.name(Job(current.folder / name))}: {error}" for name, error in current.errors().items()]
    for text in dict.fromkeys(failed):
        st.error(layout.escape(text), icon=":material/error:")
    about = [_("Measured {ago}.").format(ago=ago(time.time() - setup.created))]
    if current.project.about().manifest != setup.manifest:
        about.append(_("The pictures have changed since: measure again to include that."))
    st.caption(" ".join(about))
    if state in ("cancelled", "interrupted", "failed"):
        why = {"cancelled": _("Stopped before its end."), "interrupted": _("The app was closed before its end.")}
        st.markdown(" ".join(filter(None, [why.get(state), _("What is done stays.")])))
        if st.button(_("Resume"), icon=":material/play_arrow:", key=f"resume-{row.kind}"):
            workers.submit(current.parts())
            st.rerun()


_STOP = N_("Keeps what is done.")
