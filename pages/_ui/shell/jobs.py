"""A job as a page shows it: its progress while it runs, how it ended."""

from typing import Any

import streamlit as st

from pages._ui.shell import layout, state
from tl_core.jobs import Job

EVERY = 0.5


def follow(job: Job, title: str) -> None:
    """Show the progress of a job and a Stop button; once the job has ended, the whole page runs again."""
    with st.container(border=True, key="following"):
        st.subheader(title, anchor=False)
        st.fragment(run_every=EVERY)(_draw)(job)


def _draw(job: Job) -> None:
    with layout.calm():
        if not job.active:
            st.rerun()
        fraction, text = describe(job.events())
        st.progress(fraction, text=text)
        stopping = (job.folder / "stop").exists()
        if st.button("Stopping …" if stopping else "Stop", icon=":material/stop:", disabled=stopping):
            job.stop()
            st.rerun(scope="fragment")


def describe(events: list[dict[str, Any]]) -> tuple[float, str]:
    """Return how far the events say a job is, as a fraction and a sentence.

    >>> describe([{"time": 0.0, "event": "progress", "what": "pictures", "done": 1, "total": 4},
    ...           {"time": 10.0, "event": "progress", "what": "pictures", "done": 2, "total": 4}])
    (0.5, '2 of 4 pictures · 20 seconds left')
    """
    steps = [event for event in events if event["event"] == "progress" and event.get("total")]
    if not steps:
        return 0.0, "Getting ready …"
    last = steps[-1]
    first = next(step for step in steps if step["what"] == last["what"])
    done, total = last["done"], last["total"]
    text = f"{done:,} of {total:,} {layout.escape(last['what'])}"
    gained, seconds = done - first["done"], last["time"] - first["time"]
    if gained > 0 and seconds >= 1:
        text += f" · {duration(seconds / gained * (total - done))} left"
    return min(1.0, done / total), text


def duration(seconds: float) -> str:
    """Return a time in words, as exact as an estimate is.

    >>> duration(95)
    '2 minutes'
    """
    if seconds < 90:
        return f"{max(1, round(seconds))} second{'' if round(seconds) <= 1 else 's'}"
    minutes = round(seconds / 60)
    return f"{minutes} minutes" if minutes < 90 else f"{minutes / 60:.1f} hours"


def ended_early(job: Job) -> None:
    """Say why a job that is not done has ended, and offer to go on where that makes sense."""
    status = job.status()
    how = status["state"]
    if how == "failed":
        st.error(layout.escape(status.get("error") or "It ended without a message."), icon=":material/error:")
    elif how == "cancelled":
        st.info(layout.escape(status.get("error") or "Stopped."), icon=":material/stop_circle:")
    else:
        st.warning("The server was stopped before this was done.", icon=":material/pause_circle:")
    with st.container(horizontal=True):
        if how != "cancelled" and st.button("Go on" if how == "interrupted" else "Try again", key="again"):
            state.engine().submit(job)
            st.rerun()
        if st.button("Close", key="close-job"):
            state.set_job(None)
            st.rerun()
