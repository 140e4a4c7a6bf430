"""Room: the page of the one who teaches: how people come in, who is there, what they do, and the end of it."""

import streamlit as st

from pages._ui.people import room
from pages._ui.shell import layout, people, present
from tl_core.language import _

layout.begin_page(_("Room"), ":material/groups:", step="room", name_project=False)
if not people.is_teacher():
    st.markdown(_("This page is the teacher's."))
    st.stop()
if present.asked():
    room.presented()
    st.stop()
room.way_in()
room.people_in()
room.remove()
room.give()
room.close()
