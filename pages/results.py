"""Results: this page is on its way."""

from pages._ui import layout

layout.begin_page("Results", ":material/monitoring:", "results")
layout.require_pictures()
