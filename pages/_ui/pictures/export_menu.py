"""What can be taken from a project's pictures: the whole project, the data set as folders, its list as CSV."""

from collections.abc import Sequence
from typing import Any

import streamlit as st

from pages._ui.pictures import ways_in
from pages._ui.shell import downloads, layout, state, workers
from tl_core.about import Things
from tl_core.boxes.reading import FORMS
from tl_core.language import N_, _
from tl_core.workspace import Project

PROJECT, FOLDERS, LIST, TABLE = (
    N_("The project, to open it elsewhere"),
    N_("The pictures as folders"),
    N_("The list of pictures"),
    N_("The texts as a table"),
)
BOXED = N_("The pictures with their boxes")
LABELLED, LABELS = N_("The pictures with their labels"), N_("The table of labels")
WHAT = {
    PROJECT: N_("One zip. Drop it on the Pictures page of another machine."),
    FOLDERS: N_("A zip of split/class/picture, which any program reads."),
    LIST: N_("A CSV with file, class, and split of each picture."),
    BOXED: N_("A zip of split/picture with the boxes in a form that other programs read."),
    LABELLED: N_("A zip of split/picture with a CSV: file, split, and a column of 0 and 1 for each label."),
    LABELS: N_("A CSV with file, split, and a column of 0 and 1 for each label."),
    TABLE: N_("A CSV with text, class, and split of each text, which any program reads."),
}
#: What can be taken of each kind of thing.
OF: dict[Things, tuple[str, ...]] = {
    "pictures": (PROJECT, FOLDERS, LIST),
    "tags": (PROJECT, LABELLED, LABELS),
    "boxes": (PROJECT, BOXED),
    "texts": (PROJECT, TABLE),
}
KINDS = {"pack": N_("Exporting the project"), "dataset": N_("Exporting the pictures")}


def both(project: Project | None) -> None:
    """Draw the popovers that export this project and import another one."""
    if project is not None and OF.get(project.about().kind):
        menu(project)
    ways_in.upload_project()


def menu(project: Project) -> None:
    """Draw the popover that exports; it closes once a job begins."""
    job = state.job()
    with st.popover(_("Export"), icon=":material/ios_share:", key=f"export-{project.slug}-{job.id if job else ''}"):
        offered = OF[project.about().kind]
        kept = _held("export-what", PROJECT, offered)
        what = st.radio(_("What"), offered, format_func=_, captions=[_(WHAT[each]) for each in offered], **kept)
        if what in (LIST, LABELS, TABLE):
            _list(project, what)
            return
        pictures = runs = True
        if what == PROJECT:
            if TABLE not in offered:  # texts stand in the list itself
                pictures = st.checkbox(_("With its pictures"), **_held("export-pictures", True))
            runs = st.checkbox(_("With its runs"), **_held("export-runs", True))
            if not pictures:
                st.caption(_("The list travels. Import the same pictures on the other machine."))
        form = ""
        if what == BOXED:
            form = st.selectbox(
                _("Form"), FORMS, format_func=lambda each: _(FORMS[each]), **_held("export-form", "coco")
            )
        ready = what == PROJECT or state.has_pictures(project)
        label = _("Export project") if what == PROJECT else _("Export pictures")
        if st.button(label, type="primary", icon=":material/ios_share:", key="export-project", disabled=not ready):
            if what == PROJECT:
                workers.start_job("pack", project=str(project.folder), pictures=pictures, with_runs=runs)
            else:
                workers.start_job("dataset", project=str(project.folder), form=form)
            st.rerun()


def _held(key: str, default: object, options: Sequence[str] | None = None) -> Any:
    """Return what ``state.kept`` returns. Once a job has begun the popover is another one, which knows no value yet."""
    kept = state.kept(key, default, options)
    state.hold_widget(key)
    return kept


def _list(project: Project, what: str) -> None:
    downloads.button(
        _("Download CSV"),
        lambda: _csv(project, what),
        f"{project.slug}-{project.about().kind}.csv",
        "text/csv",
        type="primary",
        key="export-list",
        disabled=not state.has_pictures(project),
    )


def _csv(project: Project, what: str) -> bytes:
    from tl_core.dataset import manifest
    from tl_core.travel import tables

    table = manifest.load(project).table
    return tables.texts(table) if what == TABLE else tables.dataset(project, table)


def show_jobs(project: Project | None) -> None:
    """Show what is exported of this project: its progress, then the file."""
    if project is None:
        return
    for kind, title in KINDS.items():
        with st.container(key=kind), layout.calm():
            downloads.panel(kind, _(title), project=str(project.folder))
