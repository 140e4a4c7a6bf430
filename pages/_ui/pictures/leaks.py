"""Alike pictures side by side: the same picture under two labels, and copies in two parts of the split."""

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages._ui.pictures.gallery import PARTS, SIDE, thumbnail
from pages._ui.pictures.report import sentences
from pages._ui.shell import layout
from tl_core.dataset import duplicates, edits, manifest, notes, splits
from tl_core.dataset import leaks as dataset_leaks
from tl_core.dataset.manifest import BETWEEN, Manifest
from tl_core.dataset.splits import CONFLICT, TRAIN
from tl_core.workspace import Project

PER_PAGE = 6
#: Least width of the card of a pair, in pixels: two beside each other on a desk, one on a phone.
CARD = 300


def show(project: Project, current: Manifest) -> None:
    """Draw what alike pictures raise, each kind in a drawer of its own; nothing where there is nothing to settle.

    The titles bear no numbers: a drawer whose title changes is another one, and closed.
    """
    alone = current.conflicts
    labels = duplicates.conflicts(current.table)
    leaks = splits.leaks(current.table)
    if len(alone) + len(labels):
        with st.expander(
            "One picture, two labels", icon=":material/alt_route:", key="two-labels", on_change="rerun"
        ) as drawer:
            if drawer.open:
                _two_labels(project, current, alone["id"].tolist(), labels)
    if len(leaks):
        with st.expander(
            "One picture, two parts", icon=":material/content_copy:", key="two-parts", on_change="rerun"
        ) as drawer:
            if drawer.open:
                _two_parts(project, current, leaks)


def _two_labels(project: Project, current: Manifest, alone: list[str], labels: Any) -> None:
    rows = current.table.set_index("id")
    pairs = [(name, None, None) for name in alone]
    pairs += [(row.first, row.second, row.bits) for row in labels.itertuples()]
    st.caption(f"{len(pairs):,} to settle: the network would be told two things about one picture. Say which is right.")
    shown = _page(pairs, "two-labels-page")
    with st.grid("auto", min_column_width=CARD, border=True):
        for first, second, bits in shown:
            with st.container(key=f"labels-{first[:16]}-{(second or '')[:16]}"):
                if second is None:
                    _pictures(project, rows, first)
                    _settle_one(project, first, rows.loc[first, "flags"].removeprefix(CONFLICT).split(BETWEEN))
                else:
                    _pictures(project, rows, first, second)
                    st.caption(_how_alike(duplicates.NEAR, bits))
                    _settle_two(project, rows, first, second)


def _settle_one(project: Project, name: str, sides: list[str]) -> None:
    with st.container(horizontal=True):
        for side in sides:
            _button(
                f"It is {layout.escape(side)}", f"{name}-{side}", lambda side=side: edits.move(project, [name], side)
            )
        _button("Remove", f"{name}-remove", lambda: edits.remove(project, [name]), icon=":material/delete:")


def _settle_two(project: Project, rows: Any, first: str, second: str) -> None:
    both, key = [first, second], f"{first[:16]}-{second[:16]}"
    with st.container(horizontal=True):
        for side in (rows.loc[name, "label"] for name in both):
            _button(
                f"Both are {layout.escape(side)}", f"{key}-{side}", lambda side=side: edits.move(project, both, side)
            )
        _button("Remove both", f"{key}-remove", lambda: edits.remove(project, both), icon=":material/delete:")
        _keep_button(project, key, [(first, second)])


def _two_parts(project: Project, current: Manifest, leaks: Any) -> None:
    sentences(notes.leak_notes(leaks))
    _all_at_once(project, current, leaks)
    rows = current.table.set_index("id")
    shown = _page(list(leaks.itertuples()), "two-parts-page")
    with st.grid("auto", min_column_width=CARD, border=True):
        for pair in shown:
            with st.container(key=f"parts-{pair.first[:16]}-{pair.second[:16]}"):
                _pictures(project, rows, pair.first, pair.second)
                st.caption(_how_alike(pair.kind, pair.bits))
                _settle_parts(project, pair)


