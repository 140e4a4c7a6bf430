"""Predictions of new pictures: one with its reasons, many as a table and as pictures that open."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from pages._ui.explain import picture as explain_picture
from pages._ui.pictures.dropped import Picture
from pages._ui.pictures.picture_grid import picture_grid
from pages._ui.pictures.thumbnails import Tile
from pages._ui.shell import charts, layout, paging, state, tables, workers
from tl_core.dataset import image
from tl_core.dataset.names import safe_cell
from tl_core.evaluation import unknowns
from tl_core.evaluation.predictions import ClassProbability, Prediction
from tl_core.language import N_, _
from tl_core.runs import RunFolder
from tl_core.wording import certainty, estimate, listed, number, plural

if TYPE_CHECKING:
    import pandas as pd

PER_PAGE, MOST_NAMED = 24, 12
MOST_BARS = 8
AT_ONCE = 32
PLACE = "try-many"
#: Stands for a class in the table; ``_`` gives it in a person's language.
NONE = N_("none of these")


def show(run: RunFolder, pictures: list[Picture]) -> None:
    """Show what the model says of one picture or many."""
    answers = ask(run, pictures)
    if len(pictures) == 1:
        one(run, pictures[0], answers[0])
    else:
        many(run, pictures, answers)


def ask(run: RunFolder, pictures: list[Picture]) -> list[Prediction]:
    """Return the answers of the interactive worker, see ``predict.predict``; another choice of pictures ends it."""
    reading = _("the model is read, time left is not known yet")
    bar = st.progress(0.0, text=f"{_asked(0, len(pictures))} · {reading}")
    answers: list[Prediction] = []
    began = 0.0
    for at in range(0, len(pictures), AT_ONCE):
        data = tuple(picture.data for picture in pictures[at : at + AT_ONCE])
        changed = tuple(_written(path) for path in data if isinstance(path, str))
        answers += _answers(str(run.folder), run.model_path.stat().st_mtime_ns, unknowns.refused(run), data, changed)
        text = _asked(len(answers), len(pictures))
        if at:  # the first ones say nothing of the speed: the model was read
            pace = (time.monotonic() - began) / (len(answers) - AT_ONCE)
            text += " · " + _("{time} left").format(time=estimate(pace * (len(pictures) - len(answers))))
        began = began or time.monotonic()
        bar.progress(len(answers) / len(pictures), text=text)
    bar.empty()
    return answers


def _asked(some: int, every: int) -> str:
    return _("{some} of {every} pictures").format(some=number(some), every=number(every))


def _written(path: str) -> int:
    """Return when a file was written; 0 if it is gone, which the answer says in a sentence."""
    try:
        return Path(path).stat().st_mtime_ns
    except OSError:
        return 0


@st.cache_data(max_entries=64, show_spinner=False, scope="session")
def _answers(
    folder: str, trained: int, share: float, data: tuple[bytes | str, ...], changed: tuple[int, ...]
) -> list[Prediction]:
    """Ask once for each model, limit of refusal and picture, however often the page runs again."""
    answers: list[Prediction] = workers.engine().ask("predict", folder, list(data))
    return answers


def one(run: RunFolder, picture: Picture, answer: Prediction) -> None:
    """Show one picture with its classes as bars, what the original network says, and why the model answers so."""
    if answer.error:
        st.error(layout.escape(answer.error))
        return
    best = answer.classes[0]
    left, right = st.columns([2, 3], gap="large")
    with left:
        st.image(
            image.thumbnail(_binary(picture), 640),
            alt=_("The picture {name}").format(name=picture.name),
            width="stretch",
        )
        st.text(picture.name)
    with right:
        st.header(_("Your model says"), anchor=False)
        if answer.refused:
            _none_of_these(best)
        else:
            st.markdown(f"### {layout.escape(best.label)} · {certainty(best.probability)}")
        _bars(answer.classes[:MOST_BARS], charts.TRAIN, "now")
        if answer.known is None:
            st.caption(_("The model cannot refuse pictures yet. Open its Results once, so that it learns the limit."))
        st.header(_("Before your training"), anchor=False)
        if answer.before:
            knows = _("What the original network says: it knows 1,000 things from ImageNet, but not your classes.")
            st.caption(knows)
            _bars(answer.before, charts.BEFORE, "before")
        else:
            st.caption(_("The ImageNet classes of the original network are not on this machine."))
    st.header(_("Why"), anchor=False)
    explain_picture.of_new(run, picture.data)


def _none_of_these(best: ClassProbability) -> None:
    st.markdown("### :material/block: " + _("None of these"))
    said = _(
        "The picture does not look enough like your training pictures, or the model is too unsure. "
        "If forced to choose, it would say “{label}” ({probability})."
    )
    st.caption(layout.escape(said.format(label=best.label, probability=certainty(best.probability))))


def _bars(rows: Sequence[ClassProbability], colour: str, key: str) -> None:
    labels, values = [row.label for row in rows], [row.probability for row in rows]
    alt = ", ".join(f"{label} {certainty(value)}" for label, value in zip(labels, values, strict=True))
    charts.show(charts.bars(labels, values, colour), alt, key=f"bars-{key}")


def many(run: RunFolder, pictures: list[Picture], answers: list[Prediction]) -> None:
    """Show how many pictures got which class, the pictures, each of which opens, and a table to download."""
    table = _table(pictures, answers)
    read = [at for at, answer in enumerate(answers) if not answer.error]
    st.header(plural(len(read), "picture", "pictures"), anchor=False)
    counts = table["class"].iloc[read].value_counts()
    st.markdown(layout.escape(listed([f"{_class(label)}: {number(n)}" for label, n in counts.items()], MOST_NAMED)))
    unread = len(pictures) - len(read)
    if unread:
        said = _("{some} of {files} could not be read: see the last column.")
        st.warning(said.format(some=unread, files=plural(len(table), "file", "files")))
    if read:
        _openable(run, pictures, answers, read)
    with layout.drawer(_("Table of all answers"), "try-table", ":material/table_rows:", opened=True):
        _show_table(table)


def _show_table(table: "pd.DataFrame") -> None:
    columns = {
        "picture": _("Picture"),
        "class": _("Class"),
        "closest": _("Closest class"),
        "probability": _("Probability"),
        "before": _("Original network"),
        "problem": _("Problem"),
    }
    shown_table = tables.worded(table, {"class": _class, "probability": certainty})
    st.dataframe(shown_table, column_config=columns, hide_index=True, width="stretch")
    safe = table.map(lambda cell: safe_cell(cell) if isinstance(cell, str) else cell)
    st.download_button(
        _("Download as CSV"),
        safe.to_csv(index=False),
        "predictions.csv",
        "text/csv",
        icon=":material/download:",
        on_click="ignore",
    )


@st.fragment
def _openable(run: RunFolder, pictures: list[Picture], answers: list[Prediction], read: list[int]) -> None:
    """Show pictures page by page, and the opened one with its reasons below them."""
    with layout.calm():
        at_once = read[paging.page(len(read), PER_PAGE, "try-page")]
        shown = [Tile(str(at), _says(answers[at]), pictures[at].name) for at in at_once]
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


def _class(label: str) -> str:
    """Return a class of the table as a person reads it."""
    return _(NONE) if label == NONE else label


def _says(answer: Prediction) -> str:
    best = answer.classes[0]
    return _(NONE) if answer.refused else f"{best.label} {certainty(best.probability)}"


@st.cache_data(max_entries=500, show_spinner=False)
def _small(picture: Picture) -> bytes:
    return image.thumbnail(_binary(picture), 180)


def _table(pictures: list[Picture], answers: list[Prediction]) -> "pd.DataFrame":
    """Return a row for each picture."""
    import pandas as pd

    best = [answer.classes[0] if answer.classes else None for answer in answers]
    closest = [each.label if each else "" for each in best]
    return pd.DataFrame(
        {
            "picture": [picture.name for picture in pictures],
            "class": [NONE if answer.refused else label for answer, label in zip(answers, closest, strict=True)],
            "closest": closest,
            "probability": [each.probability if each else None for each in best],
            "before": [answer.before[0].label if answer.before else "" for answer in answers],
            "problem": [answer.error or "" for answer in answers],
        }
    )


def _binary(picture: Picture) -> bytes | Path:
    return picture.data if isinstance(picture.data, bytes) else Path(picture.data)
