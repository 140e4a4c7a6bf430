"""Freeze: this page is on its way."""

from pages._ui import layout

layout.begin_page("Freeze", ":material/ac_unit:", "freeze")
layout.require_pictures()
