"""What the teacher sees of the room, and does in it."""

from urllib.parse import quote

import segno
import streamlit as st

from pages._ui.people import everyone
from pages._ui.shell import layout, people, present, state, workers
from tl_core import jobs
from tl_core.export import addresses
from tl_core.language import N_, _
from tl_core.spaces import certificate, room
from tl_core.spaces.room import Room
from tl_core.spaces.spaces import Space
from tl_core.wording import number, plural, size

#: How often what people do is drawn again, and how often the disk is looked at, in seconds.
EVERY, COUNTED_EVERY = 5.0, 15.0
KEEP, DELETE = "keep", "delete"
#: What becomes of everything when the room is closed.
ENDS = {
    KEEP: N_("Keep everything on this computer"),
    DELETE: N_("Delete everything, for good: pictures, runs and models of all people, yours in this room, too"),
}


def _now() -> Room:
    found = room.load(people.spaces().root)
    if found is None or not found.is_open:
        st.info(_("The room is closed. Start the server again to open a new one."), icon=":material/lock:")
        st.stop()
    return found


def address() -> str:
    """Return where people join: where the server listens, or the address that other computers most likely reach."""
    scheme, port = "https" if people.is_secure() else "http", int(st.get_option("server.port"))
    listens = str(st.get_option("server.address") or "")
    if listens not in ("", "0.0.0.0", "::"):
        return f"{scheme}://{listens}:{port}"
    networks = addresses.reachable()
    return f"{scheme}://{networks[0].host(port) if networks else f'localhost:{port}'}"


def way_in() -> None:
    """Draw the code, the address and its QR code, and what the browser will warn of."""
    current, place = _now(), address()
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="medium", key="way-in"):
        _code(current, place, 200)
        with st.container(width=460, gap="small"):
            st.markdown(_("**People join at**"))
            st.code(f"{place}/join", language=None)
            st.markdown(_("**with the code**"))
            st.header(current.spoken, anchor=False)
            st.caption(
                _("The QR code has the code in it. Anyone who sees it can join, until the room is closed or full.")
            )
            present.button()
    _warning()


def _code(current: Room, place: str, width: int) -> None:
    link = f"{place}/join?code={quote(current.code)}"
    image = segno.make(link, micro=False, error="m").svg_inline(scale=8, border=4, light="#fff")
    st.image(image, width=width, alt=_("QR code of {address}").format(address=link))


def _warning() -> None:
    fingerprint = certificate.of(people.spaces().root).fingerprint
    if people.is_secure() and fingerprint:
        with layout.drawer(_("Browsers will warn: what to tell people"), "room-warning", ":material/shield:"):
            st.markdown(
                _(
                    "This computer has made its certificate itself, as nobody issues one for a classroom. The "
                    "connection is encrypted, but each browser warns once. “Advanced”, then “Proceed”, goes on. Tell "
                    "people that this is right here and nowhere else. Who wants to be sure compares the fingerprint "
                    "(SHA-256) in the browser with this one:"
                )
            )
            st.code(fingerprint, language=None, wrap_lines=True)


def presented() -> None:
    """Draw the way in for a projector: the QR code, the address and the code, in very large type."""
    current, place = _now(), address()
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="center", gap="large"):
        _code(current, place, 420)
        with st.container(width=760):
            present.answer(current.spoken, f"{place}/join")
    with st.container(key="present-state", gap="small"):
        st.fragment(run_every=EVERY)(_names)()
        fingerprint = certificate.of(people.spaces().root).fingerprint
        if people.is_secure() and fingerprint:
            st.markdown(
                _("Your browser will warn. The right fingerprint (SHA-256):") + " " + layout.escape(fingerprint)
            )


def _names() -> None:
    names = [each.person().name for each in _members()]
    count = plural(len(names), "person", "people")
    st.markdown(" · ".join([f"**{count}**", *map(layout.escape, names)]))


def _members() -> list[Space]:
    return room.members(people.spaces().root)


def people_in() -> None:
    """Draw who is there, where, and what each has, again and again."""
    st.header(_("Who is there"), anchor=False)
    st.fragment(run_every=EVERY)(_people)()


def _people() -> None:
    with layout.calm():
        members, most = _members(), _now().most
        if not members:
            st.caption(_("Nobody yet. The table fills while people join."))
            return
        counted = everyone.table(members, _("Nickname"), COUNTED_EVERY)
        waiting, running = (sum(getattr(each, name) for each in counted.values()) for name in ("waiting", "running"))
        st.caption(
            _("{people} of {most} places. {running} running, {waiting} waiting. Together {size} of the disk.").format(
                people=number(len(members)),
                most=number(most),
                running=plural(running, "job", "jobs"),
                waiting=number(waiting),
                size=size(sum(each.bytes for each in counted.values())),
            )
        )


def remove() -> None:
    """Draw what takes a person out of the room."""
    everyone.remove(_members(), "room-remove", _("The person is signed out, and the place is free."))


def give() -> None:
    """Draw what gives everyone a project of the teacher's."""
    st.header(_("Give everyone a project"), anchor=False)
    current, own = _now(), state.workspace().projects()
    if not own:
        st.caption(
            _("Import pictures or try a sample first, as a project of your own. Then you can give it to everyone.")
        )
        return
    with st.container(horizontal=True, vertical_alignment="bottom", key="give"):
        by_slug = {each.slug: each for each in own}
        chosen = st.selectbox(
            _("Your project"),
            list(by_slug),
            format_func=lambda slug: by_slug[slug].name,
            **state.kept("room-give", own[0].slug, list(by_slug), by_link=False),
        )
        if st.button(_("Give everyone this project"), icon=":material/volunteer_activism:", key="give-everyone"):
            with layout.calm(), st.spinner(_("Copying")):
                got = room.give_everyone(people.spaces().root, by_slug[chosen])
                st.toast(
                    _("Given to {people}.").format(people=plural(got, "person", "people")), icon=":material/check:"
                )
                current = _now()
    st.caption(
        _("Its pictures or texts are copied, not your runs. Who joins later gets it, too. What they change is theirs.")
    )
    names = [by_slug[slug].name for slug in current.given if slug in by_slug]
    if names:
        st.text(_("Everyone has: {names}").format(names=", ".join(names)))


def close() -> None:
    """Draw what closes the room: first what becomes of everything, then the button."""
    st.header(_("Close the room"), anchor=False)
    with st.container(border=True, key="close-room"):
        members = _members()
        st.markdown(
            _("Everybody is signed out at once, and the code lets nobody in any more. This is about {people}.").format(
                people=plural(len(members), "person", "people")
            )
        )
        choice = st.radio(
            _("What becomes of everything?"), list(ENDS), format_func=lambda end: _(ENDS[end]), key="room-end"
        )
        sure = st.checkbox(_("Yes, close the room"), key="room-sure")
        if st.button(_("Close the room"), icon=":material/lock:", disabled=not sure, key="close-now"):
            with layout.calm(), st.spinner(_("Stopping all work")):
                jobs.stop_all(workers.workspaces())
                room.close(people.spaces().root, keep=choice == KEEP)
                st.rerun()
