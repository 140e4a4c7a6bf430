"""How training pictures are changed: the level, the copies and their cost, and what becomes of one's own pictures."""

from pathlib import Path
from typing import Any

import streamlit as st

from pages._ui.shell import layout, state, workers
from tl_core import wording
from tl_core.boxes import picturing
from tl_core.dataset import boxes, image, manifest
from tl_core.dataset.manifest import Manifest
from tl_core.draft import Draft
from tl_core.language import N_, _
from tl_core.recipe import AUGMENTATIONS
from tl_core.workspace import Project

LEVELS = {"off": N_("Off"), "gentle": N_("Gentle"), "full": N_("Full")}
COPIES = (2, 4, 8, 16)
#: Changed versions that are shown, how wide in pixels, and of how many pictures one may be chosen.
SHOWN, WIDTH, OF_EACH_CLASS, MOST_PICTURES = 9, 88, 2, 12


def choose(project: Project, draft: Draft, *, own_size: bool = True) -> None:
    """Let a person choose how the training pictures of the next run are changed.

    Args:
        project: whose next run it is.
        draft: the choices so far.
        own_size: whether small pictures may be changed before they are enlarged.
    """

    def bound(option: str, value: Any, **more: Any) -> Any:
        return state.bound(f"option-{option}", value, lambda new: state.update_draft(project, **{option: new}), **more)

    st.radio(
        _("Augmentation"),
        list(AUGMENTATIONS),
        captions=list(map(_, AUGMENTATIONS.values())),
        format_func=lambda level: _(LEVELS[level]),
        **bound("augmentation", draft.augmentation, options=LEVELS),
    )
    if draft.augmentation == "off":
        return
    copies = draft.augmentation_variants
    st.select_slider(
        _("Augmented copies per picture"),
        [*sorted({*COPIES, copies} - {0}), 0],
        format_func=lambda count: _("{count}, stored").format(count=count) if count else _("new in every epoch"),
        help=_(HELP),
        **bound("augmentation_variants", copies),
    )
    st.caption(_cost(copies))
    if not own_size:
        return
    enlarged_after = state.bound(
        "option-augmentation_size",
        draft.augmentation_size == "picture",
        lambda on: state.update_draft(project, augmentation_size="picture" if on else "network"),
    )
    st.toggle(_("Change small pictures before they are enlarged"), help=_(SMALL), **enlarged_after)


HELP = N_(
    "Stored copies are used in rotation, a different one each epoch. New ones in every epoch vary most, and are by far "
    "the slowest."
)
SMALL = N_(
    "Pictures smaller than the network sees are shifted by whole pixels, so they stay sharp. It makes no difference "
    "for others."
)


def _cost(copies: int) -> str:
    if not copies:
        return _("Nothing can be stored: every epoch runs the frozen part on every training picture.")
    return _(
        "The frozen part runs {times} on every training picture. After that, epochs are as fast as without."
    ).format(times=wording.times(copies))


def versions(project: Project, draft: Draft, data: Manifest, size: int) -> None:
    """Show a training picture of the person's, and changed versions of it: before any run pays for them.

    Args:
        project: whose next run it is.
        draft: the choices so far.
        data: its pictures.
        size: side in pixels of what the network sees.
    """
    rows = data.split("train").groupby("label").head(OF_EACH_CLASS).head(MOST_PICTURES)
    names = {str(row.id): f"{row.label}: {Path(str(row.source)).name}" for row in rows.itertuples()}
    first = next(iter(names))
    chosen = st.selectbox(
        _("See it on"), list(names), format_func=names.__getitem__, **state.kept("augmented-picture", first, names)
    )
    path, name = str(manifest.image_path(project, chosen)), names[chosen]
    with layout.calm():
        with st.spinner(_("Changing the picture …")):
            how = (draft.augmentation, draft.augmentation_size, draft.seed)
            text = str(rows.loc[rows["id"] == chosen, "boxes"].iloc[0])
            made = _made(path, chosen, size, *how, text=text, classes=tuple(data.classes))
        with st.container(horizontal=True, gap="xsmall", key="augmented"):
            own = (
                picturing.thumbnail(path, WIDTH, boxes.split(text), data.classes)
                if text
                else image.thumbnail(path, WIDTH)
            )
            st.image(own, width=WIDTH, alt=_("The picture {name} as it is").format(name=name))
            for number, version in enumerate(made, start=1):
                alt = _("Changed version {number} of {name}").format(number=number, name=name)
                st.image(version, width=WIDTH, alt=alt)
        st.caption(_(BOXED) if text else _(PLAIN))


PLAIN = N_("The picture as it is, then nine changed versions. Each must still show its class.")
BOXED = N_(
    "The picture as it is, then nine changed versions, as the network sees them, with their boxes. Each thing must "
    "still be recognizable, and in its box."
)


@st.cache_data(max_entries=100, show_spinner=False)
def _made(path: str, id_: str, size: int, *how: Any, text: str, classes: tuple[str, ...]) -> list[bytes]:
    asked, more = ("augmented-boxes", (text, classes)) if text else ("augmented", ())
    versions: list[bytes] = workers.engine().ask(asked, path, id_, size, *how, SHOWN, *more)
    return versions
