"""Ways to import: a file or folder through the browser, a path on this machine, pasted, the camera, a sample."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import streamlit as st

from pages._ui.pictures import (
    box_reading,
    camera,
    exported,
    pasted,
    projects,
    reading,
    samples,
    text_reading,
    upload_route,
)
from pages._ui.pictures.box_reading import BoxChoice
from pages._ui.pictures.importing import show_pictures_page, start
from pages._ui.pictures.reading import Choice, Pending
from pages._ui.pictures.text_reading import TextChoice
from pages._ui.pictures.uploader import (
    IMPORT,
    IMPORT_ANY,
    IMPORT_BOXES,
    IMPORT_TAGS,
    IMPORT_TEXTS,
    INTO_A_CLASS,
    PROJECT,
    Cards,
    Uploaded,
    Words,
    finished,
    open_token,
    uploader,
)
from pages._ui.shell import kinds, layout, state
from tl_core import paths, wording
from tl_core.about import Things
from tl_core.dataset import kinds as dataset_kinds
from tl_core.ingest.sources import Source
from tl_core.language import _
from tl_core.text.guess import GUESSED, Chosen
from tl_core.workspace import Project

WAYS = "ways-in"
Way = Callable[[Project | None], None]


@dataclass(frozen=True, kw_only=True)
class Step:
    """How things of a kind come in.

    Attributes:
        words: of the drop zone.
        ways: returns the ways by their titles.
        read: reads what waits.
        choose: draws how it is read, and returns what to import it as once that is pressed.
    """

    words: Words
    ways: Callable[[], dict[str, Way]]
    read: Callable[[Path, Pending], object]
    choose: Callable[[Path, Pending, list[str]], Choice | TextChoice | BoxChoice | None]


def ways_in(current: Project | None) -> None:
    """Draw the ways as tabs; only the open one is run."""
    ways = STEPS[kinds.of(current).id].ways()
    if state.is_local():
        ways[_titled_path()] = _path
    tabs = st.tabs(list(ways), **state.kept(WAYS, next(iter(ways)), list(ways)))
    for tab, way in zip(tabs, ways.values(), strict=True):
        if tab.open:
            with tab, layout.calm():
                way(current)


def _ways_of_pictures() -> dict[str, Way]:
    return {
        ":material/drive_folder_upload: " + _("Folder or zip"): upload,
        _titled_camera(): _camera,
        ":material/category: " + _("Sample"): _sample,
    }


def _ways_of_tags() -> dict[str, Way]:
    return {
        ":material/drive_folder_upload: " + _("Folder or zip"): upload,
        ":material/category: " + _("Sample"): samples.tags_card,
    }


def _ways_of_boxes() -> dict[str, Way]:
    return {":material/drive_folder_upload: " + _("Folder or zip"): upload}


def _ways_of_texts() -> dict[str, Way]:
    return {
        ":material/drive_folder_upload: " + _("Table, folder or zip"): upload,
        ":material/content_paste: " + _("Paste"): _paste,
        ":material/category: " + _("Sample"): samples.texts_card,
    }


def _titled_camera() -> str:
    return ":material/photo_camera: " + _("Camera")


def _titled_path() -> str:
    return ":material/computer: " + _("Folder on this machine")


def to_others() -> None:
    """Draw the buttons that lead to the ways that need the Pictures page, in a project that has no pictures yet."""
    with st.container(horizontal=True, gap="small"):
        if st.button(_("Camera"), icon=":material/photo_camera:", key="by-camera"):
            into_empty_project("pictures")
            camera.open_first(state.project())
            state.keep(WAYS, _titled_camera())
            show_pictures_page()
        if state.is_local() and st.button(_("Folder on this machine"), icon=":material/computer:", key="by-path"):
            into_empty_project("pictures")
            state.keep(WAYS, _titled_path())
            show_pictures_page()


def open_new(things: Things) -> None:
    """Open a project without anything, to hold these things."""
    into_empty_project(things)
    show_pictures_page()


def into_empty_project(things: Things) -> None:
    """Make a project without anything the current one, to hold these things.

    A new one is made where there is none; but before the first one pictures need none yet.
    """
    state.set_job(None)
    current, words = state.project(), kinds.get(things)
    if current is None and words is kinds.PICTURES:
        return
    empty = [each for each in state.workspace().projects() if not state.has_pictures(each)]
    alike = [each for each in empty if kinds.of(each) is words]
    if current not in alike:
        if alike:
            state.set_project(alike[0])
        else:
            projects.create(_(words.new_name), things)


def upload(current: Project | None, label: str | None = None) -> None:
    """Draw the uploader; what comes through it goes into the project, or, if a class is given, into that class."""
    key = _key(current, label)
    uploaded = finished(key)
    if uploaded is not None and label is not None:
        start(current, uploaded.source, uploaded.name, uploaded.taken, Choice(label=label))
    if uploaded is not None:
        _let_wait(uploaded, current)
    of_project = IMPORT_ANY if current is None else STEPS[kinds.of(current).id].words
    alone = label is None and (current is None or not state.has_pictures(current))
    uploader(key, INTO_A_CLASS if label is not None else of_project, Cards() if alone else None)


def _key(current: Project | None, label: str | None) -> str:
    """Return the key of an upload: what was sent for one project or class never goes into another."""
    return f"upload-{current.slug if current else ''}-{label or ''}"


def onto_cards(current: Project, labels: list[str], mark: str) -> None:
    """Take what is dropped on the card of a class into this class; what is dropped beside the cards is asked about.

    Args:
        current: the project.
        labels: the classes that have a card, in the order of the page.
        mark: the beginning of the key of each card.
    """
    for label in labels:
        if (uploaded := finished(_key(current, label))) is not None:
            start(current, uploaded.source, uploaded.name, uploaded.taken, Choice(label=label))
    if (uploaded := finished(_key(current, None))) is not None:
        _let_wait(uploaded, current)
    tokens = [open_token(_key(current, label)) for label in labels]
    uploader(_key(current, None), INTO_A_CLASS, Cards(mark, tuple(tokens), quiet=True))


def into_class(current: Project | None, label: str) -> None:
    """Open the dialog that adds pictures to a class, which may be a new one."""
    st.dialog(_("Add pictures to a class"), width="large")(_draw_into_class)(current, label)


def _draw_into_class(current: Project | None, label: str) -> None:
    with layout.calm():
        said = _("All pictures that you choose here go into the class **{label}**.")
        st.markdown(said.format(label=layout.escape(label)))
        upload(current, label)


def upload_project() -> None:
    """Draw the popover with the uploader for an exported project."""
    # Another key once something waits: the popover closes, and does not lie over the question.
    asked = state.staged(state.WAITING) is not None
    with st.popover(_("Import project"), icon=":material/unarchive:", key=f"import-project-menu-{asked}"):
        if (uploaded := finished("upload-project")) is not None:
            _let_wait(uploaded, None)
        uploader("upload-project", PROJECT)


def _let_wait(uploaded: Uploaded, current: Project | None) -> None:
    """Show on the Pictures page how what has come is read."""
    with layout.calm():
        _wait(uploaded.folder, uploaded.source, uploaded.name, current)
        uploaded.taken()
        show_pictures_page()
    upload_route.discard(uploaded.token, state.workspace())  # it cannot be read: make room for another one


def _wait(folder: Path, source: Source, name: str, current: Project | None, chosen: Chosen = GUESSED) -> None:
    """Let a source wait until a person has seen how it is read. Raises InputError if it cannot be opened."""
    things = things_of(source, current)
    pending = Pending(source, name, current.slug if current else None, things, chosen)
    reading.begin(folder, pending, STEPS[things].read)


def things_of(source: Source, current: Project | None) -> Things:
    """Return what a source holds; what the project holds where its names do not say."""
    if exported.record_of(source) is not None:
        return kinds.of(current).id
    from tl_core.tasks import table

    return table.of_source(source, table.get(kinds.of(current).id), empty=not state.has_pictures(current)).id


def shown(current: Project | None) -> kinds.Words:
    """Return the words for the page: those for what waits to be imported into this project, else for what it holds."""
    folder = state.staged(state.WAITING)
    waiting = reading.waiting(folder) if folder else None
    ours = waiting is not None and waiting.into(current) and not _mixed(waiting, current)
    return kinds.get(waiting.things) if waiting is not None and ours else kinds.of(current)


def _mixed(waiting: Pending, current: Project | None) -> bool:
    """Return whether what waits goes into a project that holds something else."""
    return bool(waiting.project) and state.has_pictures(current) and kinds.of(current).id != waiting.things


def show_waiting(current: Project | None) -> None:
    """Show how what was chosen is read, if it waits to be imported into this project; the page stops there."""
    folder = state.staged(state.WAITING)
    waiting = reading.waiting(folder) if folder else None
    if folder is None or waiting is None or not waiting.into(current):
        return
    state.set_staged(state.WAITING, folder)
    target = current if waiting.project else None
    with layout.calm():
        if (about := exported.record_of(waiting.source)) is not None:
            exported.choose(
                about, waiting.source, waiting.name, partial(reading.end, folder), partial(reading.drop, folder)
            )
            st.stop()
        if target is not None and _mixed(waiting, target):
            _offer_another_project(folder, waiting, target)
            st.stop()
        choice = STEPS[waiting.things].choose(folder, waiting, class_names(target))
        if choice is not None:
            start(target, waiting.source, waiting.name, partial(reading.end, folder), choice)
        st.stop()
    reading.drop(folder)  # it cannot be read any more: make room for another one


def _offer_another_project(folder: Path, waiting: Pending, target: Project) -> None:
    """Say that a project holds something else, and offer a new one."""
    with st.container(border=True, key="reading"):
        st.warning(layout.escape(dataset_kinds.others(target, waiting.things)), icon=":material/help:")
        with st.container(horizontal=True):
            if st.button(_(kinds.get(waiting.things).new_project), type="primary", icon=":material/add:"):
                reading.begin(folder, replace(waiting, project=None), STEPS[waiting.things].read)
                show_pictures_page()
            if st.button(_("Discard"), icon=":material/close:", key="discard-reading"):
                reading.drop(folder)
                st.rerun()


def _path(current: Project | None) -> None:
    with st.form("folder-on-this-machine"):
        path = st.text_input(_("Folder or zip on this machine"), placeholder=kinds.of(current).path)
        st.caption(_(kinds.of(current).copied))
        if st.form_submit_button(_("Look inside"), type="primary") and path.strip():
            place = paths.existing(path, relative=False)
            folder = upload_route.new_folder(state.workspace())
            _wait(folder, Source("folder", str(place)), place.stem, current)
            show_pictures_page()


def _paste(current: Project | None) -> None:
    if (found := pasted.lines("paste")) is not None:
        source, label = found
        _wait(Path(source.path), source, _(kinds.TEXTS.new_name), current, Chosen(one_label=label))
        show_pictures_page()


def texts_into_class(project: Project, label: str) -> None:
    """Open the dialog that adds texts to a class."""
    st.dialog(_("Add texts to a class"), width="large")(_draw_texts_into_class)(project, label)


def _draw_texts_into_class(project: Project, label: str) -> None:
    with layout.calm(), st.form("texts-into-class", border=False):
        st.text(_("All texts that you paste here get the label {label}.").format(label=wording.quoted(label)))
        text = st.text_area(_("Texts"), placeholder=_("One text in each line"), height=200)
        if st.form_submit_button(_("Import"), type="primary", icon=":material/download_done:") and text.strip():
            chosen = Chosen(one_label=label)
            start(project, pasted.of_one(text), "", lambda: None, TextChoice(chosen))


def _camera(current: Project | None) -> None:
    if state.has_pictures(current):
        st.markdown(_("Press **Camera** on the card of a class above, or **Add a class** first."))
        return
    st.markdown(_("Press **Camera** on a class and hold the button to record it; then the other one."))
    with st.grid("auto", min_column_width=220, border=True):
        camera.planned_cards(current, [], into_class)
    camera.add_class(current, [])


def _sample(current: Project | None) -> None:
    samples.cards()


def class_names(current: Project | None) -> list[str]:
    """Return the classes that the project has so far."""
    if current is None or not state.has_pictures(current):
        return []
    from tl_core.dataset import manifest

    return manifest.load(current).classes


#: How things of each kind come in.
STEPS: dict[Things, Step] = {
    "pictures": Step(words=IMPORT, ways=_ways_of_pictures, read=reading.read, choose=reading.choose),
    "tags": Step(
        words=IMPORT_TAGS, ways=_ways_of_tags, read=reading.read, choose=partial(reading.choose, several="tags")
    ),
    "boxes": Step(words=IMPORT_BOXES, ways=_ways_of_boxes, read=box_reading.read, choose=box_reading.choose),
    "texts": Step(words=IMPORT_TEXTS, ways=_ways_of_texts, read=text_reading.read, choose=text_reading.choose),
}
