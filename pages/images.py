"""Pictures: import them, look at them, correct them."""

import streamlit as st

from pages._ui.pictures import export_menu, exported, projects, report, ways_in
from pages._ui.shell import layout, state
from tl_core.dataset import kinds
from tl_core.language import _

current = layout.begin_page(
    _("Pictures"),
    ":material/photo_library:",
    "pictures",
    _("Import a folder with one sub-folder per class. A few dozen pictures of each are enough to start."),
    name_project=False,
)
report.show_job(current)
exported.show_job()
current = state.project()
projects.choose(current, lambda: export_menu.both(current))
export_menu.show_jobs(current)
ways_in.show_waiting(current)

if current is None or not state.has_pictures(current):
    ways_in.ways_in(current)
    st.stop()

# pandas can wait until there are pictures.
if kinds.of(current) == "texts":
    from pages._ui.pictures import texts

    texts.show(current)
    st.stop()

from pages._ui.pictures import classes, gallery, health, leaks, listed, overview  # noqa: E402
from pages._ui.train import ahead, now  # noqa: E402
from tl_core.dataset import notes  # noqa: E402

pictures = listed.require(current)
if not notes.problems(pictures):
    now.button(current, pictures)
overview.overview(current, pictures)
exported.show_missing(current)
leaks.show(current, pictures)
overview.change_all(current, pictures)
classes.show(current, pictures)
with layout.drawer(_("Add more pictures"), "add-more", ":material/add_photo_alternate:") as more:
    if more.open:
        ways_in.ways_in(current)
if pictures.table.empty:
    st.stop()
health.show(current, pictures)
st.header(_("All pictures"), anchor=False)
gallery.gallery(current, pictures.version)
if not notes.problems(pictures):
    ahead.show(current)
    layout.next_step("network")
