"""The people of a server for who looks after them: what each has and does, and how one is removed."""

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType

import streamlit as st

from pages._ui.shell import layout, people
from pages.steps import PAGES, PEOPLE
from tl_core.language import N_, _
from tl_core.spaces import numbers, removal
from tl_core.spaces.numbers import Numbers
from tl_core.spaces.spaces import Space
from tl_core.wording import ago, number, plural, size

#: What the pages are called, by their addresses.
TITLES, HOME = {Path(step.file).stem: step.title for step in (*PAGES, PEOPLE)}, N_("Home")


def table(
    every: Sequence[Space],
    name: str,
    seconds: float,
    more: Mapping[str, Callable[[Space], str]] = MappingProxyType({}),
) -> dict[Space, Numbers]:
    """Draw a row for each person, who was seen last first, and return what each has; say who cannot be read.

    Args:
        every: whose rows.
        name: the title of the column of names.
        seconds: how old the numbers may be: each file is looked at for them.
        more: the last columns, by their titles.
    """
    for sentence in people.spaces().damaged():
        st.warning(layout.escape(sentence), icon=":material/warning:")
    ordered = sorted(every, key=_last_seen, reverse=True)
    counted = {each: _counted(str(each.folder), int(time.time() // seconds)) for each in ordered}
    rows = [
        {name: each.person().name} | _row(each, counted[each]) | {title: tell(each) for title, tell in more.items()}
        for each in ordered
    ]
    st.dataframe(rows, hide_index=True, width="stretch", key="people")
    return counted


def _last_seen(space: Space) -> float:
    """Return when a person was seen last, as far as that is known; a sign-in counts, also one of an earlier server."""
    seen = people.presence(space)
    return seen.time if seen else space.person().signed_in


@st.cache_data(max_entries=256, show_spinner=False)
def _counted(folder: str, period: int) -> Numbers:
    """Return what a person has, counted once in each period."""
    return numbers.of(Space(Path(folder)).workspace)


def _row(space: Space, has: Numbers) -> dict[str, object]:
    seen, last = people.presence(space), _last_seen(space)
    here = seen is not None and time.time() - seen.time <= people.AWAY_SECONDS
    return {
        _("Page"): _(TITLES.get(seen.page, HOME)) if seen else "–",
        _("Last seen"): _("here") if here else ago(time.time() - last) if last else "–",
        _("Pictures"): number(has.pictures),
        _("Runs"): number(has.runs),
        _("At work"): number(has.running),
        _("Waiting"): number(has.waiting),
        _("Disk"): size(has.bytes),
    }


def remove(every: Sequence[Space], key: str, means: str) -> None:
    """Draw what removes a person: first what that deletes, then a yes, then the button.

    Args:
        every: who may be removed.
        key: of the drawer.
        means: what becomes of the person, a sentence of ours.
    """
    if not every:
        return
    with layout.drawer(_("Remove a person"), key, ":material/person_remove:") as drawer:
        if not drawer.open:
            return
        chosen = choose(every, "removed")
        if chosen is None:
            return
        has = numbers.of(chosen.workspace)
        gone = _(
            "{pictures}, {runs} and all else of this person are deleted, {size}; work is stopped first ({jobs}). This "
            "cannot be undone."
        ).format(
            pictures=plural(has.pictures, "picture or text", "pictures or texts"),
            runs=plural(has.runs, "run", "runs"),
            size=size(has.bytes),
            jobs=plural(has.running + has.waiting, "job", "jobs"),
        )
        st.warning(f"{gone} {means}", icon=":material/delete_forever:")
        sure = st.checkbox(_("Yes, delete it"), key=f"sure-{chosen.id}")
        if st.button(_("Remove"), icon=":material/person_remove:", disabled=not sure, key="remove-now"):
            with layout.calm(), st.spinner(_("Stopping all work")):
                freed = removal.remove(people.spaces(), chosen)
                st.toast(_("Removed. That freed {size}.").format(size=size(freed)), icon=":material/check:")
                st.rerun()


def choose(every: Sequence[Space], key: str) -> Space | None:
    """Draw the choice of one of these people, and return who was chosen; nobody is at first."""
    by_id = {each.id: each for each in every}
    names = [each.person().name for each in every]

    def called(id_: str) -> str:  # with the id where another one has the same name
        name = by_id[id_].person().name
        return name if names.count(name) == 1 else f"{name} ({id_})"

    chosen = st.selectbox(_("Person"), list(by_id), index=None, format_func=called, key=key)
    return by_id.get(chosen or "")
