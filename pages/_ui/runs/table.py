"""The table of runs: star, name and note are edited in it, and what is compared is chosen."""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from pages._ui.runs import drawing
from pages._ui.shell import layout, state, tables
from pages._ui.train.run import STATES
from tl_core.language import N_, _
from tl_core.notebook.rows import Notebook, Row
from tl_core.wording import duration, fraction, interval, moment, number, percent, plural, size
from tl_core.workspace import LONGEST_NAME, LONGEST_NOTE, Project

CHOSEN = "chosen"
COMPARE, STAR, NAME, NOTE = "Compare", "Star", "Name", "Note"
EDITED = (COMPARE, STAR, NAME, NOTE)
ROW_HEIGHT, MOST_SHOWN = 36, 12


def chosen(rows: Sequence[Row], titles: Mapping[str, str]) -> list[str]:
    """Return the ids of the runs that are compared: those that a person has chosen, else the two newest."""
    usual = [row.id for row in rows if row.ready and not row.damage][:2]
    choice = state.kept(CHOSEN, usual, titles)
    state.hold_widget(CHOSEN)  # a run may have another name than before
    ids: list[str] = st.multiselect(
        _("Runs to compare"),
        list(titles),
        format_func=titles.__getitem__,
        placeholder=_("Choose runs here or in the table"),
        **choice,
    )
    return ids


def names(rows: Sequence[Row]) -> dict[str, str]:
    """Return what runs are called by id; those that share a name are told apart by when they were trained."""
    often: dict[str, int] = {}
    for row in rows:
        often[row.name] = often.get(row.name, 0) + 1
    when = {row.id: f"{row.name} · {moment(row.created)}" if often[row.name] > 1 else row.name for row in rows}
    seen = list(when.values())
    return {id_: text if seen.count(text) == 1 else f"{text} ({id_})" for id_, text in when.items()}


def show(project: Project, notebook: Notebook, rows: Sequence[Row], marked: Sequence[str]) -> None:
    """Show runs in their order, those that are compared marked; edits are stored at once."""

    def stored(at: int, column: str) -> Any:
        row = rows[at]
        values = {COMPARE: row.id in marked, STAR: row.label.star, NAME: row.name, NOTE: row.label.note}
        return values[column]

    order = hashlib.sha256(" ".join(row.id for row in rows).encode()).hexdigest()[:12]
    ordered = any(row.mean_average_precision is not None for row in rows)
    boxed = any(row.boxes is not None for row in rows)
    shown = [_cells(row, row.id in marked, ordered=ordered, boxed=boxed) for row in rows]
    st.data_editor(
        tables.worded(shown, _words(notebook)),
        hide_index=True,
        disabled=[name for name in shown[0] if name not in EDITED],
        column_config=_columns(rows, boxed=boxed),
        row_height=ROW_HEIGHT,
        height=ROW_HEIGHT * (min(len(rows), MOST_SHOWN) + 1) + 4,
        placeholder="–",
        alt=_("All runs of this project, one in each row."),
        **state.edited(f"runs-{order}", stored, lambda at, column, value: _save(project, rows[at], column, value)),
    )
    _explain(notebook, rows)


def _cells(row: Row, marked: bool, *, ordered: bool, boxed: bool) -> dict[str, Any]:
    figure, mean = row.accuracy, row.mean_average_precision
    return {
        COMPARE: marked,
        STAR: row.label.star,
        NAME: row.name,
        NOTE: row.label.note,
        "Accuracy": None if figure is None else figure.accuracy,
        "95% interval": "" if figure is None else interval(*figure.interval, figure.n),
        **({"Precision": "" if mean is None else fraction(mean)} if ordered else {}),
        **(_of_boxes(row) if boxed else {}),
        "Freeze line": drawing.strip(row.frozen, row.blocks) if row.blocks and row.frozen is not None else None,
        "When": row.created,
        "Time": row.seconds,
        "Size": row.bytes or None,
        "Network": row.network,
        "Pictures": row.recipe.manifest if row.recipe else None,
        "Changed": row.what,
        "State": _(STATES[row.state][0]),
    }


