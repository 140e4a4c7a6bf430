"""How a table of texts is read, shown before the import: each guess with what speaks for it, and its correction."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

import streamlit as st

from pages._ui.pictures import projects, reading
from pages._ui.pictures.reading import Pending
from pages._ui.shell import layout, state
from tl_core import language, wording
from tl_core.about import Things
from tl_core.errors import InputError
from tl_core.files import write_record
from tl_core.ingest.entries import LeftOut
from tl_core.ingest.sources import Source
from tl_core.language import N_, _
from tl_core.text.guess import Chosen, Guess

if TYPE_CHECKING:
    from tl_core.text.cleaning import Cleaned
    from tl_core.text.reading import TextReading
    from tl_core.text.tables import Look

#: So many texts are shown, of each so many characters; and so many classes with their numbers.
FIRST, LONGEST, MOST_CLASSES = 6, 300, 200
#: Of more texts than these it is seen only by the import which of them are alike.
MOST_CLEANED = 50_000
#: The separators, and what reads each line as one text.
SEPARATORS = {
    ",": N_("Comma"),
    ";": N_("Semicolon"),
    "\t": N_("Tab"),
    "|": N_("Vertical bar"),
    ":": N_("Colon"),
    " ": N_("Blank"),
    "": N_("None: each line is a text"),
}
HEADER = {"yes": N_("It names the columns"), "no": N_("It is a text like the others")}
#: Stands for no column; no column is called so.
NO_COLUMN, ONE_LABEL = "", "\0one label"


@dataclass(frozen=True)
class TextChoice:
    """What to import a source of texts as."""

    job: ClassVar[str] = "import-texts"
    things: ClassVar[Things] = "texts"

    chosen: Chosen


class _Shown(NamedTuple):
    """A source as it reads now, or as far as it does: ``error`` says why not further."""

    reading: "TextReading | None"
    look: "TextReading | Look | None"
    error: str


def read(folder: Path, pending: Pending) -> object:
    """Read a source, so that it is seen whether anything can be read at all. Raises InputError if nothing can."""
    shown = _shown(folder, pending)
    if shown.look is None:
        raise InputError(shown.error)
    return shown


def _shown(folder: Path, pending: Pending) -> _Shown:
    with st.spinner(_("Reading the texts …")):
        return _read(str(folder), pending.source, pending.chosen, language.spoken())


@st.cache_resource(max_entries=2, scope="session", show_spinner=False)
def _read(folder: str, source: Source, chosen: Chosen, reads: str) -> _Shown:
    """Return how a source reads with these choices. It says so in sentences, so it is of one language."""
    from tl_core.text import sources

    try:
        found = sources.read(source, chosen)
    except InputError as exc:
        try:
            return _Shown(None, sources.look(source, chosen), str(exc))
        except InputError:
            return _Shown(None, None, str(exc))
    return _Shown(found, found, "")


@st.cache_resource(max_entries=2, scope="session", show_spinner=False)
def _cleaned(folder: str, source: Source, chosen: Chosen, reads: str) -> "Cleaned":
    from tl_core.text.cleaning import clean

    found = _read(folder, source, chosen, reads).reading
    assert found is not None, "only what reads is cleaned"
    return clean(found)


def choose(folder: Path, pending: Pending, classes: list[str]) -> TextChoice | None:
    """Draw how a source is read, with the corrections, and return what is to be imported once Import is pressed."""
    shown = _shown(folder, pending)
    with st.container(border=True, key="reading"):
        st.header(_("Check before the import"), anchor=False)
        if pending.project is None:
            st.text(_("New project: {name}").format(name=projects.free_name(pending.name)))
        if shown.error:
            st.warning(layout.escape(shown.error), icon=":material/help:")
        _corrections(folder, pending, shown, classes)
        ready = shown.reading is not None and _show(folder, pending, shown.reading)
        if shown.reading is None and shown.look is not None:
            _rows(shown.look.columns, getattr(shown.look, "rows", ()))
        with st.container(horizontal=True):
            pressed = st.button(_("Import"), type="primary", icon=":material/download_done:", disabled=not ready)
            if pending.chosen != Chosen() and st.button(_("Guess again"), icon=":material/restart_alt:"):
                _keep(folder, pending, Chosen())
                st.rerun()
            if st.button(_("Discard"), icon=":material/close:", key="discard-reading"):
                reading.drop(folder)
                st.rerun()
    return TextChoice(pending.chosen) if pressed else None


def _keep(folder: Path, pending: Pending, chosen: Chosen) -> None:
    write_record(folder / reading.WAITING, replace(pending, chosen=chosen))


def _corrections(folder: Path, pending: Pending, shown: _Shown, classes: list[str]) -> None:
    """Draw a choice for each guess, with what speaks for it."""
    look, chosen = shown.look, pending.chosen

    def save(**changes: Any) -> None:
        _keep(folder, pending, replace(chosen, **changes))

    with st.grid("auto", min_column_width=230):
        if shown.reading is not None and shown.reading.table is not None:
            table = shown.reading.table
            tables = ("", *table.others) if not table.value else (table.value, *table.others)
            all_of_them = _("All with these columns")
            _choice(
                "table",
                _("Table"),
                table,
                tables,
                lambda each: each or all_of_them,
                lambda one: save(table=one or None, text=None, label=None, group=None),
            )
        encoding = look.encoding if look else None
        if encoding is not None or chosen.encoding is not None or look is None:
            _encoding(encoding, chosen, save)
        separator = look.separator if look else None
        if separator is not None or chosen.separator is not None:
            given = separator or Guess(value=chosen.separator or "", why=_("You chose it."))
            names = {each: _(name) for each, name in SEPARATORS.items()}
            _choice(
                "separator",
                _("Between the cells"),
                given,
                list(dict.fromkeys((*SEPARATORS, given.value))),
                lambda each: names.get(each, each),
                lambda one: save(separator=one, text=None, label=None, group=None),
            )
        header = look.header if look else None
        if header is not None:
            words = {each: _(said) for each, said in HEADER.items()}
            _choice(
                "header",
                _("First row"),
                header,
                list(HEADER),
                words.__getitem__,
                lambda one: save(header=one == "yes", text=None, label=None, group=None),
            )
        if look is not None and look.columns:
            _columns(look.columns, shown.reading, chosen, classes, save)


def _encoding(given: Guess | None, chosen: Chosen, save: Callable[..., None]) -> None:
    from tl_core.text.encodings import ENCODINGS

    known = given or Guess(value=chosen.encoding or ENCODINGS[0], why=_("Try another one."))
    _choice(
        "encoding",
        _("Encoding"),
        known,
        list(dict.fromkeys((known.value, *ENCODINGS))),
        str,
        lambda one: save(encoding=one),
    )


def _columns(
    names: Sequence[str], found: "TextReading | None", chosen: Chosen, classes: list[str], save: Callable[..., None]
) -> None:
    """Draw which column is what; where none could be guessed, what was chosen."""
    none = Guess(value="", why=_("Choose the column."))
    text = found.text if found and found.text else replace(none, value=chosen.text or "")
    no_label = Guess(value=chosen.label or "", why=_("Choose the column, or one label for all texts."))
    label = found.label if found and found.label else no_label
    group = found.group if found and found.group else replace(none, value=chosen.group or "", why="")
    title = _titled(names)
    one_label = _("One label for all texts")
    _choice("text", _("Column of the texts"), text, names, title, lambda one: save(text=one))

    def label_title(each: str) -> str:
        return one_label if each == ONE_LABEL else title(each)

    def save_label(one: str) -> None:
        if one == ONE_LABEL:
            save(label=None, one_label=next(iter(classes), _("Class {number}").format(number=1)))
        else:
            save(label=one, one_label=None)

    shown = replace(label, value=ONE_LABEL) if chosen.one_label is not None else label
    with st.container(gap="xsmall"):
        _choice("label", _("Column of the labels"), shown, [*names, ONE_LABEL], label_title, save_label)
        if chosen.one_label is not None:
            bound = state.bound("read-one-label", chosen.one_label, lambda one: save(one_label=one.strip() or None))
            st.text_input(_("Label of all texts"), **bound)
    nothing = _("None")
    _choice(
        "group",
        _("What stays together"),
        group,
        [NO_COLUMN, *names],
        lambda each: title(each) if each else nothing,
        lambda one: save(group=one),
        about=_("Texts of one author or conversation stay in one split, so that the test is fair."),
    )


def _titled(names: Sequence[str]) -> Callable[[str], str]:
    """Return what columns are called. Options are told apart by that, so a long name is cut and keeps its place."""
    cut = {each: each if len(each) <= 60 else f"{each[:56]}… ({place})" for place, each in enumerate(names, 1)}
    return lambda each: cut.get(each, each)


def _choice(
    key: str,
    label: str,
    guess: Guess,
    options: Sequence[str],
    title: Callable[[str], str],
    save: Callable[[str], None],
    about: str | None = None,
) -> None:
    """Draw a guess as a choice, and below it what speaks for it."""
    with st.container(gap="xsmall"):
        value = guess.value if guess.value in options else None
        st.selectbox(
            label,
            options,
            format_func=title,
            help=about,
            placeholder=_("Choose"),
            **state.bound(f"read-{key}", value, save, options=options),
        )
        if guess.why:
            st.caption(layout.escape(guess.why))


def _show(folder: Path, pending: Pending, found: "TextReading") -> bool:
    """Draw what the reading gives, and return whether there is something to import."""
    st.markdown(f"**{layout.escape(found.summary())}**")
    if found.doubt:
        st.warning(layout.escape(found.doubt), icon=":material/help:")
    said, left_out, usable = [*_parts(found), *found.remarks], list(found.left_out), bool(found.items)
    if len(found.items) <= MOST_CLEANED:
        with st.spinner(_("Looking for copies and for what cannot be used …")):
            cleaned = _cleaned(str(folder), pending.source, pending.chosen, language.spoken())
        said, left_out, usable = [*said, *cleaned.notes], list(cleaned.left_out), bool(cleaned.rows)
    else:
        said.append(_("Copies and near duplicates are looked for during the import."))
    if said:
        st.markdown("\n".join(f"- {layout.escape(each)}" for each in said))
    _first(found)
    _counts(found)
    _left_out(left_out)
    return usable


def _parts(found: "TextReading") -> list[str]:
    """Return what the source says of splits, as a sentence."""
    from tl_core.dataset.splits import SPLITS

    given = [wording.of_split(found.parts[split], split) for split in SPLITS if split in found.parts]
    return [_("The splits are given: {parts}.").format(parts=wording.listed(given))] if given else []


def _first(found: "TextReading") -> None:
    grouped = any(item.group for item in found.first(FIRST))
    split = any(item.split for item in found.first(FIRST))
    rows = [
        [item.label, item.text, *([item.group] if grouped else []), *([item.split] if split else [])]
        for item in found.first(FIRST)
    ]
    names = [_("Label"), _("Text"), *([_("Stays together")] if grouped else []), *([_("Split")] if split else [])]
    _rows(names, rows, wide=1)


def _rows(names: Sequence[str], rows: Sequence[Sequence[str]], wide: int | None = None) -> None:
    """Draw the first rows of a table; ``wide`` is the place of the column of the texts."""
    import pandas as pd

    if not rows:
        return
    st.caption(_("The first rows"))
    short = pd.DataFrame([[cell[:LONGEST] for cell in row] for row in rows], columns=list(names))
    columns = {} if wide is None else {names[wide]: st.column_config.TextColumn(width="large")}
    st.dataframe(short, hide_index=True, width="stretch", column_config=columns)


def _counts(found: "TextReading") -> None:
    """Draw how many texts each label has, the rarest of many last."""
    counts = sorted(found.classes.items(), key=lambda each: -each[1])
    if not counts:
        return
    title = _("Texts of each label ({number})").format(number=wording.number(len(counts)))
    with st.expander(title, expanded=len(counts) <= 12):
        most = counts[0][1]
        shown = [{"Label": label, "Texts": number} for label, number in counts[:MOST_CLASSES]]
        columns = {
            "Label": st.column_config.TextColumn(_("Label")),
            "Texts": st.column_config.ProgressColumn(_("Texts"), format="%d", min_value=0, max_value=most),
        }
        st.dataframe(shown, hide_index=True, width="stretch", column_config=columns, height="content")
        if len(counts) > MOST_CLASSES:
            st.caption(_("The first {number} of them.").format(number=wording.number(MOST_CLASSES)))


def _left_out(items: list[LeftOut]) -> None:
    """Draw what is left out: how many for each reason, and each with its row."""
    if not items:
        return
    with st.expander(_("Left out ({number})").format(number=wording.number(len(items)))):
        reading.table_of(items)
