"""How pictures with boxes are read, shown before the import: classes, splits, what is wrong, what is left out."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import streamlit as st

from pages._ui.pictures import projects, reading, report
from pages._ui.pictures.reading import Pending
from pages._ui.shell import charts, layout
from tl_core import language, wording
from tl_core.about import Things
from tl_core.ingest.sources import Source
from tl_core.language import _

if TYPE_CHECKING:
    from tl_core.boxes.importer import BoxReading


@dataclass(frozen=True)
class BoxChoice:
    """What to import a source of boxes as; ``drawn_later``: with the pictures that no annotation names."""

    job: ClassVar[str] = "import-boxes"
    things: ClassVar[Things] = "boxes"

    drawn_later: bool = False


def read(folder: Path, pending: Pending) -> object:
    """Read a source, so that it is seen whether anything can be read at all. Raises InputError if nothing can."""
    with st.spinner(_("Reading the boxes …")):
        return _read(str(folder), pending.source, True, language.current())


@st.cache_resource(max_entries=2, scope="session", show_spinner=False)
def _read(folder: str, source: Source, drawn_later: bool, reads: str) -> "BoxReading":
    """Return how a source reads. It says so in sentences, so it is of one language."""
    from tl_core.boxes import importer

    return importer.read(source, drawn_later=drawn_later)


def choose(folder: Path, pending: Pending, classes: list[str]) -> BoxChoice | None:
    """Draw how a source is read, and return what is to be imported once Import is pressed."""
    with st.spinner(_("Reading the boxes …")):
        found = _read(str(folder), pending.source, True, language.current())
    with st.container(border=True, key="reading"):
        st.header(_("Check before the import"), anchor=False)
        if pending.project is None:
            st.text(_("New project: {name}").format(name=projects.free_name(pending.name)))
        later = not found.form
        if found.form and found.unnamed:
            count = wording.pictures(found.unnamed)
            later = st.checkbox(
                _("Import {pictures} without annotations, too, to draw their boxes here").format(pictures=count),
                key="drawn-later",
            )
            found = _read(str(folder), pending.source, later, language.current())
        _show(found)
        with st.container(horizontal=True):
            pressed = st.button(_("Import"), type="primary", icon=":material/download_done:", disabled=not found.tasks)
            if st.button(_("Discard"), icon=":material/close:", key="discard-reading"):
                reading.drop(folder)
                st.rerun()
    return BoxChoice(drawn_later=later) if pressed else None


def _show(found: "BoxReading") -> None:
    st.markdown(f"**{layout.escape(found.summary())}**")
    given = [
        f"{_(charts.SPLIT_TITLES[split])} ({wording.number(count)})" for split, count in found.parts.items() if count
    ]
    splits = [_("Splits that it comes with: {splits}.").format(splits=wording.listed(given))] if given else []
    report.sentences([*splits, *found.remarks])
    if found.left_out:
        with st.expander(_("Left out ({number})").format(number=wording.number(len(found.left_out)))):
            reading.table_of(found.left_out)