def _of_boxes(row: Row) -> dict[str, str]:
    if row.boxes is None or row.boxes.map50 is None:
        return {"mAP@50": "", "Of boxes": ""}
    low, high = map(fraction, row.boxes.interval)
    return {"mAP@50": fraction(row.boxes.map50), "Of boxes": _("{low} to {high}").format(low=low, high=high)}


def _words(notebook: Notebook) -> dict[str, Any]:
    return {
        "Accuracy": lambda share: percent(share, notebook.shared.n),
        "When": moment,
        "Time": duration,
        "Size": size,
        "Pictures": lambda version: _("version {number}").format(number=number(version)),
    }


def _width(names: Sequence[str]) -> int:
    """Return the width of a column in which the longest name fits, in pixels, up to a third of a wide page."""
    return min(max(168, *(8 * len(name) + 24 for name in names)), 420)


def _columns(rows: Sequence[Row], *, boxed: bool) -> dict[str, Any]:
    column = st.column_config
    same = all(row.state == "done" for row in rows)
    return {
        COMPARE: column.CheckboxColumn(
            _("Compare"), width=118, help=_("Its curves and what changed are shown below the table.")
        ),
        STAR: column.CheckboxColumn(_("Star"), width=74, help=_("Star a run to find it again.")),
        NAME: column.TextColumn(
            _("Name"),
            width=_width([row.name for row in rows]),
            max_chars=LONGEST_NAME,
            help=_("Type another name. Leave it empty for the usual one."),
        ),
        NOTE: column.TextColumn(_("Note"), width=80, max_chars=LONGEST_NOTE),
        "Accuracy": None
        if boxed
        else column.NumberColumn(_("Accuracy"), width=84, help=_("On validation pictures that all these runs share.")),
        "95% interval": None if boxed else column.TextColumn(_("95% interval"), width=120),
        "mAP@50": column.TextColumn("mAP@50", width=84, help=_("Of boxes, on its own validation pictures.")),
        "Of boxes": column.TextColumn(_("95% interval"), width=120),
        "Precision": column.TextColumn(
            _("Mean average precision"), width=170, help=_("Over all labels, on its own validation pictures.")
        ),
        "Freeze line": column.ImageColumn(
            _("Freeze line"), width=116, help=_("Low and blue: frozen blocks. Tall and orange: trained.")
        ),
        "When": column.NumberColumn(_("When"), width=136),
        "Time": column.NumberColumn(_("Time"), width=100),
        "Size": column.NumberColumn(_("Size"), width=82, help=_("Of the model.")),
        "Network": column.TextColumn(_("Network"), width=100),
        "Pictures": column.NumberColumn(
            _("Pictures"), width=90, help=_("The version of the list of pictures that it learned from.")
        ),
        "Changed": column.TextColumn(_("Changed"), width=300, help=_("What is different from the run before it.")),
        "State": None if same else column.TextColumn(_("State"), width=120),
    }


def _save(project: Project, row: Row, column: str, value: Any) -> None:
    with layout.calm():
        if column == COMPARE:
            before = [id_ for id_ in state.widget(CHOSEN) or [] if id_ != row.id]
            state.keep(CHOSEN, [*before, row.id] if value else before)
        elif run := state.find_run(project, row.id):
            changed = {STAR: "star", NAME: "name", NOTE: "note"}[column]
            note: dict[str, Any] = {changed: bool(value) if column == STAR else value or ""}
            run.annotate(**note)


def _explain(notebook: Notebook, rows: Sequence[Row]) -> None:
    if notebook.shared.n:
        n = plural(notebook.shared.n, "validation picture", "validation pictures")
        words = _("Accuracy is that on the {pictures} that the runs share.").format(pictures=n)
        st.markdown(f"{words} {notebook.luck.sentence()}", help=_(LUCK) if notebook.luck.runs > 1 else None)
    others = [row for row in rows if row.accuracy is None and row.validation and row.validation.accuracy is not None]
    if others:
        words = _("{number} without an accuracy here: measured on other pictures. Results shows it.")
        st.caption(words.format(number=number(len(others))))


LUCK = N_(
    "Equal runs differ by chance: by how much is seen in how often they disagree. If you take the best of them, you "
    "take its luck, too. Expect less on new pictures. Test pictures are free of that: open them once you have finished "
    "choosing."
)
