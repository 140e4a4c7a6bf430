"""The list of a project's pictures; where it is damaged, the way back to the version before it."""

from typing import NoReturn

import streamlit as st

from pages._ui.shell import layout
from tl_core.dataset import manifest
from tl_core.dataset.manifest import DamagedManifestError, Manifest
from tl_core.language import _
from tl_core.workspace import Project


def require(project: Project) -> Manifest:
    """Return the current list; the page stops with a sentence and the way back where it cannot be read."""
    try:
        return manifest.load(project)
    except DamagedManifestError as exc:
        _offer_way_back(project, exc)


def _offer_way_back(project: Project, exc: DamagedManifestError) -> NoReturn:
    st.error(layout.escape(str(exc)), icon=":material/broken_image:")
    before = manifest.readable(project, project.about().manifest or 0)
    back = _("Go back to version {version}").format(version=before)
    if before and st.button(back, icon=":material/undo:", type="primary", key="go-back"):
        manifest.go_back(project)
        st.rerun()
    st.stop()
