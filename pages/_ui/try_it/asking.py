"""Questions to the model, and its answers as a person reads them, whatever it is asked about."""

import math
import time
from collections.abc import Hashable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages._ui.shell import charts, layout, state, tables, workers
from tl_core.dataset.names import safe_cell
from tl_core.evaluation import unknowns
from tl_core.evaluation.predictions import ClassProbability, Prediction
from tl_core.language import N_, _
from tl_core.runs import RunFolder
from tl_core.wording import certainty, estimate, listed, number, plural

if TYPE_CHECKING:
    import pandas as pd
    from streamlit.delta_generator import DeltaGenerator

MOST_NAMED, MOST_BARS = 12, 8
#: Asked about at once, at least; and into how many parts many are divided at most: fewer than answers are kept.
AT_ONCE, MOST_PARTS, KEPT = 32, 48, 64
#: In the session: what was asked last, and how many answers there are; and what a person has stopped.
REACHED, STOPPED = "asked-reached", "asked-stopped"
#: Stands for a class in the table; ``_`` gives it in a person's language.
NONE = N_("none of these")


def ask(run: RunFolder, given: Sequence[bytes | str], question: str = "predict", *more: Hashable) -> list[Any]:
    """Return the answers of the interactive worker, see ``predict.predict``; another choice ends it.

    Fewer than what is given where a person has pressed Stop: those to the first ones.

    Args:
        run: whose model is asked.
        given: contents of pictures, or their paths; or texts.
        question: of ``registry.QUESTIONS``.
        more: what it takes beside the folder of the run and what is given.
    """
    size = max(AT_ONCE, math.ceil(len(given) / MOST_PARTS))
    model = run.model_path.stat().st_mtime_ns, unknowns.refused(run)
    what = hash((str(run.folder), model, question, more, tuple(given)))
    asked, count = state.widget(REACHED) or (None, 0)
    reached = count if asked == what else 0
    stopped = state.widget(STOPPED) == what and reached < len(given)
    wanted = given[: max(reached, size)] if stopped else given
    place = st.empty()
    bar = _bar(place, what, len(given)) if reached < len(wanted) else None
    answers: list[Any] = []
    began = 0.0
    for at in range(0, len(wanted), size):
        data = tuple(wanted[at : at + size])
        changed = tuple(_written(path) for path in data if isinstance(path, str))
        answers += _answers(str(run.folder), data, question, more, (*model, changed))
        state.set_widget(REACHED, (what, max(reached, len(answers))))
        if bar is None:
            continue
        text = _asked(len(answers), len(given))
        if at:  # the first ones say nothing of the speed: the model was read
            pace = (time.monotonic() - began) / (len(answers) - size)
            text += " · " + _("{time} left").format(time=estimate(pace * (len(given) - len(answers))))
        began = began or time.monotonic()
        bar.progress(len(answers) / len(given), text=text)
    place.empty()
    if stopped:
        _offer_the_rest(len(answers), len(given))
    return answers


def _bar(place: "DeltaGenerator", what: int, every: int) -> "DeltaGenerator":
    """Draw how far it is, and what ends it where there is more than a moment to wait."""
    reading = _("the model is read, time left is not known yet")
    with place.container(horizontal=True, vertical_alignment="center"):
        bar = st.progress(0.0, text=f"{_asked(0, every)} · {reading}")
        if every > AT_ONCE:
            st.button(
                _("Stop"), icon=":material/stop:", key="ask-stop", on_click=state.set_widget, args=(STOPPED, what)
            )
    return bar


def _offer_the_rest(some: int, every: int) -> None:
    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.markdown(_("Stopped after {some} of {every}.").format(some=number(some), every=number(every)))
        st.button(
            _("Go on"), icon=":material/play_arrow:", key="ask-go-on", on_click=state.set_widget, args=(STOPPED, None)
        )


def _asked(some: int, every: int) -> str:
    return _("{some} of {every} pictures").format(some=number(some), every=number(every))


def _written(path: str) -> int:
    """Return when a file was written; 0 for one that is gone, which the answer says in a sentence, and for a text."""
    try:
        return Path(path).stat().st_mtime_ns
    except OSError:
        return 0


