"""The end of an import: how many pictures were added, and which files were left out and why."""

from pathlib import Path
from typing import Any

import streamlit as st

from pages._ui.shell import downloads, jobs, kinds, layout, state
from tl_core import wording
from tl_core.files import read_record
from tl_core.ingest.report import ImportReport, ImportResult
from tl_core.language import _
from tl_core.workspace import Project

MOST_ROWS = 1000


def show_job(project: Project | None) -> None:
    """Show the import into this project, or a sample: its progress (the page stops there), its report, or its error."""
    into: dict[str, Any] = {"project": str(project.folder)} if project else {}
    titles = {
        "import": _(kinds.PICTURES.importing),
        "import-boxes": _(kinds.BOXES.importing),
        "import-texts": _(kinds.TEXTS.importing),
    }
    if any(jobs.panel(kind, title, **into) for kind, title in titles.items()):
        st.stop()
    if jobs.panel("sample", _("Making the sample")):
        st.stop()
    job = next(filter(None, (jobs.current(kind, **into) for kind in titles)), jobs.current("sample"))
    if job is None or job.state != "done":
        return
    result = ImportResult(**(job.status().result or {}))
    state.set_project(state.workspace().project(result.project))
    state.set_job(job)
    show_report(result.report)


def show_report(path: str) -> None:
    """Show a report by the path of its file."""
    report = read_record(Path(path), ImportReport)
    with st.container(border=True, key="import-report"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.header(":material/task_alt: " + _("Import report"), anchor=False, width="content")
            if st.button(_("Close"), type="tertiary", icon=":material/close:", key="close-report"):
                state.set_job(None)
                st.rerun()
        with st.container(horizontal=True):
            st.metric(_("Added"), wording.number(report.imported), width="content")
            st.metric(_("Duplicates"), wording.number(report.duplicates), width="content")
            st.metric(_("Skipped"), wording.number(report.skipped), width="content")
        sentences(report.notes)
        if report.left_out:
            _left_out(report)


def _left_out(report: ImportReport) -> None:
    import pandas as pd

    items = report.left_out
    rows = pd.DataFrame({"File": [item.name for item in items], "Reason": [_(item.reason) for item in items]})
    columns = {"File": _("File"), "Reason": _("Reason")}
    with layout.drawer(_("Left out, and why ({number})").format(number=wording.number(len(rows))), "skipped"):
        height = min(360, 38 + 35 * len(rows))
        st.dataframe(rows.head(MOST_ROWS), column_config=columns, hide_index=True, height=height)
        if len(rows) > MOST_ROWS:
            most = wording.number(MOST_ROWS)
            st.caption(_("The first {number}. The CSV has all of them.").format(number=most))
    downloads.button(_("Download what was left out (CSV)"), report.to_csv, "left-out.csv", "text/csv")


def sentences(texts: list[str]) -> None:
    """Show sentences that hold names which people typed, as a list of plain text."""
    if texts:
        st.markdown("\n".join(f"- {layout.escape(text)}" for text in texts))
