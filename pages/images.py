"""Pictures: bring them in, look at them, put them right."""

import streamlit as st

from pages._ui import layout
from pages._ui.uploader import uploader

layout.begin_page("Pictures", ":material/photo_library:", "pictures")
source = uploader("uploader")
if source:
    st.write(source)
