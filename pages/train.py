"""Train: set the last options, watch the run, stop it, come back to it."""

import streamlit as st

from pages._ui.pictures import camera
from pages._ui.shell import layout, present, state, workers
from pages._ui.train import ahead, form, presented, start, waiting
from pages._ui.train import run as train_run
from tl_core import runs
from tl_core.dataset import manifest
from tl_core.language import _
from tl_core.tasks import table

layout.begin_page(
    _("Train"),
    ":material/model_training:",
    step="train",
    lead=_("The frozen part processes every picture once. Then your new layers learn from the result."),
)
project = layout.require_pictures("texts", "tags", "boxes")
data = manifest.load(project)
if problems := table.of(project).problems(data):
    for problem in problems:
        st.warning(layout.escape(problem), icon=":material/rule:")
    layout.link("pictures", _("Go to Pictures"))
    st.stop()

active = next((run for run in runs.of_project(project) if run.job.active), None)
if present.asked():
    presented.show(active or state.run())
    st.stop()
recipe = form.recipe(project, data)
ready = form.has_weights(recipe)
seen = ahead.show(project)
if st.button(
    _("Train"), type="primary", icon=":material/play_arrow:", disabled=active is not None or not ready, key="train"
):
    start.start(project, recipe)
    st.rerun()

current = (active if state.RUN not in state.query() else None) or state.run()
if current is None:
    nothing = _("Nothing has been trained yet. Press **Train**.")
    st.info(nothing if seen else f"{nothing} {waiting.by_speed(recipe, data)}")
    st.stop()
if current.ready and not current.job.active:
    if camera.recorded(data.table):
        workers.engine().begin("ready", str(current.folder))
        layout.link("try", _("Try it live with the camera"), icon=":material/videocam:", **{"try-way": "Camera"})
    layout.link("try", _("Try it on pictures that it has not seen"), icon=":material/auto_awesome:")
present.button()
train_run.show(current)
if not current.job.active:
    train_run.manage(current)
train_run.others(project, current)
if current.ready and not current.job.active:
    layout.next_step("results")
