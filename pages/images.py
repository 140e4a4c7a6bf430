"""Pictures: import them, look at them, correct them."""

import streamlit as st

from pages._ui.pictures import report, ways_in
from pages._ui.shell import layout, state

current = layout.begin_page(
    "Pictures",
    ":material/photo_library:",
    "pictures",
    "Import a folder with one sub-folder per class. A few dozen pictures of each are enough to start.",
    name_project=False,
)
report.show_job(current)
current = state.project()
ways_in.choose_project(current)

if current is None or not state.has_pictures(current):
    ways_in.ways_in(current)
    st.stop()

# pandas can wait until there are pictures.
from pages._ui.pictures import gallery, health, leaks, listed, overview  # noqa: E402
from tl_core.dataset import notes  # noqa: E402

pictures = listed.require(current)
overview.overview(current, pictures)
leaks.show(current, pictures)
overview.change_all(current, pictures)
health.show(current, pictures)
st.subheader("All pictures", anchor=False)
gallery.gallery(current, pictures.version)
with st.expander("Add more pictures", icon=":material/add_photo_alternate:", on_change="rerun") as more:
    if more.open:
        ways_in.ways_in(current)
if not notes.problems(pictures):
    layout.next_step("network")
