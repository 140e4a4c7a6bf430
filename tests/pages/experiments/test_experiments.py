"""Experiments as a person starts, watches, stops and uses them."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from pages._ui.pictures import classes
from pages._ui.shell import state
from tests.pages.conftest import APPLE, Open, markdown, query, text, wait_for
from tl_core import jobs, runs
from tl_core.dataset import manifest
from tl_core.experiments import experiment, learning_curve, race, shootout
from tl_core.files import to_json, write_record
from tl_core.freezing import outline, speed
from tl_core.freezing.speed import Speed
from tl_core.networks import tables
from tl_core.runs import RunFolder
from tl_core.workspace import Project, Workspace


@pytest.fixture
def project(finished: Path, workspace: Workspace) -> Project:
    shutil.copytree(finished, workspace.root, symlinks=True, dirs_exist_ok=True)
    return workspace.project("fruit")


@pytest.mark.slow
def test_a_shoot_out_is_started_survives_and_its_network_is_taken(open_page: Open, project: Project):
    app = open_page("experiments.py", project=project.slug)
    app.multiselect(key="shootout-networks").set_value(["EfficientNet-Lite0"]).run()
    app.button(key="start-shootout").click().run()
    made = experiment.newest(project, shootout.KIND)
    assert made is not None
    assert "take-network" not in [each.key for each in app.button]
    again = open_page("experiments.py", project=project.slug)
    assert "start-shootout" not in [each.key for each in again.button], "a closed tab comes back to it"
    wait_for(lambda: not made.active)

    app = open_page("experiments.py", project=project.slug)
    assert r"EfficientNet\-Lite0 is right for" in markdown(app)
    (table,) = app.dataframe
    assert table.value["Network"].tolist() == ["EfficientNet-Lite0"]
    assert " to " in table.value["95% interval"].iloc[0]
    state.update_draft(project, backbone="vgg16")
    app = open_page("experiments.py", project=project.slug)
    app.button(key="take-network").click().run()
    assert state.draft(project).backbone == "efficientnet-lite0"
    assert "Train" in str(app.title[0].value)


@pytest.mark.slow
def test_a_learning_curve_says_what_more_pictures_bring(open_page: Open, project: Project):
    app = open_page("experiments.py", project=project.slug)
    app.button(key="start-learning-curve").click().run()
    made = experiment.newest(project, learning_curve.KIND)
    assert made is not None
    wait_for(lambda: not made.active)
    assert made.state == "done", made.errors()

    app = open_page("experiments.py", project=project.slug)
    words = markdown(app)
    assert any(each in words for each in ("More pictures help", "You have enough", "It is not sure"))
    assert "<b>" not in words.replace("\\<b\\>", "")
    assert app.multiselect(key="curve-classes").value
    edited = manifest.load(project).table.iloc[1:]
    manifest.save(project, edited, "One less")
    assert "The pictures have changed since" in markdown(open_page("experiments.py", project=project.slug))


def test_it_is_stopped_before_it_begins_and_can_be_resumed(open_page: Open, project: Project):
    made = learning_curve.create(project)
    made.stop()
    app = open_page("experiments.py", project=project.slug)

    assert "Stopped before its end" in text(app)
    assert "resume-learning-curve" in [each.key for each in app.button]
    (part,) = made.parts()
    jobs.set_status(part.folder, state="interrupted")
    assert "The app was closed" in text(open_page("experiments.py", project=project.slug))
    jobs.set_status(part.folder, state="failed", error="**No** room.")
    failed = open_page("experiments.py", project=project.slug)
    assert "No" in failed.error[0].value
    assert "**No**" not in failed.error[0].value
    (part.folder / "job.json").write_text("{")
    assert not open_page("experiments.py", project=project.slug).exception


def test_a_link_opens_the_dialog_that_adds_to_a_class_once(open_page: Open, project: Project):
    app = open_page("images.py", project=project.slug, **{classes.ADD: APPLE})

    assert "All pictures that you choose here go into the class" in markdown(app)
    assert classes.ADD not in query(app)
    assert not open_page("images.py", project=project.slug, **{classes.ADD: "gone"}).exception


def test_a_race_needs_a_second_contestant(open_page: Open, project: Project):
    app = open_page("experiments.py", project=project.slug)
    assert not app.button(key="start-race").disabled
    assert "How long each takes is not known yet" in text(app)
    draft, known = state.draft(project), {"pictures": 1, "batch": 1, "device": "", "date": ""}
    backbone = tables.get(draft.backbone)
    measured = Speed(pictures_per_second=0.1, size=backbone.default_size, looking_per_second=20.0, **known)
    speed.save(project.workspace, backbone.id, measured)
    app.run()
    said = re.sub(r"[\\\u2060]", "", text(app))
    assert re.search(r"stored: Frozen: about \d+ s; Fine-tuned, .*; From scratch: about [\d.]+ (min|h)\.", said), said

    app.toggle(key="race-scratch").set_value(False)
    app.multiselect(key="race-lines").set_value([]).run()

    assert app.button(key="start-race").disabled
    assert "Add a contestant beside the frozen network" in markdown(app)
    app.button(key="race-scan-lines").click().run()
    assert not app.toggle(key="race-scratch").value
    assert len(app.multiselect(key="race-lines").value) > 3
    assert not app.button(key="start-race").disabled


def raced(project: Project, *names: str) -> RunFolder:
    """Write a race whose contestants all trained one run, and return it."""
    (run, *_) = runs.of_project(project)
    recipe = to_json(replace(run.recipe, weights="random", freeze="none", epochs=0, fine_tune_epochs=3))
    parts = {name: {"recipe": recipe, "seconds": None} for name in names}
    made = experiment.create(project, race.KIND, run.recipe.manifest, parts)
    for job in made.parts():
        write_record(job.folder / race.FILE, race.Started(run=run.id))
        jobs.set_status(job.folder, state="done")
    return run


def test_a_race_over_several_lines_shows_whether_thawing_helps(open_page: Open, project: Project):
    open_page("experiments.py", project=project.slug)  # which draws the blocks
    plan = outline.load(project.workspace, "efficientnet-lite0")
    assert plan is not None
    raced(project, race.FROZEN, *(f"{race.LINE}{plan.lines[at]}" for at in (3, 12)))

    app = open_page("experiments.py", project=project.slug)

    assert "Does thawing help or hurt?" in markdown(app)
    assert "Whether thawing helps cannot be said" in markdown(app)
    (chart,) = (each for each in app.get("plotly_chart") if "Accuracy by freeze line" in each.proto.alt)
    assert re.fullmatch(
        r"Accuracy by freeze line: Frozen 100%; From block 1\d 100%; From block \d 100%\.", chart.proto.alt
    )


def test_a_race_that_is_over_says_which_way_to_take(open_page: Open, project: Project):
    run = raced(project, race.FROZEN, race.SCRATCH)

    app = open_page("experiments.py", project=project.slug)

    assert "2 contestants are equal as far as" in markdown(app)
    (table,) = app.dataframe
    assert set(table.value["Contestant"]) == {"Frozen", "From scratch"}
    state.update_draft(project, backbone="vgg16")
    app.button(key="race-take").click().run()
    assert state.draft(project).backbone == run.recipe.backbone
    assert "Train" in str(app.title[0].value)
