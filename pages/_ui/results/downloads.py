"""What can be taken from the results: predictions as CSV, and the pictures that are wrong or refused as a zip."""

import streamlit as st

from pages._ui.shell import downloads, jobs, layout, workers
from tl_core.about import Things
from tl_core.dataset import kinds
from tl_core.language import N_, _
from tl_core.runs import RunFolder

KIND = "judged"
WHICH = {
    "validation": N_("Validation pictures: what each is, what it is called, and how sure the model is."),
    "test": N_("Test pictures: what each is, what it is called, and how sure the model is."),
}

WRONG: dict[Things, str] = {
    "pictures": N_("Wrong and refused pictures (zip)"),
    "tags": N_("Pictures with a wrong label (zip)"),
}


def show(run: RunFolder, split: str) -> None:
    """Draw the drawer with the downloads for one split."""
    chosen = {"run": str(run.folder), "split": split}
    waiting = jobs.current(KIND, **chosen) is not None
    with layout.drawer(_("Download"), "download-results", ":material/download:", opened=waiting) as drawer:
        if not drawer.open and not waiting:
            return
        with layout.calm():
            st.markdown(_(WHICH[split]))
            busy = downloads.panel(KIND, _("Collecting the pictures"), **chosen)
            _buttons(run, split, chosen, busy=busy)


def _buttons(run: RunFolder, split: str, chosen: dict[str, str], *, busy: bool) -> None:
    with st.container(horizontal=True):
        downloads.button(
            _("Predictions (CSV)"),
            lambda: _csv(run, split),
            f"{run.project.slug}-{run.id}-{split}.csv",
            "text/csv",
            icon=":material/table:",
            key="download-predictions",
        )
        wrong = WRONG.get(kinds.of(run.project))  # texts stand in the CSV itself
        if wrong and st.button(_(wrong), icon=":material/folder_zip:", key="download-judged", disabled=busy):
            workers.start_job(KIND, **chosen)
            st.rerun()


def _csv(run: RunFolder, split: str) -> bytes:
    from tl_core.travel import tables

    return tables.of_run(run, split)[0]
