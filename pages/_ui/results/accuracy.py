"""An accuracy as the results show it: with its number of pictures and interval, beside what guessing gets."""

import streamlit as st

from pages._ui.shell.help import GUESSING, INTERVAL
from tl_core.accuracy import Accuracy
from tl_core.language import _
from tl_core.wording import interval, number, out_of, percent


def metrics(title: str, figures: Accuracy, *, key: str) -> None:
    """Show an accuracy of at least one picture, its interval, and what guessing gets; ``key`` names the place."""
    assert figures.accuracy is not None
    with st.container(horizontal=True, key=f"figures-{key}"):
        st.metric(title, percent(figures.accuracy, figures.n))
        if figures.is_counted:
            st.metric(_("Right"), out_of(figures.correct, figures.n))
        else:
            st.metric(_("Pictures"), number(figures.n))
        st.metric(
            _("95% interval"),
            interval(*figures.interval, figures.n),
            help=_(INTERVAL),
        )
        if figures.baseline is not None:
            st.metric(
                _("Just guessing"),
                percent(figures.baseline, figures.n),
                help=_(GUESSING),
            )
