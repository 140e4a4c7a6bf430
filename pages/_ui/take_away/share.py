"""Share: open the web page of a run on this machine, and let phones in the network open it, for an hour at most."""

from urllib.parse import urlsplit

import segno
import streamlit as st

from pages._ui.shell import layout, state
from pages._ui.take_away import share_route, sharing
from tl_core import mode
from tl_core.export import addresses, served, stored
from tl_core.export.addresses import Address
from tl_core.export.phones import Share
from tl_core.language import _
from tl_core.runs import RunFolder
from tl_core.wording import estimate

#: How often the time that is left is drawn again, in seconds.
EVERY = 5.0
QR_WIDTH = 240
NETWORK = "share-network"


def show(run: RunFolder) -> None:
    """Show where the page of a run can be opened, and the buttons that let phones open it and end that."""
    is_made = stored.find(run, served.FORMAT) is not None
    with st.container(border=True, key="share"):
        st.markdown(_("**Share the page**"))
        if is_made:
            here(run)
        else:
            st.caption(_("Make the page first. Then open it here, or on phones."))
        if mode.has_people():  # this server is in the network already
            if is_made:
                _by_link(run)
            return
        share = sharing.current()
        if share and not share.ended:
            st.fragment(run_every=EVERY)(_shared)(run, share)
        elif is_made:
            _offer(run, share)


def here(run: RunFolder) -> None:
    """Draw the way to the page of a run on this machine."""
    address, browser = st.context.url or "", st.context.headers.get("user-agent") or ""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.link_button(_("Open the page"), share_route.url(run, address, browser), icon=":material/open_in_new:")
        reach = _("On this machine only.") if state.is_local() else _("For those who reach the app.")
        st.caption(reach, width="content")


def _by_link(run: RunFolder) -> None:
    """Draw the code that leads phones to the page of a run, without a session: by a link that cannot be guessed."""
    place = urlsplit(st.context.url or "")
    address = f"{place.scheme}://{place.netloc}{share_route.url(run, '', '')}"
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        _code(address)
        with st.container(width=420, gap="small"):
            st.code(address, language=None, wrap_lines=True)
            st.caption(
                _(
                    "Anyone in this network who has this address can open the page, until the room is closed or the "
                    "server ends. They reach this one file, and nothing else of yours."
                )
            )


def _code(address: str) -> None:
    st.image(
        segno.make(address, micro=False, error="m").svg_inline(scale=8, border=4, light="#fff"),
        width=QR_WIDTH,
        alt=_("QR code of {address}").format(address=address),
    )


def _offer(run: RunFolder, before: Share | None) -> None:
    """Draw the button that lets phones open the page; say why an earlier time has ended."""
    if before and before.run == run:
        st.caption(f":material/info: {_(before.ended)}")
    networks = addresses.reachable()
    if not networks:
        st.caption(_("Phones cannot open it: this machine is in no network. Connect it to the Wi-Fi of the phones."))
        return
    chosen = _network(networks)
    st.caption(
        _("Phones open it by a QR code, for an hour at most. They reach this one file, and nothing else of the app.")
    )
    if chosen.is_public:
        warning = _("This network may let machines on the Internet reach the page, too.")
        st.caption(f":material/warning: {warning}")
    if st.button(_("Let phones on this network open it"), icon=":material/qr_code_2:", key="share-start"):
        with layout.calm():
            sharing.start(run, chosen)
            st.rerun()


def _network(networks: list[Address]) -> Address:
    """Let a person pick the network where there are several."""
    if len(networks) == 1:
        return networks[0]
    by_label = {f"{each.interface} · {each.ip}": each for each in networks}
    label = st.selectbox(
        _("Network of the phones"),
        list(by_label),
        help=_("The first one is the likeliest. Choose the one that the phones are in."),
        **state.kept(NETWORK, next(iter(by_label)), list(by_label), by_link=False),
    )
    return by_label[label]


def _shared(run: RunFolder, share: Share) -> None:
    """Draw the code, the address and the time left; once it has ended, the whole page runs again."""
    if share.ended:
        st.rerun()
    if share.run != run:
        other = _("Phones can open another page now: that of {run}.").format(run=layout.escape(share.run.reference))
        st.caption(f":material/info: {other}")
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        _code(share.url)
        with st.container(width=420, gap="small"):
            st.markdown(_("Open to phones for **{time}** more.").format(time=estimate(share.left)))
            st.code(share.url, language=None, wrap_lines=True)
            st.caption(
                _(
                    "The phone must be in the same network. If it finds nothing there, a firewall or a guest network "
                    "stands between. Anyone in the network who has this address can open the page."
                )
            )
            st.caption(
                _(
                    "“Take a photo” opens the phone’s camera. Browsers allow live video only by https or on this "
                    "machine."
                )
            )
            if st.button(_("Stop sharing"), icon=":material/stop:", key="share-stop"):
                sharing.stop()
                st.rerun()
