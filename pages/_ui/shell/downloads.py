"""Files to download: those that a job makes, and those that are made when their button is pressed."""

from collections.abc import Callable
from typing import Any, BinaryIO

import streamlit as st

from pages._ui.shell import download_route, jobs, layout, people, state
from tl_core.language import _
from tl_core.travel import made
from tl_core.wording import size


def panel(kind: str, title: str, **args: Any) -> bool:
    """Show the job that makes a file, and the file once it is made.

    Args:
        kind: one of ``travel.made.KINDS``.
        title: what the job does, for a person; our own words.
        **args: arguments of the job: only a job that has them is shown.

    Returns:
        True while the job runs.
    """
    if jobs.panel(kind, title, **args):
        return True
    job = jobs.current(kind, **args)
    if job is None or job.state != "done":
        return False
    result, path = made.Made(**job.status().result), made.file_of(job)
    with st.container(border=True, key="made-file"):
        st.markdown(f":material/task_alt: **{layout.escape(result.file)}** ({size(result.bytes)})")
        st.caption(layout.escape(" ".join([result.sentence, *result.left_out])))
        with st.container(horizontal=True):
            if path is None:
                st.caption(_(download_route.GONE))
            else:
                st.link_button(_("Download"), download_route.link(job), icon=":material/download:", type="primary")
            if st.button(_("Close"), key=f"close-{kind}", icon=":material/close:"):
                state.set_job(None)
                st.rerun()
    return False


def button(
    label: str,
    make: Callable[[], bytes | str | BinaryIO],
    name: str,
    mime: str = "application/octet-stream",
    **look: Any,
) -> None:
    """Draw the button that downloads a file which is made when it is pressed.

    Args:
        label: of the button.
        make: returns what the file holds. It is called outside the run of a page.
        name: of the file.
        mime: what it is.
        **look: of the button, as Streamlit takes it.
    """
    made = people.noted(make, name, mime)
    st.download_button(label, made, name, mime, icon=look.pop("icon", ":material/download:"), on_click="ignore", **look)
