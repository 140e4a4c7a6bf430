"""The part of the freeze page that follows the line: it runs again when the line moves, and the rest does not."""

from collections.abc import Callable, Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages._ui.freeze import boxes, costs, feature_maps, head, layers, line
from pages._ui.freeze import probe as freeze_probe
from pages._ui.shell import layout, state
from tl_core.about import Things
from tl_core.dataset import kinds, manifest
from tl_core.freezing import probe
from tl_core.language import N_, _
from tl_core.networks import tables
from tl_core.tasks import table
from tl_core.workspace import Project


def page(project: Project) -> None:
    """Draw the network with its line, what it costs, the head, and what helps to choose."""
    with layout.calm():
        pictures = manifest.load(project)
        draft = state.draft(project)
        network = tables.get(draft.backbone)
        outline = line.outline_of(network)
        data = costs.data_of(draft, network, pictures)
        probed = probe.load(project, network.id, data.size, pictures.version)
        left, right = _columns()
        with left:
            st.header(_("The blocks of {network}").format(network=network.title), anchor=False)
            frozen = line.line(project, outline, freeze_probe.curve(probed, outline))
        with right:
            st.header(_("What that means"), anchor=False)
            costs.costs(project, network, outline, frozen, data, pictures)
        if table.of(project).feature_maps:
            feature_maps.show(project, network, outline, frozen, size=data.size, pictures=pictures)
        *lefts, right = _columns() if table.of(project).probes else [st.container()]
        for place in lefts:
            with place:
                freeze_probe.show(project, network, outline, probed, size=data.size, pictures=pictures)
        with right:
            st.header(_("Your new head"), anchor=False, help=_(_HEAD))
            HEADS.get(kinds.of(project), head.choose)(project, len(pictures.classes))
        state.update_draft(project, freeze=outline.lines[frozen])
        layers.show(project, outline, frozen)


#: Of kinds with another head than one for labels.
HEADS: Mapping[Things, Callable[[Project, int], None]] = {"boxes": boxes.head}


def _columns() -> list[DeltaGenerator]:
    return st.columns([5, 3], gap="large")


_HEAD = N_(
    "The head is the last part of the network. It turns what the network finds in a picture into one of your classes. "
    "It always trains."
)
