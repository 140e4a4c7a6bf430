"""Try it: this page is on its way."""

from pages._ui import layout

layout.begin_page("Try it", ":material/auto_awesome:", "try")
layout.require_pictures()
