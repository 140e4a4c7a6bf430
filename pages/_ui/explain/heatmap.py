"""What in a picture speaks for a class (Grad-CAM), and whether covering that part changes the answer."""

from pathlib import Path
from typing import Any

import streamlit as st

from pages._ui.shell import layout, state
from tl_core.explain import heatmap
from tl_core.explain.occlusion import LITTLE, Check, Sweep
from tl_core.metrics.intervals import percent
from tl_core.runs import RunFolder

SIDE = 560


def show(run: RunFolder, picture: bytes | str, key: str) -> None:
    """Show the map of a class over a picture, and the check by covering.

    Args:
        run: whose model is asked.
        picture: the content of a picture file, or its path.
        key: of the widgets.
    """
    with st.spinner("Looking …"):
        said = _asked("grad-cam", run, picture, None)
    shares = said["probabilities"]
    order = sorted(shares, key=lambda label: -shares[label])
    left, right = st.columns(2, gap="medium")
    with left:
        label = st.selectbox(
            "What speaks for", order, format_func=lambda each: f"{each} · {shares[each]:.1%}", key=f"why-{key}"
        )
        found = said if label == said["label"] else _asked("grad-cam", run, picture, label)
        _map(picture, found)
    with right:
        if st.toggle("Check it: cover parts of the picture", key=f"cover-{key}"):
            with st.spinner("Covering …"):
                covered = _asked("cover", run, picture, label)
            _covered(picture, label, covered["sweep"], covered["check"])
        else:
            st.caption(
                "The map on the left comes from inside the network. This check asks it again and again with one part "
                "of the picture covered: where the answer falls, the part mattered. It takes a second or two."
            )


def _map(picture: bytes | str, found: dict[str, Any]) -> None:
    label, name = found["label"], layout.escape(found["label"])
    if not found["heat"].any():
        st.image(_drawn(picture, found["heat"]), alt="The picture in greys, without a map", width="stretch")
        st.info(f"Nothing in the last feature map speaks for **{name}**: there is no map to draw.")
        return
    share = percent(found["in_middle"])
    alt = f"What speaks for {label} lies {found['where']}; {share} of it in the middle quarter"
    st.image(_drawn(picture, found["heat"]), alt=alt, width="stretch")
    st.caption(
        f"Bright: speaks for **{name}**. It lies {found['where']}; {share} of it in the middle quarter. The line "
        "goes around the strongest fifth. The map tells where, not how much: its brightest place always looks the same."
    )


def _covered(picture: bytes | str, label: str, sweep: Sweep, check: Check | None) -> None:
    name = layout.escape(label)
    if sweep.heat.any():
        where, before, lowest = heatmap.where(sweep.heat), percent(sweep.before), percent(sweep.lowest)
        alt = f"Where a covered patch costs {label} most: {where}. From {before} down to {lowest}"
        st.image(_drawn(picture, sweep.heat, outlined=False), alt=alt, width="stretch")
        st.caption(
            f"Bright: a grey patch here costs **{name}** most. It lies {where}; the worst patch leaves "
            f"{lowest} of {before}. {sweep.positions} × {sweep.positions} places were tried."
        )
    else:
        st.image(_drawn(picture, sweep.heat), alt="The picture in greys: no covered place matters", width="stretch")
        st.caption(
            f"No covered place costs **{name}** more than {percent(LITTLE)}: the answer does not hang on any one place "
            f"({sweep.positions} × {sweep.positions} were tried)."
        )
    if check is not None:
        words, verdict = check.sentences(label)
        st.markdown(f"{layout.escape(words)} **{layout.escape(verdict)}**")


@st.cache_data(max_entries=200, show_spinner=False)
def _drawn(picture: bytes | str, found: Any, outlined: bool = True) -> bytes:
    return heatmap.overlay(picture if isinstance(picture, bytes) else Path(picture), found, SIDE, outlined=outlined)


def features(run: RunFolder, picture: bytes | str) -> Any:
    """Return what the head sees of a picture that the run was not asked about, ``(channels,)``."""
    return _asked("features-of", run, picture)


def _asked(question: str, run: RunFolder, picture: bytes | str, *more: str | None) -> Any:
    version = run.require_model().stat().st_mtime_ns
    return _answer(question, str(run.folder), version, picture, *more)


@st.cache_data(max_entries=200, show_spinner=False, scope="session")
def _answer(question: str, folder: str, version: int, picture: bytes | str, *more: str | None) -> Any:
    """Ask the interactive worker once for each question, however often the page runs again."""
    return state.engine().ask(question, folder, picture, *more)
