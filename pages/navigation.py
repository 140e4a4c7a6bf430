"""The frame of the app, which each run of it starts from, whatever page is asked for; ``steps.py`` lists the pages."""

import streamlit as st

from pages._ui.shell import language, layout, people, workers
from pages.steps import PAGES, PEOPLE, ROOM
from tl_core.language import _

# Worker processes are spawned from here. If this module had a file, they would run it as their own main module.
globals().pop("__file__", None)

language.settle()
st.set_page_config(
    page_icon=str(layout.ASSETS / "icon.svg"),
    layout="wide",
    menu_items={"About": _("**Thaw** — your pictures, a pre-trained network, a model of your own.")},
)
layout.header()
language.choice()
layout.only_for_people_who_are_in()
beside = [each for each, may in ((ROOM, people.is_teacher), (PEOPLE, people.is_operator)) if may()]
page = st.navigation(
    [
        st.Page("home.py", title="Thaw", default=True),
        *(st.Page(step.file, title=_(step.title), icon=step.icon) for step in (*PAGES, *beside)),
    ],
    position="hidden",
)
people.seen(page.url_path)
try:
    with layout.body(), layout.calm():
        layout.speak_of_project(page.url_path)
        page.run()
finally:
    workers.spare_imports()
    workers.warm_soon()
