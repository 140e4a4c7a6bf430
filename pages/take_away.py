"""Take away: make files of the model that run elsewhere, see how they answer there, and download them."""

from pages._ui.shell import layout, run_names
from pages._ui.take_away import everything, files, proofs
from tl_core.language import _

layout.begin_page(
    _("Take away"),
    ":material/ios_share:",
    step="take",
    lead=_("Make a file of your model that runs elsewhere. Each is then tried without this app, on your pictures."),
)
layout.require_pictures("texts", "tags", "boxes")
run = layout.require_run()
run_names.choose(run)
everything.show(run)
made = files.show(run)
proofs.show(run, made)
