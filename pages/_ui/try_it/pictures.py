"""Try it with pictures: one with its reasons, many as a table and as pictures that open, or the camera."""

import streamlit as st

from pages._ui.explain import picture as explain_picture
from pages._ui.pictures.dropped import Picture
from pages._ui.pictures.picture_grid import picture_grid
from pages._ui.pictures.thumbnails import Tile
from pages._ui.shell import charts, layout, paging, state
from pages._ui.try_it import asking, choice, live
from tl_core.dataset import image
from tl_core.evaluation.predictions import Prediction
from tl_core.language import _
from tl_core.runs import RunFolder

PER_PAGE = 24
PLACE = "try-many"


def page(run: RunFolder) -> None:
    """Let a person choose pictures, and show what the model says of them."""
    way = choice.way_in("try-way")
    pictures = live.camera(run) if way == choice.CAMERA else choice.choose(way) or choice.example(run)
    if pictures:
        show(run, pictures)


def show(run: RunFolder, pictures: list[Picture]) -> None:
    """Show what the model says of one picture or many."""
    answers = asking.ask(run, [picture.data for picture in pictures])
    pictures = pictures[: len(answers)]
    if len(pictures) == 1:
        one(run, pictures[0], answers[0])
    else:
        many(run, pictures, answers)


def one(run: RunFolder, picture: Picture, answer: Prediction) -> None:
    """Show one picture with its classes as bars, what the original network says, and why the model answers so."""
    if answer.error:
        st.error(layout.escape(answer.error))
        return
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.image(
            image.thumbnail(choice.binary(picture), 640),
            alt=_("The picture {name}").format(name=picture.name),
            width="stretch",
        )
        st.text(picture.name)
    with right:
        asking.says(answer)
        st.header(_("Before your training"), anchor=False)
        if answer.before:
            knows = _("What the original network says: it knows 1,000 things from ImageNet, but not your classes.")
            st.caption(knows)
            asking.bars(answer.before, charts.BEFORE, "before")
        else:
            st.caption(_("The ImageNet classes of the original network are not on this machine."))
    st.header(_("Why"), anchor=False)
    explain_picture.of_new(run, picture.data)


def many(run: RunFolder, pictures: list[Picture], answers: list[Prediction]) -> None:
    """Show how many pictures got which class, the pictures, each of which opens, and a table to download."""
    table = asking.table_of([picture.name for picture in pictures], answers, thing="picture", before=True)
    if read := asking.counted(table, answers):
        _openable(run, pictures, answers, read)
    asking.show_table(table)


@st.fragment
def _openable(run: RunFolder, pictures: list[Picture], answers: list[Prediction], read: list[int]) -> None:
    """Show pictures page by page, and the opened one with its reasons below them."""
    with layout.calm():
        at_once = read[paging.page(len(read), PER_PAGE, "try-page")]
        shown = [Tile(str(at), asking.in_short(answers[at]), pictures[at].name) for at in at_once]
        opened = state.opened(PLACE)
        picture_grid(
            shown,
            [_small(pictures[at]) for at in at_once],
            key="try-many",
            clear=f"{run.id}-{len(pictures)}-{at_once[0]}",
            opened=opened,
            on_open=lambda at: state.set_opened(PLACE, at),
            marks=False,
        )
        if opened in [each.id for each in shown]:
            one(run, pictures[int(opened)], answers[int(opened)])
        else:
            st.caption(_("Press a picture to see why the model says so."))


@st.cache_data(max_entries=500, show_spinner=False)
def _small(picture: Picture) -> bytes:
    return image.thumbnail(choice.binary(picture), 180)
