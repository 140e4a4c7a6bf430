"""What has been changed in the pictures since a run was trained, and the button that trains again with it."""

import dataclasses

import streamlit as st

from pages._ui import layout, picture_actions, state
from tl_core import manifest, runs
from tl_core.changes import Changes
from tl_core.remarks import pictures
from tl_core.runs import RunFolder


def show(run: RunFolder, changed: Changes) -> None:
    """Show the changes with Undo and "Train again with these changes"; nothing without changes."""
    if not changed:
        return
    project = run.project
    current = manifest.load(project)
    problems = current.problems()
    busy = any(each.job.active for each in runs.of_project(project))
    with st.container(border=True, key="changes"):
        st.markdown(f"**{pictures(len(changed))} changed since this run was trained**: {changed.words()}")
        for problem in problems:
            st.warning(layout.escape(problem), icon=":material/rule:")
        with st.container(horizontal=True, vertical_alignment="center"):
            again = st.button(
                "Train again with these changes",
                type="primary",
                icon=":material/model_training:",
                disabled=bool(problems) or busy,
                help="A run is being trained. Wait for it." if busy else None,
                key="train-again",
            )
            picture_actions.undo_button(project, key="undo-change")
    if again:
        train_again(run)


def train_again(run: RunFolder) -> None:
    """Train a new run with the recipe of this one on the pictures as they are now, and go to its page."""
    recipe = dataclasses.replace(run.recipe, manifest=manifest.load(run.project).version)
    new = runs.create(run.project, recipe)
    state.engine().submit(new.job)
    state.set_run(new)
    st.switch_page("train.py", query_params=state.query())
