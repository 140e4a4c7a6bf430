"""What the curves of a run show: calm sentences, and a button for each change that may help."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from pages._ui.shell import layout, state
from pages._ui.train import form
from tl_core.dataset import manifest
from tl_core.diagnosis import diagnose
from tl_core.diagnosis.curves import Finding
from tl_core.runs import EpochRow, RunFolder

ICONS = {
    "rate-too-high": ":material/bolt:",
    "rate-too-low": ":material/hourglass_bottom:",
    "still-improving": ":material/trending_down:",
    "too-short": ":material/more_horiz:",
    "over-fitting": ":material/call_split:",
    "unfreezing-harmed": ":material/device_thermostat:",
    "nothing-learnt": ":material/help:",
    "too-few": ":material/filter_9_plus:",
    "validation-above-training": ":material/info:",
    "well": ":material/check_circle:",
}


def show(run: RunFolder, epochs: Sequence[EpochRow] | None = None) -> None:
    """Show what the curves of a run show, the most serious first, also while it goes on.

    Args:
        run: the run.
        epochs: the finished ones, on the Train page, which knows them; another page gives none and gets a link to it.
    """
    findings = diagnose.of_run(run, epochs)
    if not findings:
        return
    st.subheader("What the curves show", anchor=False)
    for finding in findings:
        with st.container(border=True, key=f"finding-{finding.key}-{finding.phase}"):
            st.markdown(f"{ICONS[finding.key]} **{finding.title}**  \n{finding.meaning}")
            st.caption(finding.evidence)
            _remedy(run, finding, elsewhere=epochs is None)


def _remedy(run: RunFolder, finding: Finding, *, elsewhere: bool) -> None:
    """Show the change with its button, or, once the next run will have it, that it is set.

    The button sets the next run to the recipe of this one with this one change, on the newest version of the pictures.
    """
    changed = finding.remedy.recipe
    st.markdown(f"{'' if finding.serious or changed is None else 'Try next: '}{finding.remedy.sentence}")
    if changed is None:
        return
    project = run.project
    data = manifest.load(project)
    wanted = replace(changed, manifest=data.version)
    with st.container(horizontal=True, vertical_alignment="center"):
        if form.next_recipe(project, data) == wanted:
            st.markdown(":material/check: **Set for the next run. Press Train.**", width="content")
            if elsewhere:
                layout.link("train", "Go to Train")
        elif st.button(
            "Make this change", icon=":material/build:", key=f"change-{finding.key}-{finding.phase}", help=HELP
        ):
            state.save_draft(project, state.draft(project).following(wanted))
            st.rerun()


HELP = "Gives the next run the settings of this one, with this one change. Training starts when you press Train."
