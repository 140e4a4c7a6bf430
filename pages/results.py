"""Results: what the run is worth, and the button that opens the sealed test part."""

import streamlit as st

from pages._ui import layout, results_view
from tl_core import manifest

layout.begin_page(
    "Results",
    ":material/monitoring:",
    step="results",
    lead="How well does it do on pictures it has never seen?",
)
project = layout.require_pictures()
run = layout.require_run()
n = len(manifest.load(project, run.recipe.manifest).part("test"))
result = run.test_result()

if n == 0:
    st.info("This run kept no test pictures back. Set a test share on the Pictures page and train again.")
    layout.link("pictures", "Go to Pictures")
elif result is None:
    st.markdown(
        f"**{n} pictures are sealed.** Neither training nor the choice of the best epoch has seen them, so they tell "
        "the truth once. Open them when you are done with choosing: every change that you make after looking turns "
        "them a little into training pictures."
    )
results_view.opening(run, result, n)
if result:
    results_view.show(result)
layout.next_step("try")
