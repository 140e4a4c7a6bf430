"""The networks that read texts: those of the table, and those that a person has in a folder."""

from pathlib import Path

import streamlit as st

from pages._ui.network import measured
from pages._ui.shell import layout, state
from tl_core import wording
from tl_core.language import N_, _
from tl_core.networks import text_catalogue, weights
from tl_core.networks.text_catalogue import LOCAL, TextNetwork
from tl_core.workspace import Project

FOLDER = N_("A folder on this machine with config.json, model.safetensors and vocab.txt")
WHICH = N_("BERT, DistilBERT and networks built like them, such as MiniLM, in the form of the library Transformers.")


def show(project: Project) -> None:
    """Let a person choose the network that reads the texts, and show what is known of it."""
    network = _choose(project)
    _card(network)
    if state.is_local():
        _from_folder(project)


def _choose(project: Project) -> TextNetwork:
    current = text_catalogue.get(state.draft(project).backbone)
    titles = {each.id: f"{each.title} — {_(each.advice)}" for each in text_catalogue.CATALOGUE}
    titles.setdefault(current.id, f"{current.title} — {_(current.advice)}")
    binding = state.bound("network", current.id, lambda chosen: state.choose_backbone(project, chosen), options=titles)
    st.selectbox(_("Network"), list(titles), format_func=titles.__getitem__, **binding)
    state.choose_backbone(project, current.id)
    return current


def _card(network: TextNetwork) -> None:
    status = weights.status(network, state.workspace())
    with st.container(border=True, key="network-card"):
        st.header(layout.escape(network.title), anchor=False)
        with st.container(horizontal=True):
            st.metric(_("Parameters"), wording.count(network.parameters))
            st.metric(_("Blocks"), wording.number(network.blocks))
            st.metric(_("Reads at most"), wording.plural(network.most_tokens, "word piece", "word pieces"))
            st.metric(_("Weights"), wording.size(status.size))
            measured.metric(network.id)
        about = _("Built like {family}. Made by: {source}.").format(
            family=network.family, source=layout.escape(network.source)
        )
        licence = _("Licence of the weights: {licence}.").format(licence=network.licence) if network.licence else ""
        st.markdown(f":small[{about} {licence}]")
        if status.state == "here":
            st.success(layout.escape(status.message), icon=":material/check_circle:")
        else:
            st.warning(layout.escape(status.message), icon=":material/error:")
        measured.panel(network.id)


def _from_folder(project: Project) -> None:
    """Let a person choose a network that lies in a folder."""
    with layout.drawer(_("Use a network of your own"), "network-folder", ":material/folder_open:"), layout.calm():
        st.caption(_(WHICH))
        typed = st.text_input(_(FOLDER), key="network-folder-typed").strip()
        if st.button(_("Use this network"), icon=":material/check:", disabled=not typed, key="use-network-folder"):
            chosen = text_catalogue.local(Path(typed.removeprefix(LOCAL)))
            state.choose_backbone(project, chosen.id)
            st.rerun()