@st.cache_data(max_entries=KEPT, show_spinner=False, scope="session")
def _answers(
    folder: str, data: tuple[bytes | str, ...], question: str, more: tuple[Hashable, ...], about: Hashable
) -> list[Any]:
    """Ask once for each model, limit of refusal and picture, however often the page runs again."""
    answers: list[Any] = workers.engine().ask(question, folder, list(data), *more)
    return answers


def says(answer: Prediction) -> None:
    """Draw what the model says: the class or that it is none of them, and all of them as bars."""
    best = answer.classes[0]
    st.header(_("Your model says"), anchor=False)
    if answer.refused:
        _none_of_these(best)
    else:
        st.markdown(f"### {layout.escape(best.label)} · {certainty(best.probability)}")
    bars(answer.classes[:MOST_BARS], charts.TRAIN, "now")
    if answer.known is None:
        st.caption(_("The model cannot refuse pictures yet. Open its Results once, so that it learns the limit."))


def _none_of_these(best: ClassProbability) -> None:
    st.markdown("### :material/block: " + _("None of these"))
    said = _(
        "The picture does not look enough like your training pictures, or the model is too unsure. "
        "If forced to choose, it would say “{label}” ({probability})."
    )
    st.caption(layout.escape(said.format(label=best.label, probability=certainty(best.probability))))


def bars(rows: Sequence[ClassProbability], colour: str, key: str) -> None:
    """Draw probabilities as bars."""
    labels, values = [row.label for row in rows], [row.probability for row in rows]
    alt = ", ".join(f"{label} {certainty(value)}" for label, value in zip(labels, values, strict=True))
    charts.show(charts.bars(labels, values, colour), alt, key=f"bars-{key}")


def in_short(answer: Prediction) -> str:
    """Return the answer in a few words."""
    best = answer.classes[0]
    return _(NONE) if answer.refused else f"{best.label} {certainty(best.probability)}"


def counted(table: "pd.DataFrame", answers: Sequence[Prediction]) -> list[int]:
    """Draw how many got which class and how many could not be read, and return the rows of those that could."""
    read = [at for at, answer in enumerate(answers) if not answer.error]
    st.header(plural(len(read), "picture", "pictures"), anchor=False)
    counts = table["class"].iloc[read].value_counts()
    st.markdown(
        layout.escape(listed([f"{_class(str(label))}: {number(n)}" for label, n in counts.items()], MOST_NAMED))
    )
    unread(table.iloc[:, 0].tolist(), [answer.error for answer in answers])
    return read


def unread(names: Sequence[str], errors: Sequence[str | None]) -> None:
    """Draw how many of the files could not be read, and why the first of them could not; nothing if all could."""
    why = [f"{name}: {error}" for name, error in zip(names, errors, strict=True) if error]
    if why:
        said = _("{some} of {files} could not be read.").format(
            some=number(len(why)), files=plural(len(names), "file", "files")
        )
        rest = _("The table says why the others could not.") if len(why) > 1 else ""
        st.warning(layout.escape(f"{said} {why[0]} {rest}".strip()))


def table_of(
    names: Sequence[str], answers: Sequence[Prediction], *, thing: str, before: bool = False
) -> "pd.DataFrame":
    """Return a row for each answer.

    Args:
        names: of what was asked about.
        answers: to each.
        thing: the column of the names: "picture" or "text".
        before: whether there is a column for what the original network said.
    """
    import pandas as pd

    best = [answer.classes[0] if answer.classes else None for answer in answers]
    closest = [each.label if each else "" for each in best]
    columns: dict[str, list[object]] = {
        thing: [*names],
        "class": [NONE if answer.refused else label for answer, label in zip(answers, closest, strict=True)],
        "closest": [*closest],
        "probability": [each.probability if each else None for each in best],
    }
    if before:
        columns["before"] = [answer.before[0].label if answer.before else "" for answer in answers]
    columns["problem"] = [answer.error or "" for answer in answers]
    return pd.DataFrame(columns)


def show_table(table: "pd.DataFrame") -> None:
    """Draw the table of all answers, with its download."""
    columns = {
        "picture": _("Picture"),
        "text": _("Text"),
        "class": _("Class"),
        "closest": _("Closest class"),
        "probability": _("Probability"),
        "before": _("Original network"),
        "problem": _("Problem"),
    }
    with layout.drawer(_("Table of all answers"), "try-table", ":material/table_rows:", opened=True):
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


def _class(label: str) -> str:
    """Return a class of the table as a person reads it."""
    return _(NONE) if label == NONE else label
