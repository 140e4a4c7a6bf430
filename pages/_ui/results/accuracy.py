"""An accuracy as the results show it: with its number of pictures and interval, beside what guessing gets."""

import streamlit as st

from tl_core.accuracy import Accuracy
from tl_core.metrics.intervals import RATE_INTERVAL
from tl_core.wording import interval, percent


def metrics(title: str, figures: Accuracy) -> None:
    """Show an accuracy of at least one picture, its interval, and what guessing gets."""
    assert figures.accuracy is not None
    with st.container(horizontal=True, key=f"figures-{title.split()[0].lower()}"):
        st.metric(title, percent(figures.accuracy, figures.n))
        if figures.is_counted:
            st.metric("Right", f"{figures.correct:,.0f} of {figures.n:,}")
        else:
            st.metric("Pictures", f"{figures.n:,}")
        st.metric(
            "95% interval",
            interval(*figures.interval, figures.n),
            help=f"The true accuracy is probably in this range ({RATE_INTERVAL}). More pictures make it narrower.",
        )
        if figures.baseline is not None:
            st.metric(
                "Just guessing",
                percent(figures.baseline, figures.n),
                help="The accuracy of always saying the class with most training pictures.",
            )
