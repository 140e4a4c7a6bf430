"""Why the model answers so, and the map of all pictures: with a real engine and a real fit."""

from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui import charts, results_map, state
from pages._ui.results_map import Point
from tests.pages.conftest import text, wait_for
from tl_core import answers, class_maps, jobs, runs
from tl_core.recipe import Head, Recipe
from tl_core.workspace import Project


@pytest.fixture(scope="module", autouse=True)
def workers() -> Iterator[None]:
    """Stop the workers that the pages have started."""
    yield
    state.close_engine()


@pytest.fixture
def trained(project: Project) -> runs.RunFolder:
    options = {"backbone": "efficientnet-lite0", "image_size": 64, "seed": 0, "epochs": 3, "batch_size": 8}
    made = runs.create(project, Recipe(manifest=1, head=Head(), **options))
    jobs.execute(made.folder)
    return made


def why(folder: str) -> None:
    from pathlib import Path

    from pages._ui import results_why
    from tl_core import answers
    from tl_core.runs import RunFolder

    results_why.show(RunFolder(Path(folder)), answers.kept(RunFolder(Path(folder)), "validation"))


def one(folder: str, id: str) -> None:  # noqa: A002
    from pathlib import Path

    from pages._ui import why_picture
    from tl_core import answers
    from tl_core.runs import RunFolder

    why_picture.one(RunFolder(Path(folder)), answers.kept(RunFolder(Path(folder)), "validation"), id)
    why_picture.of_new(RunFolder(Path(folder)), (Path(__file__).parents[2] / "assets" / "screenshot.png").read_bytes())


def atlas(folder: str) -> None:
    from pathlib import Path

    from pages._ui import results_map
    from tl_core import answers
    from tl_core.runs import RunFolder

    results_map.show(RunFolder(Path(folder)), answers.kept(RunFolder(Path(folder)), "validation"))


def opened(view: object, **arguments: str) -> AppTest:
    app = AppTest.from_function(view, kwargs=arguments, default_timeout=120).run()  # type: ignore[arg-type]
    assert not app.exception, app.exception
    return app


def finished(kind: str) -> None:
    """Wait until the job of a kind has ended well."""
    (job,) = (job for job in jobs.all_jobs(state.workspace()) if job.kind == kind)
    wait_for(lambda: not job.active, seconds=300)
    assert job.state == "done", job.status()


def test_where_it_looks_on_average_and_in_one_picture(trained: runs.RunFolder):
    found = answers.kept(trained, "validation")
    app = opened(why, folder=str(trained.folder))
    app.button(key="class-map").click().run()
    finished("class-map")
    assert class_maps.kept(trained, found.classes[0], class_maps.sample(found, found.classes[0]))
    app = opened(why, folder=str(trained.folder))
    assert "2 × 2 places: too coarse to tell the frame from the inside" in text(app).replace("\\", "")
    assert "mistakes first" in text(app)
    app.selectbox(key="why-class").set_value(found.classes[1]).run()
    assert not app.exception, app.exception
    assert app.button(key="class-map")
    app = opened(one, folder=str(trained.folder), id=found.ids[0])
    select = app.selectbox(key=f"why-{found.ids[0]}")
    assert len(select.options) == 2
    assert "training pictures most like it" in text(app)
    select.set_value(select.options[-1].split(" · ")[0]).run()
    app.toggle(key=f"cover-{found.ids[0]}").set_value(True).run()
    assert not app.exception, app.exception
    assert "9 × 9" in text(app)


def test_the_map_and_its_mistakes(trained: runs.RunFolder):
    app = opened(atlas, folder=str(trained.folder))
    assert "PCA keeps the two directions" in text(app)
    assert len(app.get("plotly_chart")) == 1
    app.segmented_control(key="map-method").set_value("t-SNE").run()
    app.button(key="map-arrange").click().run()
    finished("atlas")
    app.run()
    assert "mean little" in text(app)
    assert len(app.get("plotly_chart")) == 1


def points(classes: int, wrong: int) -> list[Point]:
    return [Point(str(n), n, -n, "train", n % classes, (n + (n < wrong)) % classes, 0.9) for n in range(3 * classes)]


@pytest.mark.parametrize("classes", [2, 8, 200])
def test_classes_are_told_apart_by_colour_and_by_sign(classes: int):
    shown = list(range(min(classes, results_map.MOST)))
    names = [f"<b>{number}</b>" for number in range(classes)]
    figure = results_map.scatter(points(classes, 2), names, shown, opened="1")
    by_name = {trace.name: trace for trace in figure.data}
    mine = [by_name[charts.plain(names[number])] for number in shown]
    assert len({(trace.marker.color, trace.marker.symbol) for trace in mine}) == len(shown)
    assert len(by_name["Answered wrongly"].x) == 2
    assert by_name["Opened"].customdata[0][0] == "1"
    assert ("Other classes" in by_name) == (classes > results_map.MOST)
    assert sum(len(trace.x) for trace in figure.data) == 3 * classes + 3
    assert "<b>" not in "".join(trace.name for trace in figure.data)
