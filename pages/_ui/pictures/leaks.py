"""Alike pictures side by side: the same picture under two labels, and copies in two splits."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from pages._ui.pictures.report import sentences
from pages._ui.pictures.thumbnails import LARGE, SPLIT_TITLES, file_name, thumbnail
from pages._ui.shell import layout, paging
from tl_core import wording
from tl_core.dataset import duplicates, edits, manifest, notes, splits
from tl_core.dataset import leaks as dataset_leaks
from tl_core.dataset.manifest import BETWEEN, Manifest
from tl_core.dataset.splits import CONFLICT, TRAIN
from tl_core.language import N_, _
from tl_core.workspace import Project

PER_PAGE = 6
#: Least width of the card of a pair, in pixels: two beside each other on a desk, one on a phone.
CARD = 300
#: What may be done with two copies, by split.
OUT_OF = {
    splits.TRAIN: N_("Remove the training copy"),
    splits.VALIDATION: N_("Remove the validation copy"),
    splits.TEST: N_("Remove the test copy"),
}
BOTH_FOR = {
    splits.TRAIN: N_("Use both for training"),
    splits.VALIDATION: N_("Use both for validation"),
    splits.TEST: N_("Use both for test"),
}


#: Draws some of a project's examples side by side, each with its class and its use: project, rows by id, ids.
Beside = Callable[[Project, pd.DataFrame, Sequence[str]], None]


def show(project: Project, current: Manifest, beside: Beside) -> None:
    """Draw alike examples that need a decision, each kind in a drawer of its own; nothing if there are none.

    The titles have no numbers: a drawer whose title changes is another one, and closed.
    """
    alone = current.conflicts
    labels = duplicates.conflicts(current.table)
    leaks = splits.leaks(current.table)
    if len(alone) + len(labels):
        with layout.drawer(_("One picture, two labels"), "two-labels", ":material/alt_route:") as drawer:
            if drawer.open:
                _two_labels(project, current, alone["id"].tolist(), labels, beside)
    if len(leaks):
        with layout.drawer(_("One picture, two uses"), "two-splits", ":material/content_copy:") as drawer:
            if drawer.open:
                _two_splits(project, current, leaks, beside)


def _two_labels(project: Project, current: Manifest, alone: list[str], labels: pd.DataFrame, beside: Beside) -> None:
    rows: Any = current.table.set_index("id")
    pairs: list[Any] = [(name, None, None) for name in alone]
    pairs += [(row.first, row.second, row.bits) for row in labels.itertuples()]
    to_decide = _("{number} to decide: these pictures have two labels. Choose the right one.")
    st.caption(to_decide.format(number=wording.number(len(pairs))))
    shown = pairs[paging.page(len(pairs), PER_PAGE, "two-labels-page")]
    with st.grid("auto", min_column_width=CARD, border=True):
        for first, second, bits in shown:
            with st.container(key=f"labels-{first[:16]}-{(second or '')[:16]}"):
                if second is None:
                    beside(project, rows, [first])
                    _settle_one(project, first, rows.loc[first, "flags"].removeprefix(CONFLICT).split(BETWEEN))
                else:
                    beside(project, rows, [first, second])
                    st.caption(_how_alike(duplicates.NEAR, bits))
                    _settle_two(project, rows, first, second)


def _settle_one(project: Project, name: str, sides: list[str]) -> None:
    with st.container(horizontal=True):
        for side in sides:
            title = _("It is {label}").format(label=layout.escape(side))
            _button(title, f"{name}-{side}", partial(edits.move, project, [name], side))
        _button(_("Remove"), f"{name}-remove", lambda: edits.remove(project, [name]), icon=":material/delete:")


def _settle_two(project: Project, rows: pd.DataFrame, first: str, second: str) -> None:
    both, key = [first, second], f"{first[:16]}-{second[:16]}"
    with st.container(horizontal=True):
        for side in rows.loc[both, "label"].astype(str):
            title = _("Both are {label}").format(label=layout.escape(side))
            _button(title, f"{key}-{side}", partial(edits.move, project, both, side))
        _button(_("Remove both"), f"{key}-remove", lambda: edits.remove(project, both), icon=":material/delete:")
        _different_button(project, key, [(first, second)])


def _two_splits(project: Project, current: Manifest, leaks: pd.DataFrame, beside: Beside) -> None:
    sentences(notes.leak_notes(leaks))
    _all_at_once(project, current, leaks)
    rows = current.table.set_index("id")
    shown: list[Any] = list(leaks.iloc[paging.page(len(leaks), PER_PAGE, "two-splits-page")].itertuples())
    with st.grid("auto", min_column_width=CARD, border=True):
        for pair in shown:
            with st.container(key=f"splits-{pair.first[:16]}-{pair.second[:16]}"):
                beside(project, rows, [pair.first, pair.second])
                st.caption(_how_alike(pair.kind, pair.bits))
                _settle_splits(project, pair)


def _all_at_once(project: Project, current: Manifest, leaks: pd.DataFrame) -> None:
    """Offer one answer for all pairs."""
    removal = dataset_leaks.removal(current.table)
    ids = sorted({*leaks["first"], *leaks["second"]})
    pairs = list(zip(leaks["first"], leaks["second"], strict=True))
    st.caption(
        _("Removing the copies from training leaves the test pictures unchanged, so their accuracy stays comparable."),
        help=_(
            "Copies in validation are removed in the same way. Of a burst, all training pictures are removed. "
            "You can undo everything here."
        ),
    )
    with st.container(horizontal=True, key="all-pairs"):
        _button(
            _("Remove {copies}").format(copies=wording.plural(len(removal.ids), "copy", "copies")),
            "all-out",
            lambda: edits.remove(project, removal.ids),
            icon=":material/delete:",
            type="primary",
            disabled=not removal.ids,
        )
        _button(_("Use all for training"), "all-in", lambda: edits.set_split(project, ids, TRAIN))
        _different_button(project, "all", pairs, _("All are different"))
    if removal.spared:
        names = wording.listed([wording.quoted(layout.escape(name)) for name in removal.spared])
        st.caption(_("None are removed from {classes}: nothing would be left to train on.").format(classes=names))


def _settle_splits(project: Project, pair: Any) -> None:
    both = [pair.first, pair.second]
    used = [pair.first_split, pair.second_split]
    key = "-".join(name[:16] for name in both)
    leaves = min((0, 1), key=lambda side: splits.SPLITS.index(used[side]))
    with st.container(horizontal=True):
        _button(
            _(OUT_OF[used[leaves]]),
            f"{key}-out",
            lambda: edits.remove(project, [both[leaves]]),
            icon=":material/delete:",
        )
        for split in sorted(used, key=splits.SPLITS.index):
            _button(_(BOTH_FOR[split]), f"{key}-{split}", partial(edits.set_split, project, both, split))
        _different_button(project, key, [(both[0], both[1])])


def pictures(project: Project, rows: pd.DataFrame, ids: Sequence[str]) -> None:
    """Draw pictures side by side, each with its class, its use, and the name that it came with."""
    with st.container(horizontal=True):
        for name in ids:
            row: Any = rows.loc[name]
            about = f"{row.label} · {_(SPLIT_TITLES[row.split])}"
            with st.container(width=130, gap="xsmall"):
                path = str(manifest.image_path(project, name))
                st.image(thumbnail(path, LARGE), alt=f"{about} · {row.source}", width=130)
                st.text(about)
                st.caption(layout.escape(file_name(row.source)))


def _how_alike(kind: str, bits: int) -> str:
    if kind == duplicates.BURST:
        return _("One burst, or frames of one film ({bits} of 256 bits differ).").format(bits=bits)
    return _("Near duplicates: {bits} of 256 bits of their hashes differ.").format(bits=bits)


def _different_button(project: Project, key: str, pairs: list[dataset_leaks.Pair], title: str | None = None) -> None:
    title = title or _("Different pictures")
    _button(title, f"{key}-keep", lambda: dataset_leaks.mark_different(project, pairs), icon=":material/check:")


def _button(title: str, key: str, change: Callable[[], object], **options: Any) -> None:
    """Draw a button that changes the list of pictures."""
    if st.button(title, key=f"settle-{key}", **options):
        with layout.calm():
            change()
            st.rerun()
