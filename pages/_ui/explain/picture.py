"""One picture: what in it the model relies on, and which training pictures are most like it."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages._ui.explain import asked, heatmap
from pages._ui.pictures.picture_grid import Shown, picture_grid
from pages._ui.pictures.thumbnails import LARGE, small, thumbnail
from pages._ui.shell import layout
from tl_core.dataset import manifest
from tl_core.evaluation import predictions, tags
from tl_core.explain import neighbours
from tl_core.explain.neighbours import Seen
from tl_core.ingest import bundled
from tl_core.language import N_, _
from tl_core.runs import RunFolder
from tl_core.wording import decimal
from tl_core.workspace import Project

NEAREST = 6
#: Of one of the nearest pictures, and of one that is opened, in pixels.
SIDE, WIDE = 112, 800


def listed(
    project: Project,
    entries: Sequence[Shown],
    *,
    key: str,
    clear: str,
    opened: str | None,
    on_open: Callable[[str], None],
) -> list[str]:
    """Draw pictures as a grid and return the ids of those that are marked; a press on one opens it."""
    thumbnails = [small(project, each.id) for each in entries]
    return picture_grid(entries, thumbnails, key=key, clear=clear, opened=opened, on_open=on_open)


def drawn(project: Project, id: str, alt: str) -> None:  # noqa: A002 - the word of the manifest
    """Draw one picture of a project, large."""
    st.image(thumbnail(str(manifest.image_path(project, id)), WIDE), alt=alt, width="stretch")


def strangers() -> dict[str, str]:
    """Return the paths of photographs of other things, by what they show."""
    return {_(name): str(path) for name, path in bundled.photographs().items()}


def stranger(path: str, alt: str) -> None:
    """Draw a photograph of another thing."""
    st.image(thumbnail(path, LARGE), alt=alt, width="stretch")


@st.fragment
def one(
    run: RunFolder,
    answers: Seen,
    id: str,  # noqa: A002 - the word of the manifest
    label: str | None = None,
) -> None:
    """Show why a run's model predicts what it does for a picture. A fragment: nothing else of the page runs again.

    Args:
        run: whose model it is.
        answers: predictions; the picture may be among them.
        id: of the picture.
        label: of which the evidence is shown first; None for the most probable one.
    """
    with layout.calm():
        path = str(manifest.image_path(run.project, id))
        heatmap.show(run, path, key=id, first=label)
        _nearest(run, _features(run, answers, id, path), id)


@st.fragment
def of_new(run: RunFolder, picture: bytes | str, key: str = "new") -> None:
    """Show the same for a picture that is not in the project: the content of a file, or its path."""
    with layout.calm():
        heatmap.show(run, picture, key=key)
        _nearest(run, asked.features(run, picture), None)


def _features(run: RunFolder, answers: Seen, id_: str, path: str) -> NDArray[np.float32]:
    for each in (answers, *_stored(run)):
        if id_ in each.ids:
            stored: NDArray[np.float32] = each.features[each.ids.index(id_)]
            return stored
    return asked.features(run, path)


def _stored(run: RunFolder) -> Iterable[Seen]:
    return (each for part in ("validation", "train") if (each := _seen(run, part)) is not None)


def _seen(run: RunFolder, split: str) -> Seen | None:
    """Return what is stored of a split: of one label a picture, or of several."""
    return predictions.load(run, split) or tags.load(run, split)


def _nearest(run: RunFolder, features: NDArray[np.float32], id_: str | None) -> None:
    """Show the training pictures that the model sees most alike."""
    among = _seen(run, "train")
    if among is None:
        return
    near = neighbours.nearest(among, features, NEAREST, without=id_)
    counted = Counter(each.label or _("no label") for each in near).most_common()
    labels = ", ".join(f"{number} {layout.escape(label)}" for label, number in counted)
    words = _("**Most similar training pictures, as the model sees them:** {labels}")
    st.markdown(words.format(labels=labels), help=_(SIMILARITY))
    with st.container(horizontal=True, gap="small", vertical_alignment="bottom"):
        for each in near:
            label = each.label or _("no label")
            with st.container(width=SIDE, gap="xsmall"):
                path = manifest.image_path(run.project, each.id)
                similarity = decimal(each.similarity, 2)
                alt = _("Training picture of {label}, similarity {similarity}").format(
                    label=label, similarity=similarity
                )
                st.image(thumbnail(str(path), LARGE), alt=alt, width="stretch")
                st.text(f"{label} {similarity}")


SIMILARITY = N_("The number is the cosine similarity of their features: 1 is alike, 0 has nothing in common.")
