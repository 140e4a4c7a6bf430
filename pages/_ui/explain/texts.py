"""Texts of a project: a list to mark and open them in, one of them large, and why the model says what it says."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import streamlit as st

from pages._ui.explain import asked, words
from pages._ui.pictures.picture_grid import Shown
from pages._ui.shell import layout, state
from tl_core.dataset import manifest
from tl_core.evaluation import predictions
from tl_core.evaluation.predictions import Predictions
from tl_core.explain import neighbours
from tl_core.language import N_, _
from tl_core.runs import RunFolder
from tl_core.text.strangers import STRANGERS
from tl_core.wording import decimal
from tl_core.workspace import Project

NEAREST = 6
#: Of a text that is opened, in pixels; a longer one is scrolled.
HEIGHT = 320
#: Characters from which on a text is scrolled.
LONG = 1200
#: Characters of a text in a list.
SHOWN = 300
SIMILARITY = N_("The number is the cosine similarity of their features: 1 is alike, 0 has nothing in common.")


def listed(
    project: Project,
    entries: Sequence[Shown],
    *,
    key: str,
    clear: str,
    opened: str | None,
    on_open: Callable[[str], None],
) -> list[str]:
    """Draw texts as rows and return the ids of those that are marked, where they are several; one alone is opened."""
    texts = _texts(project, [each.id for each in entries])
    rows = [{"text": texts.get(each.id, "")[:SHOWN], "answer": each.caption, "label": each.detail} for each in entries]
    columns: dict[str, Any] = {
        "text": st.column_config.TextColumn(_("Text"), width="large"),
        "answer": _("The model says"),
        "label": " ",
    }
    name = f"{key}-{clear}"

    def chosen() -> list[str]:
        picked = (state.widget(name) or {"selection": {"rows": []}})["selection"]["rows"]
        return [entries[row].id for row in picked if row < len(entries)]

    def moved() -> None:
        if len(ids := chosen()) == 1:
            on_open(ids[0])

    st.dataframe(
        rows,
        column_config=columns,
        hide_index=True,
        width="stretch",
        on_select=moved,
        selection_mode="multi-row",
        key=name,
    )
    marked = chosen()
    return marked if len(marked) > 1 else []


def drawn(project: Project, id: str, alt: str) -> None:  # noqa: A002 - the word of the manifest
    """Draw one text as a person wrote it."""
    text = _texts(project, [id]).get(id, "")
    with st.container(height=HEIGHT if len(text) > LONG else "content", border=False):
        st.text(text)


def strangers() -> dict[str, str]:
    """Return sentences of other things, by what they are about."""
    return dict(STRANGERS)


def stranger(text: str, alt: str) -> None:
    """Draw a sentence of another thing."""
    st.text(text)


@st.fragment
def one(run: RunFolder, answers: Predictions, id: str) -> None:  # noqa: A002 - the word of the manifest
    """Show why a run's model predicts what it does for a text. A fragment: nothing else of the page runs again."""
    with layout.calm():
        text = _texts(run.project, [id], run).get(id, "")
        words.show(run, text, key=id)
        _nearest(run, text, id)


@st.fragment
def of_new(run: RunFolder, text: str, key: str = "new") -> None:
    """Show the same for a text that is not in the project."""
    with layout.calm():
        words.show(run, text, key=key)
        _nearest(run, text, None)


def _texts(project: Project, ids: Sequence[str], run: RunFolder | None = None) -> dict[str, str]:
    """Return texts by id, as they are now, else as they were when a run learned from them."""
    tables = [manifest.load(project).table, *([manifest.of_run(run).table] if run else [])]
    found: dict[str, str] = {}
    for table in reversed(tables):
        some = table[table["id"].isin(ids)]
        found |= dict(zip(some["id"], some["text"], strict=True))
    return found


def _nearest(run: RunFolder, text: str, id_: str | None) -> None:
    """Show the training texts that the model takes to be most alike."""
    among = predictions.load(run, "train")
    if among is None:
        return
    near = neighbours.nearest(among, asked.features(run, text), NEAREST, without=id_)
    counted = Counter(each.label for each in near).most_common()
    labels = ", ".join(f"{number} {layout.escape(label)}" for label, number in counted)
    said = _("**Most similar training texts, as the model reads them:** {labels}")
    st.markdown(said.format(labels=labels), help=_(SIMILARITY))
    texts = _texts(run.project, [each.id for each in near], run)
    rows = [
        {"text": texts.get(each.id, "")[:SHOWN], "label": each.label, "similarity": decimal(each.similarity, 2)}
        for each in near
    ]
    columns: dict[str, Any] = {
        "text": st.column_config.TextColumn(_("Text"), width="large"),
        "label": _("Label"),
        "similarity": _("Similarity"),
    }
    st.dataframe(rows, column_config=columns, hide_index=True, width="stretch")
