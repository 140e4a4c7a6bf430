"""The frame around every page: header, stepper, guards, links to the next step, calm messages."""

import contextlib
import html
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NoReturn

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages._ui.shell import door, people, present, state
from pages._ui.shell import kinds as things
from pages._ui.shell.terms import terms
from pages.steps import BESIDE, PAGES, PEOPLE, ROOM, STEPS, Step
from tl_core import mode, runs, storage
from tl_core.about import Things
from tl_core.dataset import kinds
from tl_core.errors import FullDiskError, TLError
from tl_core.language import _
from tl_core.lessons import glossary
from tl_core.runs import RunFolder
from tl_core.storage import Trashed
from tl_core.wording import size
from tl_core.workspace import Edition, Project

ASSETS = Path(__file__).resolve().parents[3] / "assets"
FRAME = Path(__file__).with_name("frame.css")
WIDTH = 1080
#: A page that is not about the current project. Nor is Home, which is no step.
ABROAD = "learn"


def header() -> None:
    """Draw the logo, on every page, and load the few rules that the theme has no words for."""
    st.html(FRAME)
    st.logo(str(ASSETS / "logo.svg"), size="large", icon_image=str(ASSETS / "logo.svg"))


def only_for_people_who_are_in() -> None:
    """Where several people share the server, stop a page that nobody is let in to, with the way in."""
    if not people.is_admitted():
        signs_in = mode.has_sign_in()
        with body(), st.container(border=True, key="nobody"):
            st.markdown(_(people.ENDED) if signs_in else _(people.NOBODY))
            label = _("Sign in") if signs_in else _("Join the room")
            # Plain HTML: who is not in is given no more scripts of Streamlit, as those of its buttons.
            st.html(f'<a href="{door.base()}{door.way_in()}" target="_self">{html.escape(label)}</a>')
        st.stop()


def speak_of_project(page: str) -> None:
    """Let the page of this address speak of what the current project holds, if it is about the project."""
    about = any(Path(step.file).stem == page for step in PAGES if step.key != ABROAD)
    current = state.project() if about else None
    state.speak_of(kinds.of(current) if current else kinds.PICTURES)


def body() -> DeltaGenerator:
    """Return the container that pages draw in: one readable column in the middle of a wide window.

    A presentation has all of the window.
    """
    return st.container(horizontal_alignment="center").container(width="stretch" if present.asked() else WIDTH)


def begin_page(
    title: str, icon: str, step: str | None = None, lead: str = "", *, name_project: bool = True
) -> Project | None:
    """Begin a page: stepper, title, current project. The first statement of each page.

    Args:
        title: what the page is called; our own words, Markdown is rendered.
        icon: a Material icon, ``":material/…:"``.
        step: key of the step that the page is (see ``pages/steps.py``); None for pages beside the way.
        lead: one sentence under the title; our own words.
        name_project: False where the page itself shows which project is meant.

    Returns:
        The current project, or None where there is none yet.
    """
    current = state.settle()
    state.enter(title)
    if present.begins(step):
        return current
    finished = done(current)
    stepper(current, finished, step)
    with st.container(horizontal=True, vertical_alignment="center", key="head"):
        st.title(f"{icon} {title}", anchor=False, width="stretch")
        explained(step)
        _next_top(finished, step)
    if lead:
        st.markdown(lead)
    undo_deletion()
    if current is not None and step is not None and name_project:
        project_line(current)
    return current


def explained(step: str | None) -> None:
    """Draw the link to what Learn says of a page, and underline the words of the page that are explained there."""
    words = glossary.load()
    if step is not None and words.page(step):
        with st.container(key="what", width="content"):
            link("learn", _("What is this?"), icon=":material/help:", about=step)
    with st.container(key="words-of-page", width="content"):
        if (asked := terms(words.words)) and step != "learn":
            st.switch_page("learn.py", query_params={**state.query(), "word": asked})


def stepper(current: Project | None, finished: set[str], step: str | None) -> None:
    """Draw the way from pictures to prediction as links; finished steps are ticked."""
    with st.container(horizontal=True, gap="xsmall", key="stepper", vertical_alignment="center"):
        st.page_link("home.py", label=_("Home"), icon=":material/home:", query_params=state.query())
        for number, each in enumerate(STEPS, start=1):
            icon = ":material/check_circle:" if each.key in finished else f":material/counter_{number}:"
            title = _(things.title(each, current))
            label = f"**{title}**" if each.key == step else title
            st.page_link(each.file, label=label, icon=icon, query_params=state.query())
        for each in BESIDE:
            _to(each, step)
        _who(step)


