"""What a learner takes away from a lesson: one of its models, said with its figure."""

import pytest

from tl_core.accuracy import Accuracy
from tl_core.lessons import lesson as lessons
from tl_core.lessons import record
from tl_core.lessons.record import Figure, Result
from tl_core.workspace import Workspace

LESSONS = pytest.mark.parametrize("of", lessons.all_lessons(), ids=lambda of: of.id)
FREEZE = lessons.get("freeze")


def keep(workspace: Workspace, shares: dict[str, float], *, done: bool = True) -> None:
    figures = [
        Figure(name=name, share=Accuracy(accuracy=share, n=120, interval=(0, 1)), run=f"faces/{name}")
        for name, share in shares.items()
    ]
    record.save(workspace, FREEZE, FREEZE.rounds[0], Result(figures=tuple(figures), done=done))


@LESSONS
def test_a_lesson_ends_with_one_of_its_own_models_or_says_why_not(of: lessons.Lesson):
    assert of.take.text
    if not of.take.part:
        assert of.take.links, "where a model can be trained instead"
        return
    part = of.round(of.take.part)
    trained = {name for trial in part.trials if not trial.plain for name in part.figures if name.startswith(trial.name)}
    assert of.take.of
    assert set(of.take.of) <= trained


def test_the_better_of_the_models_is_taken_and_of_equal_ones_the_first(workspace: Workspace):
    assert record.to_take(workspace, FREEZE) is None, "nothing has run"
    keep(workspace, {"Frozen": 0.9, "Thawed": 0.95, "From scratch": 0.99})
    assert record.to_take(workspace, FREEZE).name == "Thawed"
    keep(workspace, {"Frozen": 0.9, "Thawed": 0.9})
    assert record.to_take(workspace, FREEZE).name == "Frozen"
    keep(workspace, {"Frozen": 0.9}, done=False)
    assert record.to_take(workspace, FREEZE) is None, "it is not done"


def test_a_lesson_without_a_model_has_none_to_take(workspace: Workspace):
    assert record.to_take(workspace, lessons.get("knows")) is None
