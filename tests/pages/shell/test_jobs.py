"""A job is shown where it belongs: on the page of its own run, project or network, and on no other."""

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.shell import state
from tests.conftest import share_weights, write_pictures
from tests.pages.conftest import Open, markdown, query, work
from tl_core import jobs, runs
from tl_core.about import SplitSettings
from tl_core.dataset import manifest
from tl_core.evaluation import predictions
from tl_core.events import EventLog
from tl_core.explain import class_maps
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.jobs import Job
from tl_core.networks import catalogue
from tl_core.recipe import Recipe
from tl_core.runs import RunFolder
from tl_core.workspace import Project, Workspace


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, outlines: Path) -> Path:
    """A workspace with two projects; the first has two runs."""
    root = tmp_path_factory.mktemp("made")
    workspace = share_weights(Workspace.open(root / "workspace"))
    shutil.copytree(outlines, workspace.root / "networks")
    folder = write_pictures(root / "pictures", {"apple": 8, "plum": 8})
    for name in ("One", "Two"):
        project = workspace.create_project(name)
        importer.import_source(
            project, Source("folder", str(folder)), settings=SplitSettings(validation=0.25, test=0.25)
        )
    project = workspace.project("one")
    options = {"backbone": "efficientnet-lite0", "image_size": 64, "seed": 0, "epochs": 1, "batch_size": 8}
    run = runs.create(project, Recipe(manifest=manifest.load(project).version, **options))
    work(run.job)
    (run.folder / "crossval.npz").unlink()
    shutil.copytree(run.folder, project.runs / "another")
    return workspace.root


@pytest.fixture
def one(made: Path, workspace: Workspace) -> Project:
    shutil.copytree(made, workspace.root, symlinks=True, dirs_exist_ok=True)
    return workspace.project("one")


@pytest.fixture
def run(one: Project) -> RunFolder:
    return next(each for each in runs.of_project(one) if each.id != "another")


def started(kind: str, **args: Any) -> Job:
    """Write a job that runs, as far as its folder says."""
    job = jobs.create_in(state.workspace(), kind, **args)
    jobs.set_status(job.folder, state="running", owner=jobs.this_process())
    return job


def class_map(run: RunFolder) -> dict[str, Any]:
    answers = predictions.load(run, "validation")
    return {"label": "apple", "ids": class_maps.sample(answers, "apple"), "others": class_maps.others(answers, "apple")}


@dataclass(frozen=True)
class Place:
    """A place of a page that shows a job of a run: its title there, its further arguments, the way to it."""

    kind: str
    title: str
    view: str = "numbers"
    press: Callable[[AppTest, RunFolder], AppTest] = lambda app, run: app
    more: Callable[[RunFolder], dict[str, Any]] = lambda run: {}


OF_A_RUN = {
    "crossval": Place("crossval", "Cross-validating the head"),
    "doubts": Place(
        "crossval",
        "Looking for wrong labels",
        "errors",
        lambda app, run: app.segmented_control(key="errors-view").set_value("Labels to check").run(),
    ),
    "test": Place(
        "evaluate",
        "Predicting the test pictures",
        press=lambda app, run: app.segmented_control(key=f"part-{run.id}").set_value("test").run(),
    ),
    "why": Place("class-map", "Averaging heat maps", "why", more=class_map),
    "map": Place(
        "atlas",
        "Arranging",
        "map",
        lambda app, run: app.segmented_control(key="map-method").set_value("t-SNE").run(),
        lambda run: {"parts": ["train", "validation"]},
    ),
}


#: Where the page itself takes long.
SLOW = ("map",)


@pytest.mark.parametrize(
    "place", [pytest.param(each, id=id_, marks=[pytest.mark.slow] * (id_ in SLOW)) for id_, each in OF_A_RUN.items()]
)
def test_the_job_of_a_run_is_shown_under_that_run_alone(open_page: Open, run: RunFolder, place: Place):
    other = RunFolder(run.folder.with_name("another"))
    job = started(place.kind, run=str(run.folder), **place.more(run))

    def opened(of: RunFolder) -> AppTest:
        app = open_page("results.py", project="one", run=of.id, view=place.view, job=job.id)
        assert not app.exception, app.exception
        return place.press(app, of)

    assert place.title in markdown(opened(run))
    assert place.title not in markdown(opened(other))
    jobs.set_status(job.folder, state="failed", error="It broke")
    assert "It broke" in markdown(opened(run))
    assert "It broke" not in markdown(opened(other))


def test_a_run_whose_model_was_not_asked_yet_does_not_wait_for_another_run(open_page: Open, run: RunFolder):
    other = RunFolder(run.folder.with_name("another"))
    for each in (run, other):
        for path in each.folder.glob("answers-*.npz"):
            path.unlink()
    job = started("answers", run=str(run.folder))
    app = open_page("results.py", project="one", run=run.id, job=job.id)
    assert "Predicting your pictures" in markdown(app)
    assert query(app)["job"] == job.id
    app = open_page("results.py", project="one", run=other.id, job=job.id)
    own = state.workspace().jobs_folder / query(app)["job"]
    assert Job(own).task.args["run"] == str(other.folder)


