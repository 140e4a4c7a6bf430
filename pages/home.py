"""The first page: two ways to begin, earlier projects, interrupted jobs."""

import streamlit as st

from pages._ui.home import cards, home, storage
from pages._ui.pictures import samples, ways_in
from pages._ui.shell import layout, state
from tl_core import mode
from tl_core.language import _

layout.begin_page(
    _("Teach a network your own pictures or texts"),
    ":material/water_drop:",
    lead=_(
        "Take a network that has seen a million pictures, or read a library. Keep most of it frozen, and thaw just "
        "enough to tell **your** classes apart. No code, no cloud: your data and models stay on this machine."
    )
    if not mode.has_people()
    else _(
        "Take a network that has seen a million pictures, or read a library. Keep most of it frozen, and thaw just "
        "enough to tell **your** classes apart. No code, no cloud: your data and models stay on this server."
    ),
)
home.interrupted(state.workspace())
home.damaged(state.workspace())

with st.grid(2, min_column_width=300, border=True):
    with st.container(key="bring"):
        st.header(_(":material/drive_folder_upload: What do you want to tell apart?"), anchor=False)
        with layout.calm():
            home.kinds_of_things(ways_in.open_new)
            ways_in.upload(None)
        st.caption(_("An exported project (zip) opens here, too."))
        ways_in.to_others()
    with st.container(key="try"):
        st.header(_(":material/auto_awesome: Try a sample"), anchor=False)
        st.markdown(_("See every step in a minute, without an internet connection."))
        with layout.calm():
            samples.buttons()

home.lessons(state.workspace())
cards.show(state.workspace().projects())
storage.show(state.workspace())
