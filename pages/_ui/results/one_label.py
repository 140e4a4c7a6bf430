"""The results of a run that gives one label: for each of its splits the view that a person chooses."""

from pages._ui.results import (
    calibration,
    compare,
    downloads,
    errors,
    frame,
    numbers,
    projection,
    unknowns,
    why,
)
from tl_core.runs import RunFolder


def show(run: RunFolder) -> None:
    """Draw the choices and what is chosen."""
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
            compare.show(run, split, compare.of_one_label)
        case "sure":
            calibration.show(run, predicted)
        case "unknown":
            unknowns.show(run, predicted)
    downloads.show(run, split)
