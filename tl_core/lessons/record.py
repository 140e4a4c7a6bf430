"""What is kept of a lesson in the workspace: the learner's guesses, and what was measured.

``lessons/<lesson>/<round>/`` holds ``guess.json``, which the page writes, and ``result.json``, which the job writes.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from tl_core.accuracy import Accuracy
from tl_core.files import read_stored, write_record
from tl_core.lessons.lesson import Lesson, Round
from tl_core.workspace import Workspace

FOLDER = "lessons"


@dataclass(frozen=True, kw_only=True)
class Figure:
    """Something that was measured: a bar of the chart.

    Attributes:
        name: of it.
        share: the figure with its interval.
        asked: names the pictures that it was counted on; empty where it is not comparable picture by picture.
        right: whether each of them counts, in the order of their ids.
        groups: number of each one's group: what is alike has one.
        seconds: that it took.
        run: ``<project>/<run>``; empty where there is none.
        pictures: training pictures of each class; None where that is not the point.
        series: as in ``lesson.Trial``.
    """

    name: str
    share: Accuracy
    asked: str = ""
    right: tuple[int, ...] = ()
    groups: tuple[int, ...] = ()
    seconds: float = 0.0
    run: str = ""
    pictures: int | None = None
    series: str = ""


@dataclass(frozen=True, kw_only=True)
class Result:
    """What a round has measured: ``result.json``.

    Attributes:
        figures: so far.
        project: slug of the project that it ran in.
        done: whether all is measured.
        seconds: that all of it took.
    """

    figures: tuple[Figure, ...] = ()
    project: str = ""
    done: bool = False
    seconds: float = 0.0

    def figure(self, name: str) -> Figure | None:
        """Return the figure of that name, None if there is none."""
        return next((each for each in self.figures if each.name == name), None)


@dataclass(frozen=True, kw_only=True)
class Guessed:
    """What the learner has answered, by the id of the question: the name of a figure, or a share in per cent."""

    answers: Mapping[str, str | int] = field(default_factory=dict)


def guessed(workspace: Workspace, lesson: Lesson, of: Round) -> Guessed | None:
    """Return what the learner has guessed, None before."""
    return read_stored(folder(workspace, lesson.id, of.id) / "guess.json", Guessed)


def guess(workspace: Workspace, lesson: Lesson, of: Round, answers: Mapping[str, str | int]) -> None:
    """Keep what the learner has guessed."""
    _write(folder(workspace, lesson.id, of.id) / "guess.json", Guessed(answers=answers))


def result(workspace: Workspace, lesson: Lesson, of: Round) -> Result | None:
    """Return what a round has measured so far, None before it began."""
    return read_stored(folder(workspace, lesson.id, of.id) / "result.json", Result)


def save(workspace: Workspace, lesson: Lesson, of: Round, measured: Result) -> None:
    """Keep what a round has measured."""
    _write(folder(workspace, lesson.id, of.id) / "result.json", measured)


def done(workspace: Workspace, lesson: Lesson) -> int:
    """Return how many rounds of a lesson have been run to their end."""
    return sum(bool((found := result(workspace, lesson, each)) and found.done) for each in lesson.rounds)


def to_take(workspace: Workspace, lesson: Lesson) -> Figure | None:
    """Return the figure of the model that a learner takes away; None before its round is done, and where there is none.

    Where several models may be taken it is the one that is right most often, of equal ones the first.
    """
    measured = result(workspace, lesson, lesson.round(lesson.take.part)) if lesson.take.part else None
    if measured is None or not measured.done:
        return None
    found = [figure for name in lesson.take.of if (figure := measured.figure(name)) and figure.run]
    return max(found, key=lambda each: each.share.accuracy or 0.0, default=None)


def forget(workspace: Workspace, lesson: Lesson, of: Round) -> None:
    """Forget guess and figures of a round, so that another learner can take it; its runs stay."""
    for name in ("guess.json", "result.json"):
        (folder(workspace, lesson.id, of.id) / name).unlink(missing_ok=True)


def folder(workspace: Workspace, lesson: str, of: str) -> Path:
    """Return where a round is kept."""
    return workspace.root / FOLDER / lesson / of


def _write(path: Path, record: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    write_record(path, record)
