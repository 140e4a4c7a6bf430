"""The camera on Try it: the model answers while it runs; a frame can be looked at closer and saved."""

import time
from collections.abc import Callable, Mapping
from pathlib import Path

import streamlit as st

from pages._ui.pictures import upload_route
from pages._ui.pictures.dropped import Picture
from pages._ui.pictures.uploader import finished, open_token
from pages._ui.shell import box_layer, components, layout, present, state
from pages._ui.shell import camera as device
from pages._ui.try_it import live_route
from pages._ui.try_it.live import again
from tl_core.about import Things
from tl_core.dataset import kinds, manifest
from tl_core.evaluation import box_record
from tl_core.ingest.sources import Source
from tl_core.language import N_, _
from tl_core.runs import RunFolder

#: The frame that is looked at closer, in the address.
FRAME = "live-frame"
#: The camera stays on while another run takes over, so it has one place for all of them.
PLACE = "live"
#: Of a frame, in pixels, where the network takes no larger ones: a smaller frame is answered sooner.
SIDE = 320
#: What the live answer says, by its name in the script.
SAID = {
    "bars": N_("Probability of each class"),
    "more": N_("And {number} less likely ones."),
    "unjudged": N_("The model cannot refuse pictures yet. Open its Results once, so that it learns the limit."),
    "reading": N_("The model is read."),
    "noneOfThese": N_("None of these"),
    "noLabel": N_("No label"),
    "pace": N_("{number} answers a second. No frame leaves Thaw."),
    "pause": N_("Pause"),
    "goOn": N_("Go on"),
    "paused": N_("Paused. The camera is off."),
    "closer": N_("Why? Save this frame"),
    "mirror": N_("Mirror what I see"),
}

#: The same of a model that answers with boxes.
BOXES_SAID = {
    "bars": N_("Boxes of each class"),
    "closer": N_("Look closer, or save this frame"),
    "confidence": N_("Confidence"),
    "nothing": N_("Nothing"),
}


def camera(run: RunFolder) -> list[Picture]:
    """Draw the live answer, and return the frame that is looked at closer, if any."""
    trains = again.show(run)
    if (taken := finished(PLACE)) is not None:
        state.set_staged(FRAME, taken.folder)
        taken.taken()
    _draw(run, slowly=trains)
    folder = state.staged(FRAME)
    if folder is None:
        return []
    name, path = upload_route.files(folder)[0]
    _SAVES.get(kinds.of(run.project), _save)(run, folder)
    return [Picture(name, path.read_bytes())]


def presented(run: RunFolder) -> None:
    """Draw the live answer alone, for a projector."""
    _draw(run)


def _draw(run: RunFolder, *, slowly: bool = False) -> None:
    """Draw the live answer, slowly where a training needs the processor."""
    token = state.upload_token(f"ask-{run.id}")
    if not live_route.tokens.is_of(token, run):
        token = live_route.tokens.issue(run)
        state.set_upload_token(f"ask-{run.id}", token)
    data = {
        "token": token,
        "url": live_route.URL,
        "classes": run.classes,
        "side": max(SIDE, run.recipe.image_size),
        "upload": upload_route.URL,
        "uploadToken": open_token(PLACE),
        "present": present.asked(),
        "slowly": slowly,
        "boxes": _in_boxes(run),
        "words": {name: _(text) for name, text in {**device.SAID, **SAID, **_said(run)}.items()},
    }
    draw = components.load(Path(__file__).parent, components.WORDS, device.SCRIPT, box_layer.SCRIPT)
    draw(key=PLACE, data=data, on_uploaded_change=lambda: None)


def _in_boxes(run: RunFolder) -> dict[str, object] | None:
    """Return what the script needs to know of boxes; None where the model answers with labels."""
    if kinds.of(run.project) != kinds.BOXES:
        return None
    return {"confidence": box_record.results_of(run).chosen.confidence}


def _said(run: RunFolder) -> dict[str, str]:
    return BOXES_SAID if kinds.of(run.project) == kinds.BOXES else {}


def _save(run: RunFolder, folder: Path) -> None:
    """Draw what adds the frame to a class."""
    with st.container(border=True, horizontal=True, vertical_alignment="bottom", key="save-frame"):
        label = st.selectbox(_("Save this frame into the class"), run.classes, index=None, accept_new_options=True)
        if st.button(_("Save"), icon=":material/save:", type="primary", disabled=not label) and label:
            with layout.calm():
                _add(run, label, folder)
                st.rerun()


def _save_to_draw(run: RunFolder, folder: Path) -> None:
    """Draw the button that adds the frame to the pictures, and opens it there to draw its boxes."""
    with st.container(border=True, horizontal=True, vertical_alignment="center", key="save-frame"):
        st.text(_("Is a box missing or wrong? Draw what is there, then train again."), width="stretch")
        if st.button(_("Save this frame and draw"), icon=":material/draw:", type="primary", key="save-to-draw"):
            with layout.calm():
                _open_to_draw(run, folder)


def _open_to_draw(run: RunFolder, folder: Path) -> None:
    from tl_core.boxes import importer

    before = set(manifest.load(run.project).table["id"])
    source, settings = Source("upload", str(folder)), run.project.about().split
    importer.import_boxes(run.project, source, settings, drawn_later=True, group=_sitting())
    fresh = [id_ for id_ in manifest.load(run.project).table["id"] if id_ not in before]
    state.set_staged(FRAME, None)
    upload_route.remove(folder, state.workspace())
    if not fresh:
        st.toast(_("The frame is among the pictures already."), icon=":material/info:")
        return
    state.set_drawn_on(fresh[0])
    st.switch_page("images.py", query_params=dict(st.query_params))


def _add(run: RunFolder, label: str, folder: Path) -> None:
    from tl_core.ingest import importer

    kind, settings = kinds.of(run.project), run.project.about().split
    group = f"{_sitting()} {label}" if kind == kinds.PICTURES else _sitting()
    importer.import_source(
        run.project, Source("upload", str(folder)), label=label, group=group, kind=kind, settings=settings
    )
    state.set_staged(FRAME, None)
    upload_route.remove(folder, state.workspace())
    st.toast(_("The frame was saved."), icon=":material/save:")


def _sitting() -> str:
    """Return what frames of one sitting share: they are of one moment, stay in one split and count as one.

    Where a picture has one label, those of each label do so by themselves; elsewhere any picture may have any label.
    """
    return f"live {time.strftime('%Y-%m-%d %H')}"


#: What saves a frame where that is not into a class.
_SAVES: Mapping[Things, Callable[[RunFolder, Path], None]] = {"boxes": _save_to_draw}
