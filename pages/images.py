"""Pictures: bring them in, look at them, put them right."""

import streamlit as st

from pages._ui import pictures_in, pictures_report
from pages._ui.shell import layout, state

current = layout.begin_page(
    "Pictures",
    ":material/photo_library:",
    "pictures",
    "Bring in a folder with one sub-folder per class. A few dozen pictures of each are enough to begin with.",
    name_project=False,
)
job = state.job()
if job is not None and job.kind in ("import", "sample"):
    pictures_report.show_job(job)
    current = state.project()
pictures_in.choose_project(current)

if current is None or not state.has_pictures(current):
    pictures_in.ways_in(current)
    st.stop()

# pandas can wait until there are pictures.
from pages._ui import pictures_gallery, pictures_health, pictures_leaks, pictures_look  # noqa: E402
from tl_core.dataset import manifest  # noqa: E402

pictures = manifest.load(current)
pictures_look.overview(current, pictures)
pictures_leaks.show(current, pictures)
pictures_look.change_all(current, pictures)
pictures_health.show(current, pictures)
st.subheader("All pictures", anchor=False)
pictures_gallery.gallery(current, pictures.version)
with st.expander("Add more pictures", icon=":material/add_photo_alternate:", on_change="rerun") as more:
    if more.open:
        pictures_in.ways_in(current)
if not pictures.problems():
    layout.next_step("network")
