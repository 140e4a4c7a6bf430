"""How a folder or an upload is read, shown before the import: another reading, or one class, may be chosen."""

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import streamlit as st

from pages._ui.pictures import exported, projects, upload_route
from pages._ui.shell import layout, state
from tl_core import language, wording
from tl_core.about import Things
from tl_core.files import read_stored, write_record
from tl_core.ingest.entries import LeftOut
from tl_core.ingest.sources import Source
from tl_core.language import _
from tl_core.text.guess import GUESSED, Chosen
from tl_core.workspace import Project

if TYPE_CHECKING:
    from tl_core.ingest.reading import Reading, Readings

#: In a folder among the uploads: what waits there. The address keeps the name of the folder, so a reload finds it.
WAITING = "waiting.json"

#: The choice that gives all pictures one class, and the one that gives them none.
ONE_CLASS, LATER = "one class", "later"
#: Reasons of single files are shown up to this number.
MOST_ROWS = 1000


@dataclass(frozen=True)
class Pending:
    """What waits to be imported.

    Attributes:
        source: where it lies.
        name: that a project made from it gets.
        project: slug of the project that it goes into; None for a new one.
        things: what it holds.
        chosen: how a person has corrected the reading of a table of texts.
    """

    source: Source
    name: str
    project: str | None = None
    things: Things = "pictures"
    chosen: Chosen = GUESSED

    def into(self, current: Project | None) -> bool:
        """Return whether it goes into this project, or into a new one."""
        return self.project is None or (current is not None and current.slug == self.project)


@dataclass(frozen=True)
class Choice:
    """What to import a source as: the name of a ``reading``, or the ``label`` and ``group`` of all its pictures.

    ``things`` says whether the pictures have one label each, or several.
    """

    job: ClassVar[str] = "import"

    reading: str | None = None
    label: str | None = None
    group: str = ""
    things: Things = "pictures"


def begin(folder: Path, pending: Pending, read: Callable[[Path, Pending], object]) -> None:
    """Read a source and let it wait for a person's choice, instead of what waited before.

    Args:
        folder: among the uploads: the upload that is the source, or a new one.
        pending: what waits.
        read: reads what it holds.

    Raises:
        InputError: the source cannot be opened.
    """
    if exported.record_of(pending.source) is None:
        read(folder, pending)
    earlier = state.staged(state.WAITING)
    write_record(folder / WAITING, pending)
    state.set_staged(state.WAITING, folder)
    if earlier is not None and earlier != folder:
        upload_route.remove(earlier, state.workspace())


def waiting(folder: Path) -> Pending | None:
    """Return what waits in a folder among the uploads, None if nothing does."""
    return read_stored(folder / WAITING, Pending)


def end(folder: Path) -> None:
    """Let nothing wait any more: a job has it now."""
    (folder / WAITING).unlink(missing_ok=True)
    with contextlib.suppress(OSError):
        folder.rmdir()  # only an empty one goes: that of a folder on this machine
    state.set_staged(state.WAITING, None)


def drop(folder: Path) -> None:
    """Forget what waits; an upload is removed from the disk."""
    upload_route.remove(folder, state.workspace())
    state.set_staged(state.WAITING, None)


def read(folder: Path, pending: Pending) -> "Readings":
    """Return the ways to read a source of pictures. Raises InputError if it cannot be opened."""
    with st.spinner(_("Reading the names of folders and files …")):
        return _readings(str(folder), pending.source, language.current())


@st.cache_resource(max_entries=1, scope="session", show_spinner=False)
def _readings(folder: str, source: Source, reads: str) -> "Readings":
    """Return the ways to read a source, once for each that waits. Raises InputError if it cannot be opened.

    They say in sentences what they are, so they are of one language.
    """
    from tl_core.ingest import importer

    return importer.readings(source)


