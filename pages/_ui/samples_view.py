"""Samples as cards: sets of pictures to try Thaw with."""

from typing import Any

import streamlit as st

from pages._ui import state


def cards() -> None:
    """Draw the samples; a press on one makes a project of it and shows the Pictures page."""
    from tl_core.samples import SAMPLES

    with st.grid("auto", min_column_width=240, border=True):
        for sample in SAMPLES:
            _card(sample)


def _card(sample: Any) -> None:
    with st.container(key=f"sample-{sample.id}"):
        st.markdown(f"**{sample.title}**")
        st.caption(sample.advice)
        if st.button("Try it", key=f"try-{sample.id}", icon=":material/play_arrow:"):
            start(sample.id)


def start(sample_id: str) -> None:
    """Start making a sample and go to the Pictures page, which shows how far it is."""
    state.start_job("sample", sample=sample_id, workspace=str(state.workspace().root))
    st.switch_page("images.py", query_params=dict(st.query_params))
