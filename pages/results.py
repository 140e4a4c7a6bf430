"""Results: what the run is worth, where it errs, why, how sure it is, and what it does with something unknown."""

import streamlit as st

from pages._ui import (
    comparison_view,
    results_errors,
    results_map,
    results_numbers,
    results_sure,
    results_unknown,
    results_view,
    results_why,
)
from pages._ui.shell import layout

layout.begin_page(
    "Results",
    ":material/monitoring:",
    step="results",
    lead="How well does it do on pictures it has never seen, and why is it wrong where it is?",
)
layout.require_pictures()
run = layout.require_run()

results_view.asked(run)
part = results_view.choose_part(run)
if part == "test":
    results_view.opening(run)
found = results_view.found(run, part)
if len(found) == 0:
    results_view.nothing(part)
    st.stop()
match results_view.choose_view():
    case "numbers":
        results_numbers.show(run, found)
    case "errors":
        results_errors.show(run, found)
    case "why":
        results_why.show(run, found)
    case "map":
        results_map.show(run, found)
    case "compare":
        comparison_view.show(run, found)
    case "sure":
        results_sure.show(run, found)
    case "unknown":
        results_unknown.show(run, found)
layout.next_step("try")
