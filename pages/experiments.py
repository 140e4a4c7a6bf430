"""Experiments: answer a question by trying it on one's own pictures, before a long training."""

from pages._ui.experiments import frame, table
from pages._ui.shell import layout
from tl_core.language import _

layout.begin_page(
    _("Experiments"),
    ":material/science:",
    step="experiments",
    lead=_(
        "Does freezing pay, which network fits, how many pictures are enough? Try it on your own pictures. "
        "Test pictures stay sealed."
    ),
)
project = layout.require_pictures()
for row in table.ROWS:
    frame.show(project, row)
