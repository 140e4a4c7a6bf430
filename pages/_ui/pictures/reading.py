"""How a folder or an upload is read, shown before the import: another reading, or one class, may be chosen."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from pages._ui.pictures import projects, upload_route
from pages._ui.shell import layout, state
from tl_core import wording
from tl_core.ingest.sources import Source
from tl_core.workspace import Project

if TYPE_CHECKING:
    from tl_core.ingest.reading import Reading, Readings

#: The choice that gives all pictures one class.
ONE_CLASS = "one class"
#: Reasons of single files are shown up to this number.
MOST_ROWS = 1000


@dataclass(frozen=True)
class Pending:
    """What waits to be imported.

    Attributes:
        source: where it lies.
        name: that a project made from it gets.
        readings: the ways to read it.
        project: slug of the project that it goes into; None for a new one.
        token: of the upload that brought it; ``""`` for a folder on this machine.
    """

    source: Source
    name: str
    readings: "Readings"
    project: str | None = None
    token: str = ""

    def into(self, current: Project | None) -> bool:
        """Return whether it goes into this project, or into a new one."""
        return self.project is None or (current is not None and current.slug == self.project)


@dataclass(frozen=True)
class Choice:
    """What to import a source as: the name of a ``reading``, or a ``label`` for all its pictures."""

    reading: str | None = None
    label: str | None = None


def begin(source: Source, name: str, project: Project | None, token: str = "") -> None:
    """Read a source and let it wait for a person's choice. Raises InputError if it cannot be opened."""
    from tl_core.ingest import importer

    slug = project.slug if project else None
    state.set_pending(Pending(source, name, importer.readings(source), slug, token))


def drop(pending: Pending) -> None:
    """Forget what waits; an upload is removed from the disk."""
    state.set_pending(None)
    upload_route.discard(pending.token, state.workspace())


def choose(pending: Pending, classes: list[str]) -> Choice | None:
    """Draw how a source is read, with the choice, and return what is to be imported once Import is pressed."""
    with st.container(border=True, key="reading"):
        st.header("Check before the import", anchor=False)
        if pending.project is None:
            st.text(f"New project: {projects.free_name(pending.name)}")
        choice = _choice(pending.readings, classes)
        with st.container(horizontal=True):
            ready = choice is not None and _any(pending.readings)
            pressed = st.button("Import", type="primary", icon=":material/download_done:", disabled=not ready)
            if st.button("Discard", icon=":material/close:", key="discard-reading"):
                drop(pending)
                st.rerun()
    return choice if pressed else None


def _any(readings: "Readings") -> bool:
    return bool(readings.best.places) or _loose(readings) > 0


def _loose(readings: "Readings") -> int:
    """Return how many pictures lie in no class folder."""
    from tl_core.ingest.layouts import NO_CLASS, UNNAMED

    return sum(item.reason in (NO_CLASS, UNNAMED) for item in readings.best.left_out)


def _choice(readings: "Readings", classes: list[str]) -> Choice | None:
    """Draw the reading, the others where there are any, and the class of loose pictures; None if one is missing."""
    options = [reading.name for reading in readings.every if reading.name]
    if len(readings.best.classes) < 2 or readings.best.doubt:
        options.append(ONE_CLASS)
    chosen = _radio(readings, options) if len(options) > 1 else options[0]
    if chosen is None:
        return None
    if chosen == ONE_CLASS:
        return _one_class(readings, classes)
    _show(readings.choose(chosen))
    return Choice(reading=chosen)


def _radio(readings: "Readings", options: list[str]) -> str | None:
    titles = {each.name: layout.escape(each.title) for each in readings.every} | {ONE_CLASS: "One class for all"}
    if readings.best.doubt:
        st.warning(layout.escape(f"{readings.best.doubt} Choose what gives the classes."), icon=":material/help:")
    return st.radio(
        "What gives the classes",
        options,
        index=None if readings.best.doubt else 0,
        format_func=titles.__getitem__,
        key="reading-choice",
    )


def _one_class(readings: "Readings", classes: list[str]) -> Choice | None:
    loose = len(readings.best.places) + _loose(readings)
    if not loose:
        st.markdown("There is no picture in it.")
        _left_out(readings.best)
        return None
    if not readings.names:
        st.markdown(f"{wording.pictures(loose)} without a class.")
    label = st.selectbox(
        "Which class?",
        classes,
        index=None,
        accept_new_options=True,
        placeholder="Choose a class, or type a new one",
        width=360,
        key="reading-label",
    )
    return Choice(label=label) if label and label.strip() else None


def _show(reading: "Reading") -> None:
    first, *others = reading.sentences()
    st.markdown(f"**{layout.escape(first)}**")
    if others:
        st.markdown("\n".join(f"- {layout.escape(sentence)}" for sentence in others))
    _left_out(reading)


def _left_out(reading: "Reading") -> None:
    """Show the files that are left out, each with the reason."""
    items = reading.left_out
    if not items:
        return
    with st.expander(f"Left out ({wording.number(len(items))})"):
        shown = [{"File": item.name, "Reason": item.reason} for item in items[:MOST_ROWS]]
        st.dataframe(shown, hide_index=True, height=min(260, 38 + 35 * len(shown)))
        if len(items) > MOST_ROWS:
            st.caption(f"The first {wording.number(MOST_ROWS)} of them.")
