"""Learn as a pupil and a teacher meet it."""

import pytest

from tests.conftest import share_weights
from tests.pages.conftest import Open, markdown, text, wait_for
from tl_core.accuracy import Accuracy
from tl_core.lessons import lesson as lessons
from tl_core.lessons import record
from tl_core.lessons.record import Figure, Result
from tl_core.workspace import Workspace

FREEZE = lessons.get("freeze")


def measured(part: lessons.Round) -> Result:
    share = Accuracy(accuracy=0.9, n=100, interval=(0.82, 0.95), baseline=0.5)
    series = {trial.name: trial.series for trial in part.trials}
    figures = [Figure(name=name, share=share, series=series.get(name, ""), pictures=5) for name in part.figures]
    return Result(figures=tuple(figures), done=True, seconds=12)


def test_every_lesson_is_a_card_that_opens_it(open_page: Open, workspace: Workspace):
    app = open_page("learn.py")

    for number, each in enumerate(lessons.all_lessons(), start=1):
        assert f"{number}. {each.title}" in markdown(app)
    assert "0 of" not in markdown(app)


def test_an_address_that_names_no_lesson_shows_all_of_them(open_page: Open, workspace: Workspace):
    app = open_page("learn.py", lesson="../x")

    assert not app.exception
    assert FREEZE.title in markdown(app)


def test_nothing_runs_before_a_guess_and_the_guess_is_kept(open_page: Open, workspace: Workspace):
    part = FREEZE.rounds[0]
    app = open_page("learn.py", lesson="freeze")
    assert "Do" not in [each.value.split()[-1] for each in app.header]
    app.button[0].click().run()
    assert "Choose an answer first" in text(app)

    app.radio(key=f"answer-{part.id}-winner").set_value("Thawed")
    app.slider(key=f"answer-{part.id}-frozen").set_value(70)
    app.button[0].click().run()
    assert record.guessed(workspace, FREEZE, part).answers == {"winner": "Thawed", "frozen": 70}
    assert "**70%**" in markdown(app)
    assert app.button(key="run-lesson").label == "Run it"
    assert "Explain" not in markdown(app)


@pytest.mark.parametrize("of", lessons.all_lessons(), ids=lambda of: of.id)
def test_what_was_measured_is_compared_and_explained(open_page: Open, workspace: Workspace, of: lessons.Lesson):
    for part in of.rounds:
        answers = {each.id: 70 if each.kind == "share" else part.options(each)[0] for each in part.guesses}
        record.guess(workspace, of, part, answers)
        record.save(workspace, of, part, measured(part))

    app = open_page("learn.py", lesson=of.id)
    for part in of.rounds:
        if len(of.rounds) > 1:
            app.button_group(key=f"part-{of.id}").set_value(part.id).run()
        assert not app.exception
        assert "ou said" in text(app)
        assert part.explain.strip() in markdown(app)
    app.button(key="start-over").click().run()
    assert record.guessed(workspace, of, part) is None


@pytest.mark.slow
def test_a_lesson_runs_for_real(open_page: Open, workspace: Workspace):
    share_weights(workspace)
    of = lessons.get("few")
    part = of.rounds[0]
    record.guess(workspace, of, part, {"five": 60, "forty": 90})
    app = open_page("learn.py", lesson="few")
    app.button(key="run-lesson").click().run()
    wait_for(lambda: (found := record.result(workspace, of, part)) and found.done)

    app = open_page("learn.py", lesson="few")
    assert "you said 60%" in text(app)
    assert app.dataframe[0].value[""].tolist() == list(part.figures)
