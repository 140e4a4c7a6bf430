"""What a model without any network makes of the same texts: the honest baseline beside a run."""

import streamlit as st

from pages._ui.shell import layout
from tl_core.evaluation import word_counts
from tl_core.runs import RunFolder


def show(run: RunFolder) -> None:
    """Say how good the baseline is, and whether the network is shown to be better; nothing where there is none."""
    counted = word_counts.load(run)
    if counted is None:
        return
    if counted.is_as_good:
        st.warning(layout.escape(counted.sentence()), icon=":material/balance:")
    else:
        st.markdown(f":material/balance: {layout.escape(counted.sentence())}")
