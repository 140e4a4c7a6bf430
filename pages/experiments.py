"""Experiments: answer a question by trying it on one's own pictures, before a long training."""

import streamlit as st

from pages._ui.experiments import frame, presented, table
from pages._ui.shell import layout, present
from tl_core.language import _
from tl_core.tasks import table as tasks

layout.begin_page(
    _("Experiments"),
    ":material/science:",
    step="experiments",
    lead=_(
        "Does freezing pay, which network fits, how many pictures are enough? Try it on your own pictures. "
        "Test pictures stay sealed."
    ),
)
project = layout.require_pictures("texts", "tags")
if present.asked():
    presented.show(project)
    st.stop()
offered = tasks.of(project).experiments
for row in table.ROWS:
    if row.kind in offered:
        frame.show(project, row)