OTHER_SUBJECT = {
    "probe": ("freeze.py", "Probing the blocks", {"size": 224, "manifest": 1}),
    "health": ("images.py", "Checking the pictures", {"manifest": 1}),
    "import": ("images.py", "Importing the pictures", {"source": {"kind": "folder", "path": "gone"}}),
}


@pytest.mark.parametrize("kind", OTHER_SUBJECT)
def test_the_job_of_a_project_is_shown_under_that_project_alone(open_page: Open, one: Project, kind: str):
    file, title, more = OTHER_SUBJECT[kind]
    job = started(kind, project=str(one.folder), **({"backbone": catalogue.DEFAULT} if kind == "probe" else {}), **more)
    assert title in markdown(open_page(file, project="one", job=job.id))
    assert title not in markdown(open_page(file, project="two", job=job.id))


@pytest.mark.parametrize("file", ["model.py", "freeze.py"])
def test_the_measurement_of_a_network_is_shown_under_that_network_alone(open_page: Open, one: Project, file: str):
    job = started("speed", backbone=catalogue.DEFAULT, workspace=str(one.workspace.root))
    assert "Measuring the speed" in markdown(open_page(file, project="one", job=job.id))
    other = started("speed", backbone="efficientnet-lite1", workspace=str(one.workspace.root))
    assert "Measuring the speed" not in markdown(open_page(file, project="one", job=other.id))


def test_a_download_is_shown_under_its_network_alone(open_page: Open, one: Project):
    state.choose_backbone(one, "mobilenet-v2")
    job = started("download", backbone="mobilenet-v2", workspace=str(one.workspace.root))
    other = started("download", backbone="resnet-50", workspace=str(one.workspace.root))
    assert "Downloading the weights" in markdown(open_page("model.py", project="one", job=job.id, offline="false"))
    assert "Downloading the weights" not in markdown(
        open_page("model.py", project="one", job=other.id, offline="false")
    )


def test_what_the_worker_wants_known_is_shown_while_the_job_runs(open_page: Open, run: RunFolder):
    job = started("crossval", run=str(run.folder))
    log = EventLog(job.folder)
    log.emit("message", text="Loading the network")
    assert "Loading the network" in all_text(open_page("results.py", project="one", run=run.id, job=job.id))
    log.emit("warning", text="The activations do **not** fit.")
    log.emit("progress", what="folds", done=1, total=5)
    shown = open_page("results.py", project="one", run=run.id, job=job.id)
    assert "The activations do \\*\\*not\\*\\* fit\\." in [warning.value for warning in shown.warning]


def test_a_wait_says_how_long_it_was_before_or_that_nobody_knows(open_page: Open, one: Project):
    args = {"project": str(one.folder), "backbone": catalogue.DEFAULT, "size": 224, "manifest": 1}

    def waits(*events: dict[str, Any]) -> str:
        job = started("probe", **args)
        lines = [json.dumps({"event": "progress", "what": "pictures", "total": 40, **each}) for each in events]
        (job.folder / "events.jsonl").write_text("".join(f"{line}\n" for line in lines))
        shown = all_text(open_page("freeze.py", project="one", job=job.id))
        jobs.set_status(job.folder, state="done", started=100.0)
        return shown

    assert "How long this takes on this machine is not known yet" in waits()
    assert "0 of 40 pictures · time left is not known yet" in waits({"time": 107, "done": 0})
    waits({"time": 104, "done": 4}, {"time": 113, "done": 40})
    waits({"time": 112, "done": 8}, {"time": 140, "done": 40})
    assert "This took 4 s to 10 s on this machine before" in waits()
    assert "0 of 40 pictures · 10 s to 35 s left, as measured before" in waits({"time": 107, "done": 0})


def test_what_the_worker_wanted_known_stays_beside_its_result(open_page: Open, run: RunFolder):
    job = started("crossval", run=str(run.folder))
    EventLog(job.folder).emit("warning", text="The frozen blocks run in TensorFlow")
    jobs.set_status(job.folder, state="done")
    shown = open_page("results.py", project="one", run=run.id, job=job.id)
    assert "The frozen blocks run in TensorFlow" in [warning.value for warning in shown.warning]


def test_what_training_wants_known_is_still_shown_after_its_end(open_page: Open, run: RunFolder):
    EventLog(run.folder).emit("warning", text="The activations do not fit")
    app = open_page("train.py", project="one", run=run.id)
    assert "The activations do not fit" in [warning.value for warning in app.warning]


def all_text(app: AppTest) -> str:
    return markdown(app) + " ".join(str(element.proto) for element in app.get("progress"))
