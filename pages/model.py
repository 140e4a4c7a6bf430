"""Network: this page is on its way."""

from pages._ui import layout

layout.begin_page("Network", ":material/hub:", "network")
layout.require_pictures()
