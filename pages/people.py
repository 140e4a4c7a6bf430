"""People: the page of those who look after a team's server: who has a space, what each has, and how one is removed."""

import streamlit as st

from pages._ui.people import operator
from pages._ui.shell import layout, people
from tl_core.language import _

if not people.is_operator():
    st.stop()
layout.begin_page(_("People"), ":material/manage_accounts:", step="people", name_project=False)
operator.people_here()
operator.sign_out()
operator.remove()
