"""The first page: what Thaw does, and the two ways to begin."""

from pages._ui import layout

layout.begin_page("Thaw", ":material/water_drop:")
layout.link("pictures", "Bring your own pictures")
