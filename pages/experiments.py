"""Experiments: answer a question by trying it on one's own pictures, before a long training."""

from pages._ui.experiments import frame, table
from pages._ui.shell import layout

layout.begin_page(
    "Experiments",
    ":material/science:",
    step="experiments",
    lead="Which network, and how many pictures? Try it on your own pictures: the frozen network runs once over them, "
    "and small heads learn from the result. Test pictures stay sealed.",
)
project = layout.require_pictures()
for row in table.ROWS:
    frame.show(project, row)
