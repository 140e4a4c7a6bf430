"""Try it with texts: one with its reasons, many as a table from which each opens."""

import streamlit as st

from pages._ui.explain import texts as explain_texts
from pages._ui.pictures import dropped, upload_route
from pages._ui.pictures.uploader import TABLES, Words
from pages._ui.shell import layout, state
from pages._ui.try_it import asking
from tl_core.dataset import manifest
from tl_core.evaluation.predictions import Prediction
from tl_core.language import N_, _
from tl_core.networks import text_catalogue
from tl_core.runs import RunFolder
from tl_core.text import asked, english

TYPED, FILE = N_("Type or paste"), N_("File")
#: The dropped file in the address; the text that is typed; the row that is opened.
DROPPED, TEXT, LINES, PLACE = "tried-texts", "try-text", "try-lines", "try-texts"
#: Examples: texts of the project's classes that the model has not learned from, and one that is of none of them.
KNOWN = 6
#: Characters of a text in a list, and of one on a button.
SHOWN, FEW = 300, 60
STRANGER = "The recipe needs two eggs, a cup of flour and a pinch of salt."
TO_READ = Words(
    N_("Drop a file of texts here"),
    N_("A table with a column of texts, or a file with a text in each line. They are not added to your texts."),
    N_("Choose a file"),
    archives=False,
    folders=False,
    accept=TABLES,
)


def page(run: RunFolder) -> None:
    """Let a person write or choose texts, and show what the model says of them."""
    ways = [TYPED, FILE]
    way = st.segmented_control(
        _("Texts from"), ways, format_func=_, required=True, **state.kept("try-texts-from", TYPED, ways)
    )
    if texts := _typed(run) if way == TYPED else _of_file():
        show(run, texts)


def show(run: RunFolder, texts: list[str]) -> None:
    """Show what the model says of one text or many, and what its network cannot read in them."""
    answers = asking.ask(run, texts)
    texts = texts[: len(answers)]
    if text_catalogue.is_known(run.recipe.backbone):
        for remark in english.remarks(texts):
            st.caption(layout.escape(remark))
    if len(texts) == 1:
        one(run, texts[0], answers[0])
    else:
        many(run, texts, answers)


def one(run: RunFolder, text: str, answer: Prediction) -> None:
    """Show what the model says of a text, and which words carried it."""
    if answer.error:
        st.error(layout.escape(answer.error))
        return
    with st.container(key="text-answer"):
        asking.says(answer)
    st.header(_("Why"), anchor=False)
    explain_texts.of_new(run, text)


def many(run: RunFolder, texts: list[str], answers: list[Prediction]) -> None:
    """Show how many texts got which class, the table, and the text that is chosen with its reasons."""
    table = asking.table_of(texts, answers, thing="text")
    read = asking.counted(table, answers)
    asking.show_table(table)
    if not read:
        return
    chosen = st.selectbox(
        _("Open a text to see why the model says so."),
        read,
        index=None,
        format_func=lambda at: f"{asking.in_short(answers[at])} · {texts[at][:SHOWN]}",
        **state.kept(PLACE, None, [None, *read]),
    )
    if chosen is not None:
        st.text(texts[chosen])
        one(run, texts[chosen], answers[chosen])


def _typed(run: RunFolder) -> list[str]:
    """Let a person write a text, or take one of those that the model has not learned from."""
    known, place = _examples(run), state.kept(TEXT, "", by_link=False)
    written: str = st.text_area(_("Text"), placeholder=_("Write or paste a text."), height=140, **place)
    apart = st.toggle(_("Each line is a text of its own"), **state.kept(LINES, False))
    st.button(_("Ask the model"), icon=":material/auto_awesome:", type="primary")
    st.pills(
        _("Or take one of these. The model has not learned from any of them."),
        list(known),
        format_func=lambda text: layout.escape(f"{known[text]} · {text[:FEW]}{'…' * (len(text) > FEW)}"),
        key="try-text-example",
        on_change=lambda: state.keep(TEXT, state.widget("try-text-example") or state.widget(TEXT) or ""),
    )
    lines = written.splitlines() if apart else [written]
    return [line for line in lines if line.strip()]


def _examples(run: RunFolder) -> dict[str, str]:
    """Return some validation texts with their labels: of each class in turn; and a text of something else."""
    rows = manifest.of_run(run).split("validation")
    turn = rows.groupby("label").cumcount().sort_values(kind="stable").index
    some = rows.loc[turn].head(KNOWN)
    return {**dict(zip(some["text"], some["label"], strict=True)), STRANGER: _("none of your classes?")}


def _of_file() -> list[str]:
    """Let a person drop a file, and return its texts."""
    folder = dropped.into(DROPPED, TO_READ)
    if folder is None:
        return []
    with layout.calm():
        return [text for name, path in upload_route.files(folder) for text in asked.inside(path, name)]
    return []
