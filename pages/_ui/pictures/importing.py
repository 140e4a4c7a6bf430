"""The start of an import: the job, the project that it goes into, and the page that shows it."""

from collections.abc import Callable
from dataclasses import asdict

import streamlit as st

from pages._ui.pictures import projects
from pages._ui.pictures.box_reading import BoxChoice
from pages._ui.pictures.reading import Choice
from pages._ui.pictures.text_reading import TextChoice
from pages._ui.shell import state, workers
from tl_core.dataset import kinds
from tl_core.files import to_json
from tl_core.ingest.sources import Source
from tl_core.workspace import Project


def start(
    current: Project | None,
    source: Source,
    name: str,
    started: Callable[[], object],
    choice: Choice | TextChoice | BoxChoice,
) -> None:
    """Start the import of a source, as chosen, into the current project, or a new one of that name, and show it.

    Nothing of Streamlit is called before the job is queued and ``started`` was called: no rerun can come between.
    """
    target = current
    if target is None:
        target = state.workspace().create_project(projects.free_name(name))
        hand_over(target)
    kinds.claim(target, choice.things)
    job = workers.queue_job(choice.job, project=str(target.folder), source=to_json(source), **asdict(choice))
    started()
    state.set_project(target)
    state.set_job(job)
    show_pictures_page()


def show_pictures_page() -> None:
    """Go to the Pictures page, or draw it again, with the query string as it is now."""
    # Not st.rerun: after it the browser may keep the old address, and a refresh would lose what is in it.
    st.switch_page("images.py", query_params=dict(st.query_params))


def hand_over(project: Project) -> None:
    """Give a new project the classes that were named before there was one."""
    state.plan_classes(project, state.planned_classes(None))
    state.plan_classes(None, ())
