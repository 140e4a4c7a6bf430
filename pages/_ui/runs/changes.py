"""What changed between the chosen runs, and what it brought: one line each."""

from collections.abc import Mapping, Sequence

import streamlit as st

from pages._ui.shell import layout, state
from tl_core.errors import TLError
from tl_core.language import N_, _
from tl_core.notebook import changes
from tl_core.notebook.shared import Shared
from tl_core.runs import RunFolder

HELP = N_(
    "Both runs are compared on the validation pictures that they share, by McNemar's exact test. A p of 0.05 or more "
    "could be chance. Among many comparisons, some are small by luck."
)


def show(every: Sequence[RunFolder], titles: Mapping[str, str], alike: Shared) -> None:
    """Show what changed from one of some runs, the oldest unless another is chosen, to each of the others."""
    if len(every) < 2:
        return
    runs = {run.id: run for run in sorted(every, key=lambda run: run.job.created)}
    st.header(_("What changed"), anchor=False)
    ids = list(runs)
    choice = state.kept("runs-first", ids[0], ids)
    state.hold_widget("runs-first")  # a run may have another name than before
    first = st.selectbox(_("Compared with"), ids, format_func=titles.__getitem__, **choice, help=_(HELP))
    for id_, run in runs.items():
        if id_ != first:
            st.markdown(f"- **{layout.escape(titles[id_])}**: {layout.escape(_line(runs[first], run, alike))}")


def _line(old: RunFolder, new: RunFolder, alike: Shared) -> str:
    try:
        return changes.between(old, new, alike).sentence()
    except TLError as exc:
        return str(exc)
