"""Results: how good the run is, its mistakes, why, how confident it is, and what it does with something unknown."""

from pages._ui.results import kinds
from pages._ui.shell import layout, run_names
from tl_core.language import _

layout.begin_page(
    _("Results"),
    ":material/monitoring:",
    step="results",
    lead=_("How well does the model do on pictures that it has never seen? Where is it wrong, and why?"),
)
layout.require_pictures("texts", "tags", "boxes")
run = layout.require_run()
run_names.choose(run)
kinds.show(run)
layout.next_step("try")
