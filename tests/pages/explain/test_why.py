"""Why the model predicts what it does, and the map of all pictures: with a real engine and a real fit."""

import shutil
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.results import projection_chart
from pages._ui.results.projection_chart import Point
from pages._ui.shell import charts, state
from tests.pages.conftest import Open, query, text, wait_for
from tl_core import jobs, runs
from tl_core.evaluation import predictions
from tl_core.explain import class_maps
from tl_core.workspace import Workspace


@pytest.fixture
def run(finished: Path, workspace: Workspace) -> runs.RunFolder:
    """A trained run."""
    shutil.copytree(finished, workspace.root, symlinks=True, dirs_exist_ok=True)
    return runs.of_project(workspace.project("fruit"))[0]


def results(open_page: Open, run: runs.RunFolder, view: str) -> AppTest:
    app = open_page("results.py", project=run.project.slug, run=run.id, view=view)
    assert not app.exception, app.exception
    return app


def wait_until_done(kind: str) -> None:
    """Wait until the job of a kind has ended well."""
    (job,) = (job for job in jobs.all_jobs(state.workspace()) if job.kind == kind)
    wait_for(lambda: not job.active, seconds=300)
    assert job.state == "done", job.status()


def test_why_shows_where_a_model_looks(open_page: Open, run: runs.RunFolder):
    found = predictions.load(run, "test")
    apple, plum = found.classes
    app = results(open_page, run, "why")
    app.button(key="class-map").click().run()
    wait_until_done("class-map")
    assert class_maps.load(run, apple, class_maps.sample(found, apple))
    app = results(open_page, run, "why")
    assert "2 × 2 places" in text(app)
    assert "mistakes first" in text(app)
    id_ = found.ids[list(found.truth).index(1)]
    app.session_state[f"{state.OPENED}-why-test-{plum}"] = id_
    app.selectbox(key="why-class").set_value(plum).run()
    assert not app.exception, app.exception
    assert app.button(key="class-map")
    assert "Most similar training pictures" in text(app)
    app.selectbox(key=f"why-{id_[:12]}").select_index(1).run()
    app.toggle(key=f"cover-{id_[:12]}").set_value(True).run()
    assert not app.exception, app.exception
    assert "9 × 9" in text(app)


@pytest.mark.slow
def test_the_map_is_arranged_by_similarity(open_page: Open, run: runs.RunFolder):
    app = results(open_page, run, "map")
    assert "Press a point to open its picture" in text(app)
    app.segmented_control(key="map-method").set_value("t-SNE").run()
    app.button(key="map-arrange").click().run()
    wait_until_done("atlas")
    app.run()
    assert not app.exception, app.exception
    assert len(app.get("plotly_chart")) == 1


def test_a_link_to_an_earlier_run_opens_that_run(open_page: Open, run: runs.RunFolder):
    newer = runs.create(run.project, run.recipe)
    for each in (run, newer):
        assert query(open_page("train.py", project=run.project.slug, run=each.id))["run"] == each.id


def points(classes: int, wrong: int) -> list[Point]:
    return [Point(str(n), n, -n, "train", n % classes, (n + (n < wrong)) % classes, 0.9) for n in range(3 * classes)]


@pytest.mark.parametrize("classes", [2, 8, 200])
def test_classes_are_told_apart_by_colour_and_by_sign(classes: int):
    shown = list(range(min(classes, projection_chart.MOST)))
    names = [f"<b>{number}</b>" for number in range(classes)]
    figure = projection_chart.scatter(points(classes, 2), names, shown, opened="1")
    by_name = {trace.name: trace for trace in figure.data}
    mine = [by_name[charts.plain(names[number])] for number in shown]
    assert len({(trace.marker.color, trace.marker.symbol) for trace in mine}) == len(shown)
    assert len(by_name["Mistakes"].x) == 2
    assert by_name["Opened"].customdata[0][0] == "1"
    assert ("Other classes" in by_name) == (classes > projection_chart.MOST)
    assert sum(len(trace.x) for trace in figure.data) == 3 * classes + 3
    assert "<b>" not in "".join(trace.name for trace in figure.data)
