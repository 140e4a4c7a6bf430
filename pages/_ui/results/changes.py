"""What has changed in the pictures since a run was trained, and the button that trains again with it."""

import dataclasses

import streamlit as st

from pages._ui.pictures import actions
from pages._ui.shell import layout, state
from pages._ui.train import start
from tl_core.dataset import manifest
from tl_core.evaluation import everything
from tl_core.evaluation.diff import Changes
from tl_core.language import _, ngettext
from tl_core.runs import RunFolder
from tl_core.tasks import table
from tl_core.workspace import Project


def show(run: RunFolder, changed: Changes, here: int) -> bool:
    """Show the changes with Undo and "Train again with these changes". It keeps its height, so that nothing jumps.

    Args:
        run: that was trained before them.
        changed: what is different now.
        here: how many pictures that are counted below it were relabelled or removed.

    Returns:
        Whether the person wants to count by the labels as they are now.
    """
    project = run.project
    with st.container(border=True, key="changes"):
        if changed:
            words = _("**Changed since this run was trained:** {changes}")
            st.markdown(words.format(changes=layout.escape(changed.sentence())))
        else:
            st.markdown(_("No picture has changed since this run was trained."))
        problems = table.of(project).problems(manifest.load(project)) if changed else []
        for problem in problems:
            st.warning(layout.escape(problem), icon=":material/rule:")
        with st.container(horizontal=True, vertical_alignment="center"):
            again = _again(project, ready=bool(changed) and not problems)
            actions.undo_button(project, key="undo-change", ready=bool(changed))
            choice = state.kept("todays-labels", False)
            state.hold_widget("todays-labels")  # its label changes with the number
            current = st.toggle(
                ngettext(
                    "Use the current labels ({number} differs)", "Use the current labels ({number} differ)", here
                ).format(number=here),
                disabled=not here,
                **choice,
                help=_(
                    "Off: the labels that the run was trained with. On: the labels as they are now, without removed "
                    "pictures and without classes that the model does not know."
                ),
            )
    if again:
        train_again(run)
    return current and bool(here)


def _again(project: Project, *, ready: bool) -> bool:
    busy = ready and start.busy(project)
    return st.button(
        _("Train again with these changes"),
        type="primary",
        icon=":material/model_training:",
        disabled=not ready or busy,
        help=_("Another run is being trained. Wait for it.") if busy else None,
        key="train-again",
    )


def train_again(run: RunFolder) -> None:
    """Train a new run with the recipe of this one on the pictures as they are now, and go to its page."""
    recipe = dataclasses.replace(everything.usual_recipe(run), manifest=manifest.load(run.project).version)
    start.start(run.project, recipe)
    st.switch_page("train.py", query_params=state.query())