def _who(step: str | None) -> None:
    """Say as whom one is in, lead who looks after the others to them, and offer the way out of a team's server."""
    if (space := people.current()) is not None:
        if space.is_teachers:
            _to(ROOM, step)
        elif mode.has_sign_in():
            if people.is_operator():
                _to(PEOPLE, step)
            with st.popover(escape(space.person().name), icon=":material/person:", type="tertiary", key="who"):
                st.button(_("Sign out"), icon=":material/logout:", key="sign-out", on_click=people.sign_out)
        else:
            st.markdown(f":material/person: {escape(space.person().name)}", width="content")


def _to(each: Step, step: str | None) -> None:
    label = f"**{_(each.title)}**" if each.key == step else _(each.title)
    st.page_link(each.file, label=label, icon=each.icon, query_params=state.query())


def _next_top(finished: set[str], step: str | None) -> None:
    """Draw the link to the next step beside the title, as soon as one can go on: nobody has to scroll to find it."""
    keys = [each.key for each in STEPS]
    needed = {"network": "pictures", "freeze": "pictures", "results": "train", "try": "train"}.get(step or "", step)
    if step in keys[:-1] and needed in finished:
        target = STEPS[keys.index(step) + 1]
        with st.container(key="next-top", width="content"):
            link(target.key, _("Next: **{page}**").format(page=_(target.title)))


def done(current: Project | None) -> set[str]:
    """Return the keys of the steps that this project has done: for pictures, that a network can learn from them."""
    if current is None:
        return set()
    draft, version = state.draft(current), current.about().manifest
    every = runs.of_project(current)
    trained = any(run.ready for run in every)
    each = {
        "pictures": version is not None and _trainable(current.edition(version)),
        "network": draft.backbone is not None or trained,
        "freeze": draft.freeze is not None or trained,
        "train": trained,
        "results": any(run.times_opened() for run in every),
        "take": any(run.exports.is_dir() for run in every),
    }
    return {key for key, finished in each.items() if finished}


@st.cache_data(max_entries=64, show_spinner=False)
def _trainable(of: Edition) -> bool:
    """Return whether training can start on a version of the pictures, which never changes."""
    from tl_core.dataset import manifest
    from tl_core.tasks import table

    with contextlib.suppress(TLError, OSError):
        return not table.of(of.project).problems(manifest.load(of.project, of.version))
    return False


def project_line(current: Project) -> None:
    """Name the current project, as plain text."""
    with st.container(horizontal=True, gap="xsmall", vertical_alignment="center", key="current-project"):
        st.markdown(":material/folder:", width="content")
        st.text(current.name, width="stretch")


def link(step: str, label: str, *, icon: str = ":material/arrow_forward:", **query: str) -> None:
    """Draw a link to a step that keeps the current project and run. ``label`` is our own words."""
    target = next(each for each in PAGES if each.key == step)
    st.page_link(
        target.file,
        label=label,
        icon=icon,
        icon_position="right",
        query_params={key: value for key, value in {**state.query(), **query}.items() if value},
    )


def next_step(step: str, label: str | None = None) -> None:
    """Draw the link to the step that comes next, at the end of a page."""
    target = next(each for each in STEPS if each.key == step)
    st.space("small")
    with st.container(border=True, horizontal=True, horizontal_alignment="right", key="next-step"):
        link(step, label or _("Next: **{page}**").format(page=_(target.title)))


