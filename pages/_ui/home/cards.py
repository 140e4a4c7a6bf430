"""The projects as cards: pictures, how good the newest model is, and the way on."""

import contextlib
import time

import streamlit as st

from pages import steps
from pages._ui.shell import kinds, layout, strips
from tl_core import language, wording
from tl_core.accuracy import Accuracy
from tl_core.errors import TLError
from tl_core.files import read_stored, subfolders
from tl_core.language import _
from tl_core.lessons import lesson
from tl_core.runs import RunFolder
from tl_core.workspace import Project

MOST = 12


def show(every: list[Project]) -> None:
    """Show the projects, the one used last first; those of lessons are behind their lesson."""
    own = [each for each in every if not (each.about().source or "").startswith(lesson.SOURCE)]
    if not own:
        return
    st.header(_("Your projects"), anchor=False)
    with st.grid("auto", min_column_width=240, border=True):
        for project in own[:MOST]:
            with st.container(key=f"project-{project.slug}", gap="xsmall"), layout.calm():
                _card(project)
    if len(own) > MOST:
        words = _("The {most} projects used last. All {every} are on the Pictures page.")
        st.caption(words.format(most=MOST, every=wording.number(len(own))))


def _card(project: Project) -> None:
    if strip := strips.of_project(project):
        st.image(strip, width="stretch", alt=_("Pictures of the project {name}").format(name=project.name))
    st.text(project.name)
    st.caption(_summary(project))
    if said := how_good(project):
        st.caption(f":material/target: {said}")
    step = following(project)
    with st.container(horizontal=True):
        title = next(kinds.title(each, project) for each in steps.STEPS if each.key == step)
        layout.link(step, _("Go on: {step}").format(step=_(title)), project=project.slug, run="")


def following(project: Project) -> str:
    """Return the key of the step where one left off: the first that is not done; Try it once all before it are."""
    finished = layout.done(project) if project.about().manifest else set()
    return next((each.key for each in steps.STEPS if each.key not in finished), steps.STEPS[-1].key)


def how_good(project: Project) -> str:
    """Return how often the newest model that was measured is right, of which pictures; empty where there is none."""
    for run in map(RunFolder, sorted(subfolders(project.runs), reverse=True)):
        with contextlib.suppress(TLError, OSError):
            split, share = _measured(run)
            if share and share.accuracy is not None:
                right = wording.percent(share.accuracy, share.n)
                with language.speaking_of(project.about().kind):  # several labels are right together
                    return _("{share} of {pictures} right ({interval})").format(
                        share=right,
                        pictures=wording.of_split(share.n, split),
                        interval=wording.interval(*share.interval, share.n),
                    )
    return ""


def _measured(run: RunFolder) -> tuple[str, Accuracy | None]:
    """Return the accuracy of a run with its split: on test pictures where they were opened, else on validation ones."""
    if tested := read_stored(run.folder / "test.json", Accuracy):
        return "test", tested
    report = run.report() if run.ready else None
    return "validation", None if report is None or run.recipe.everything else report.validation


def _summary(project: Project) -> str:
    pictures = project.held()
    trained = sum(1 for _run in project.runs.glob("*/model.keras"))
    words = kinds.of(project)
    parts = [words.count(pictures) if pictures else _(words.none)]
    parts += [wording.plural(trained, "model", "models")] if trained else []
    return " · ".join([*parts, wording.ago(time.time() - project.touched)])
