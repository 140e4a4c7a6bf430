"""None of these: what the model refuses, what that costs, and a drawer of other things to fool it with."""

from pathlib import Path

import streamlit as st

from pages._ui.pictures.thumbnails import thumbnail
from pages._ui.results import trust_charts
from pages._ui.shell import charts, layout, state
from tl_core.evaluation import unknowns
from tl_core.evaluation.predictions import Predictions
from tl_core.evaluation.unknowns import Known
from tl_core.ingest import bundled
from tl_core.metrics import intervals
from tl_core.metrics.intervals import percent
from tl_core.runs import RunFolder
from tl_core.wording import certainty

SHARES = [0.0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5]


def show(run: RunFolder, found: Predictions) -> None:
    """Show the slider of coverage against error, and the drawer."""
    knows = unknowns.of(run)
    if knows is None or not len(knows.held_out):
        st.info("There are no validation pictures to learn from what the model knows.", icon=":material/info:")
        return
    st.subheader("It may say “I do not know this”", anchor=False)
    st.markdown(
        "A picture is refused if it looks like none of your training pictures to the network, or if the model is not "
        "sure of its class. Without that, whatever you show it gets one of your classes, often with high confidence."
    )
    chosen = _slider(run)
    rows = unknowns.trade(knows, found, SHARES)
    left, right = st.columns([3, 2], gap="large")
    with left:
        charts.show(trust_charts.trade(rows, chosen), _alt(rows), key="trade")
    with right:
        _cost(found, next(row for row in rows if row["share"] == chosen), knows, chosen)
    _drawer(run)


def _slider(run: RunFolder) -> float:
    now = min(SHARES, key=lambda share: abs(share - unknowns.refused(run)))
    chosen: float = st.select_slider(
        "How many pictures of your classes may be refused by mistake",
        SHARES,
        value=now,
        format_func=lambda share: "none: never refuse" if share == 0 else f"{share:.0%}",
        key=f"refused-{run.id}",
    )
    if chosen != unknowns.refused(run):
        unknowns.choose(run, chosen)
    return chosen


def _cost(found: Predictions, row: dict, knows: Known, chosen: float) -> None:
    answered, n, right = row["answered"], row["n"], row["right"]
    with st.container(horizontal=True):
        st.metric("Answered", f"{answered:,} of {n:,}")
        st.metric("Right among them", f"{right:,} of {answered:,}")
    st.markdown(intervals.in_words(right, answered))
    if chosen:
        low, high = intervals.wilson(n - answered, n)
        st.markdown(
            f"{n - answered} refused by mistake; the true share may lie between {percent(low)} and {percent(high)}."
        )
    if knows.promise(chosen) > chosen:
        st.caption(
            f"With {len(knows.held_out)} pictures to set it by, only {percent(knows.promise(chosen))} can be promised."
        )
    if found.split == "validation":
        st.caption("The bound was set by these very pictures; the test part tells how well it holds.")
    if knows.helped:
        st.caption(
            "There are few validation pictures, so training pictures helped to set the bound: it may refuse more than "
            "it says."
        )
    st.caption("The Try it page uses this bound, too.")


def _drawer(run: RunFolder) -> None:
    with st.expander("Try to fool it", icon=":material/theater_comedy:", on_change="rerun", key="fool") as drawer:
        if drawer.open:
            with layout.calm():
                _fool(run)


def _fool(run: RunFolder) -> None:
    pictures = bundled.photographs()
    answers = _asked(
        str(run.folder), run.model_path.stat().st_mtime_ns, unknowns.refused(run), tuple(pictures.values())
    )
    refused = [bool(answer["known"] and answer["known"]["refused"]) for answer in answers]
    low, high = intervals.wilson(sum(refused), len(refused))
    st.markdown(
        f"**{sum(refused)} of {len(refused)} pictures of other things are refused** (95 % interval {percent(low)} to "
        f"{percent(high)}). If one of them belongs to a class of yours, it should not be."
    )
    with st.container(horizontal=True, key="strangers"):
        for (title, path), answer, no in zip(pictures.items(), answers, refused, strict=True):
            best = answer["classes"][0]
            said = f"{best['label']} {certainty(best['probability'])}"
            with st.container(width=138):
                st.image(thumbnail(str(path), 276), alt=f"{title}: {'refused' if no else said}", width="stretch")
                st.markdown(f":material/block: **Refused**, {title}" if no else f":material/warning: {title}")
                st.text(f"Else: {said}" if no else f"Called {said}")


@st.cache_data(max_entries=8, show_spinner="Showing it other things …", scope="session")
def _asked(folder: str, trained: int, refused: float, pictures: tuple[Path, ...]) -> list[dict]:
    """Ask once for each model and bound, however often the page runs again."""
    found: list[dict] = state.engine().ask("predict", folder, [str(path) for path in pictures], False)
    return found


def _alt(rows: list[dict]) -> str:
    told = "; ".join(
        f"{row['answered']} of {row['n']} answered: {row['answered'] - row['right']} wrong" for row in rows[::2]
    )
    return f"Errors by how many pictures are answered: {told}."
