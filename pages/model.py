"""Network: choose the pre-trained network to start from."""

from pages._ui.network import views
from pages._ui.shell import layout
from pages._ui.train import ahead
from tl_core.language import _

layout.begin_page(
    _("Choose a network"),
    ":material/hub:",
    step="network",
    lead=_("Each of these networks has learned from over a million photographs. Your training starts from there."),
)
project = layout.require_pictures("texts", "tags", "boxes")
views.show(project)
ahead.show(project)
layout.next_step("freeze")
