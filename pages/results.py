"""Results: how good the run is, its mistakes, why, how confident it is, and what it does with something unknown."""

from pages._ui.results import calibration, compare, downloads, errors, frame, numbers, projection, unknowns, why
from pages._ui.shell import layout, run_names
from tl_core.language import _

layout.begin_page(
    _("Results"),
    ":material/monitoring:",
    step="results",
    lead=_("How well does the model do on pictures that it has never seen? Where is it wrong, and why?"),
)
layout.require_pictures("texts", "tags")
run = layout.require_run()
run_names.choose(run)

frame.require_predictions(run)
split = frame.choose_split(run)
view = frame.choose_view(run)
if split == "test":
    frame.open_test(run)
predicted = frame.load(run, split)
match view:
    case "numbers":
        numbers.show(run, predicted)
    case "errors":
        errors.show(run, predicted)
    case "why":
        why.show(run, predicted)
    case "map":
        projection.show(run, predicted)
    case "compare":
        compare.show(run, predicted)
    case "sure":
        calibration.show(run, predicted)
    case "unknown":
        unknowns.show(run, predicted)
downloads.show(run, predicted)
layout.next_step("try")
