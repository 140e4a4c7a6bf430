"""What the curves of a run show: calm sentences, and a button for each change that may help."""

from collections.abc import Sequence
from dataclasses import replace

import streamlit as st

from pages._ui.shell import state
from pages._ui.train import start
from tl_core.dataset import manifest
from tl_core.diagnosis import diagnose
from tl_core.diagnosis.curves import Finding
from tl_core.language import N_, _
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
        epochs: the finished ones, on the Train page, which knows them; another page gives none.
    """
    findings = diagnose.of_run(run, epochs)
    if not findings:
        return
    st.header(_("What the curves show"), anchor=False)
    for finding in findings:
        with st.container(border=True, key=f"finding-{finding.key}-{finding.phase}"):
            st.markdown(f"{ICONS[finding.key]} **{finding.title}**  \n{finding.meaning}")
            st.caption(finding.evidence)
            _remedy(run, finding, elsewhere=epochs is None)


def _remedy(run: RunFolder, finding: Finding, *, elsewhere: bool) -> None:
    """Show the change with the button that trains with it: the recipe of this run but for this one change.

    It is trained on the newest version of the pictures, and the options of the page show it from then on.
    """
    changed = finding.remedy.recipe
    sentence = finding.remedy.sentence
    certain = finding.serious or changed is None
    st.markdown(sentence if certain else _("Try next: {change}").format(change=sentence))
    if changed is None:
        return
    project = run.project
    wanted = replace(changed, manifest=manifest.load(project).version)
    waits = start.busy(project)
    if st.button(
        _("Train with this change"),
        icon=":material/play_arrow:",
        disabled=waits,
        key=f"change-{finding.key}-{finding.phase}",
        help=_("Another run is being trained. Wait for it.") if waits else _(HELP),
    ):
        state.save_draft(project, state.draft(project).following(wanted))
        start.start(project, wanted)
        if elsewhere:
            st.switch_page("train.py", query_params=state.query())
        st.rerun()


HELP = N_("Starts a new run with the settings of this one and this one change.")
