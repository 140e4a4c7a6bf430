"""Results: what the run is worth, where it errs, why, how sure it is, and what it does with something unknown."""

import streamlit as st

from pages._ui.results import calibration, compare, errors, frame, numbers, projection, unknowns, why
from pages._ui.shell import layout

layout.begin_page(
    "Results",
    ":material/monitoring:",
    step="results",
    lead="How well does it do on pictures it has never seen, and why is it wrong where it is?",
)
layout.require_pictures()
run = layout.require_run()

frame.asked(run)
part = frame.choose_part(run)
if part == "test":
    frame.opening(run)
found = frame.found(run, part)
if len(found) == 0:
    frame.nothing(part)
    st.stop()
match frame.choose_view():
    case "numbers":
        numbers.show(run, found)
    case "errors":
        errors.show(run, found)
    case "why":
        why.show(run, found)
    case "map":
        projection.show(run, found)
    case "compare":
        compare.show(run, found)
    case "sure":
        calibration.show(run, found)
    case "unknown":
        unknowns.show(run, found)
layout.next_step("try")