def choose(folder: Path, pending: Pending, classes: list[str], several: Things | None = None) -> Choice | None:
    """Draw how a source is read, with the choice, and return what is to be imported once Import is pressed.

    Args:
        folder: among the uploads.
        pending: what waits in it.
        classes: that the project has.
        several: the kind of pictures with several labels, which may also have none yet; None where each has one label.
    """
    readings = read(folder, pending)
    with st.container(border=True, key="reading"):
        st.header(_("Check before the import"), anchor=False)
        if pending.project is None:
            st.text(_("New project: {name}").format(name=projects.free_name(pending.name)))
        choice = _choice(readings, classes, several)
        with st.container(horizontal=True):
            ready = choice is not None and _any(readings)
            pressed = st.button(_("Import"), type="primary", icon=":material/download_done:", disabled=not ready)
            if st.button(_("Discard"), icon=":material/close:", key="discard-reading"):
                drop(folder)
                st.rerun()
    return choice if pressed else None


def _any(readings: "Readings") -> bool:
    return bool(readings.best.places) or _loose(readings) > 0


def _loose(readings: "Readings") -> int:
    """Return how many pictures lie in no class folder."""
    from tl_core.ingest.layouts import NO_CLASS, UNNAMED

    return sum(item.reason in (NO_CLASS, UNNAMED) for item in readings.best.left_out)


def _choice(readings: "Readings", classes: list[str], several: Things | None) -> Choice | None:
    """Draw the reading, the others where there are any, and the class of loose pictures; None if one is missing."""
    options = [reading.name for reading in readings.every if reading.name]
    if several:
        options.append(LATER)
    if len(readings.best.classes) < 2 or readings.best.doubt:
        options.append(ONE_CLASS)
    chosen = _radio(readings, options) if len(options) > 1 else options[0]
    if chosen is None:
        return None
    if chosen == ONE_CLASS:
        choice = _one_class(readings, classes)
        return choice and replace(choice, things=several or choice.things)
    if chosen == LATER and several:
        _without_label(readings)
        return Choice(label="", things=several)
    reading = readings.choose(chosen).of_kind(several)
    _show(reading)
    return Choice(reading=chosen, things=reading.kind)


def _without_label(readings: "Readings") -> None:
    count = wording.pictures(len(readings.best.places) + _loose(readings))
    st.markdown(
        _("{pictures} come without a label. Mark them afterwards, and give them theirs.").format(pictures=count)
    )


def _radio(readings: "Readings", options: list[str]) -> str | None:
    titles = {each.name: layout.escape(each.title) for each in readings.every} | {
        ONE_CLASS: _("One class for all"),
        LATER: _("Nothing yet: I give the labels afterwards"),
    }
    if readings.best.doubt:
        ask = _("Choose what gives the classes.")
        st.warning(layout.escape(f"{readings.best.doubt} {ask}"), icon=":material/help:")
    return st.radio(
        _("What gives the classes"),
        options,
        index=None if readings.best.doubt else 0,
        format_func=titles.__getitem__,
        key="reading-choice",
    )


def _one_class(readings: "Readings", classes: list[str]) -> Choice | None:
    loose = len(readings.best.places) + _loose(readings)
    if not loose:
        st.markdown(_("There is no picture in it. Discard it, and choose something else."))
        _left_out(readings.best)
        return None
    if not readings.names:
        st.markdown(_("{pictures} without a class.").format(pictures=wording.pictures(loose)))
    label = st.selectbox(
        _("Which class?"),
        classes,
        index=None,
        accept_new_options=True,
        placeholder=_("Choose a class, or type a new one"),
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
    with st.expander(_("Left out ({number})").format(number=wording.number(len(items)))):
        table_of(items)


def table_of(items: Sequence[LeftOut]) -> None:
    """Draw what is left out, each with the reason."""
    shown = [{"File": item.name, "Reason": _(item.reason)} for item in items[:MOST_ROWS]]
    columns = {"File": _("File"), "Reason": _("Reason")}
    st.dataframe(shown, column_config=columns, hide_index=True, height=min(260, 38 + 35 * len(shown)))
    if len(items) > MOST_ROWS:
        st.caption(_("The first {number} of them.").format(number=wording.number(MOST_ROWS)))