def delete_button(words: str, folder: Path, delete: Callable[[bool], Trashed], *, means: str, key: str) -> None:
    """Draw a button that moves something to the trash; the page then offers to restore it, until it is left.

    Where the disk is too full for the trash, say so, and offer to delete it for good.

    Args:
        words: on the button.
        folder: of what is deleted.
        delete: does it, for good if that is true.
        means: what becomes of it in the trash, a sentence.
        key: of the button.
    """
    if st.button(words, icon=":material/delete:", key=key):
        with calm():
            try:
                state.set_deleted(delete(False))
                st.rerun()
            except FullDiskError:
                state.set_too_large(folder)
    if state.too_large() != folder:
        st.caption(means)
        return
    st.warning(
        _("The disk is too full even for the trash. Deleted for good, this frees room at once. It cannot be restored."),
        icon=":material/warning:",
    )
    if st.button(_("Delete for good"), icon=":material/delete_forever:", key=f"{key}-for-good"):
        with calm():
            delete(True)
            state.set_too_large(None)
            st.rerun()


def undo_deletion() -> None:
    """Say what was deleted on this page just now, with the button that restores it."""
    if (trashed := state.deleted()) is None:
        return
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="deleted"):
        st.text(
            _("“{name}” is in the trash. Emptying the trash on Home frees {size}.").format(
                name=trashed.name, size=size(trashed.bytes)
            )
        )
        if st.button(_("Undo"), icon=":material/undo:", key="undo-deletion"):
            with calm():
                restore(trashed)
                state.set_deleted(None)
                st.rerun()


def restore(trashed: Trashed) -> None:
    """Restore something from the trash and make it the current project or run."""
    place = storage.restore(state.workspace(), trashed.id)
    if trashed.kind == "project":
        state.set_project(Project(place))
    else:
        state.set_run(RunFolder(place))


def drawer(label: str, key: str, icon: str | None = None, *, opened: bool = False) -> Any:
    """Return an expander that stays open or closed through page changes and a reload; ``open`` says which it is."""
    choice = state.kept(key, opened)
    state.hold_widget(key)  # it may have another label than before
    return st.expander(label, icon=icon, **choice)


def require_project() -> Project:
    """Return the current project; without one say so in a sentence with a link, and stop the page."""
    current = state.project()
    if current is None:
        _missing(_("There are no pictures yet. Import some, or try a sample."), "pictures", _("Go to Pictures"))
    return current


def require_pictures(*also: Things) -> Project:
    """Return the current project, which has pictures; without them say so with a link, and stop the page.

    Args:
        also: what else the page is for, such as ``"texts"``. For anything else it says so, and stops.
    """
    current = require_project()
    if not state.has_pictures(current):
        words = things.of(current)
        _missing(_(words.import_first), things.STEP, _(words.go))
    if kinds.of(current) not in (kinds.PICTURES, *also):
        _missing(escape(kinds.only_pictures(current)), things.STEP, _(things.of(current).go))
    return current


def require_run() -> RunFolder:
    """Return the current run, which has a model; without one say so with a link, and stop the page.

    Where nobody has chosen one, it is the newest that has a model: a page does not wait for what is being trained.
    """
    project = require_project()
    current = state.run()
    if current and not current.ready and state.RUN not in state.query():
        current = next((run for run in runs.of_project(project) if run.ready), current)
    if current is None:
        _missing(_("Nothing has been trained in this project yet."), "train", _("Go to Train"))
    if not current.ready:
        _missing(_("This run has no trained model yet."), "train", _("Go to Train"))
    return current


def _missing(sentence: str, step: str, label: str) -> NoReturn:
    with st.container(border=True, key="missing"):
        st.markdown(sentence)
        link(step, label)
    st.stop()


@contextlib.contextmanager
def calm() -> Iterator[None]:
    """Show an error that a person can fix as a calm message; what follows the block still runs.

    Navigation wraps each page in it. Fragments rerun alone, so they wrap themselves.
    """
    try:
        yield
    except TLError as exc:
        st.error(escape(str(exc)), icon=":material/error:")


def escape(text: str) -> str:
    """Return text that somebody typed so that Streamlit's Markdown shows it as it is.

    Every punctuation mark gets a backslash. Where Streamlit looks at the finished text (``:smile:``, ``->``,
    bare web addresses) an invisible word joiner breaks the pattern.

    >>> escape("**cats**")
    '\\\\*\\\\*cats\\\\*\\\\*'
    """
    flat = " ".join(text.split())
    marked = re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", flat)
    broken = re.sub(r"(?<=[:@])|(?<=[-<>=])(?=\\[-<>=])", "\u2060", marked)
    return re.sub(r"(?i)\bwww(?=\\\.)", "www\u2060", broken)
