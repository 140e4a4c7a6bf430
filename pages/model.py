"""Network: choose the pre-trained network to start from."""

import streamlit as st

from pages._ui.network import catalogue as network_catalogue
from pages._ui.shell import layout, state
from pages._ui.train import ahead
from tl_core.language import _
from tl_core.networks import weights

layout.begin_page(
    _("Choose a network"),
    ":material/hub:",
    step="network",
    lead=_("Each of these networks has learned from over a million photographs. Your training starts from there."),
)
project = layout.require_pictures()

with st.container(horizontal=True, vertical_alignment="bottom"):
    offline = st.toggle(_("Only networks that work without a download"), **state.kept("offline", True))
    orders = list(network_catalogue.ORDERS)
    order = st.segmented_control(
        _("Sort by"),
        orders,
        required=True,
        width="content",
        format_func=_,
        **state.kept("network-order", "Size", orders),
    )
rows = network_catalogue.rows(state.workspace(), only_here=offline, order=order)
network = network_catalogue.choose(project, rows)

network_catalogue.card(network, weights.status(network, state.workspace()))
layout.link("experiments", _("Compare them on your own pictures"), icon=":material/science:")
with layout.drawer(_("Compare all of them in a table"), "networks-table", ":material/table_rows:") as table:
    if table.open:
        network_catalogue.table(rows)
ahead.show(project)
layout.next_step("freeze")