def _all_at_once(project: Project, current: Manifest, leaks: Any) -> None:
    """Offer one answer for all pairs."""
    removal = dataset_leaks.removal(current.table)
    gone, spared = removal.ids, removal.spared
    ids = sorted({*leaks["first"], *leaks["second"]})
    pairs = list(zip(leaks["first"], leaks["second"], strict=True))
    st.caption(
        "Taking the copies out of training (or validation) leaves the test as it came, so its accuracy can still be "
        "compared; of a series all that is in training leaves. Everything here can be undone."
    )
    with st.container(horizontal=True, key="all-pairs"):
        _button(
            f"Take out {len(gone):,} cop{'y' if len(gone) == 1 else 'ies'}",
            "all-out",
            lambda: edits.remove(project, gone),
            icon=":material/delete:",
            type="primary",
            disabled=not gone,
        )
        _button("Put all into training", "all-in", lambda: edits.set_split(project, ids, TRAIN))
        _keep_button(project, "all", pairs, "All are different: keep")
    if spared:
        names = ", ".join(f"“{layout.escape(name)}”" for name in spared[:5])
        st.caption(f"None are taken out of {names}: nothing would be left to train on.")


def _settle_parts(project: Project, pair: Any) -> None:
    both = [pair.first, pair.second]
    parts = [pair.first_split, pair.second_split]
    key = "-".join(name[:16] for name in both)
    leaves = min((0, 1), key=lambda side: splits.SPLITS.index(parts[side]))
    with st.container(horizontal=True):
        title = f"Take out the {splits.SPLIT_NAMES[parts[leaves]]} copy"
        _button(title, f"{key}-out", lambda: edits.remove(project, [both[leaves]]), icon=":material/delete:")
        for part in sorted(parts, key=splits.SPLITS.index):
            title = f"Both into {splits.SPLIT_NAMES[part]}"
            _button(title, f"{key}-{part}", lambda part=part: edits.set_split(project, both, part))
        _keep_button(project, key, [(both[0], both[1])])


def _page(pairs: list[Any], key: str) -> list[Any]:
    """Return the pairs of one page of them, with the numbers of the pages above if there are several."""
    pages = -(-len(pairs) // PER_PAGE)
    page = st.pagination(pages, key=f"{key}-{pages}") if pages > 1 else 1
    return pairs[(page - 1) * PER_PAGE : page * PER_PAGE]


def _pictures(project: Project, rows: Any, *ids: str) -> None:
    """Draw pictures side by side, each with its class, its part, and the name that it came with."""
    with st.container(horizontal=True):
        for name in ids:
            row = rows.loc[name]
            about = f"{row.label} · {PARTS[row.split]}"
            with st.container(width=130, gap="xsmall"):
                st.image(
                    thumbnail(str(manifest.image_path(project, name)), SIDE), alt=f"{about} · {row.source}", width=130
                )
                st.text(about)
                st.caption(layout.escape(row.source.split(BETWEEN)[0].split("/")[-1]))


def _how_alike(kind: str, bits: int) -> str:
    if kind == duplicates.BURST:
        return f"Taken in one go, or frames of one film ({bits} of 256 bits differ)."
    return f"Near duplicates: {bits} of 256 bits of their hashes differ."


def _keep_button(
    project: Project, key: str, pairs: list[dataset_leaks.Pair], title: str = "Different: keep both"
) -> None:
    _button(title, f"{key}-keep", lambda: dataset_leaks.mark_different(project, pairs), icon=":material/check:")


def _button(title: str, key: str, change: Callable[[], object], **options: Any) -> None:
    """Draw a button that changes the list of pictures."""
    if st.button(title, key=f"settle-{key}", **options):
        with layout.calm():
            change()
            st.rerun()
