"""The texts of the lessons and what they run: ``assets/lessons/*.toml``. All texts are Markdown of our own.

A lesson has rounds, and each round four steps: predict, do, look, explain. A new lesson is a file and its id in
``ORDER``.
"""

import functools
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Literal

import msgspec

from tl_core.draft import Draft
from tl_core.errors import InputError
from tl_core.language import N_, _

ASSETS = Path(__file__).parents[2] / "assets" / "lessons"
#: The lessons in the order in which a class takes them.
ORDER = ("knows", "freeze", "few", "fooled", "hurts")

#: What the pictures of a split are called behind the name of a trial.
SPLITS = {
    "train": N_("the pictures it learned"),
    "validation": N_("validation pictures"),
    "test": N_("test pictures"),
}
Split = Literal["train", "validation", "test"]

#: What the project of a picture set is made from, before the id of the set: see ``About.source``.
SOURCE = "lesson:"
#: What figures are called that no trial gives: of the network as it is, of blocks, of strangers.
OWN_NAMES = N_("Its own 1,000 names")
BLOCKS = (N_("Early block"), N_("Middle block"), N_("Late block"))
STRANGERS = (N_("Sure, as it is"), N_("Sure, once calibrated"), N_("Refused: none of these"))


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A run of a round.

    Attributes:
        name: what it is called; the name of its run, too.
        options: fields of ``draft.Draft`` in which it differs from the default.
        pictures: training pictures of each class that it learns from; None for all.
        plain: no network at all: a linear classifier learns from the pixels themselves.
        of: the picture set that it learns from; empty for that of the round.
        series: of the line in a chart that its figure belongs to; empty where each figure stands by itself.
    """

    name: str
    options: Mapping[str, Any] = field(default_factory=dict)
    pictures: int | None = None
    plain: bool = False
    of: str = ""
    series: str = ""

    @property
    def draft(self) -> Draft:
        """What the trial is trained with. Raises InputError if the options do not fit together."""
        if unknown := self.options.keys() - {each.name for each in fields(Draft)}:
            raise InputError(
                _("The trial “{trial}” has an option that there is not: {option}.").format(
                    trial=self.name, option=min(unknown)
                )
            )
        return msgspec.convert(self.options, Draft)


@dataclass(frozen=True, kw_only=True)
class Link:
    """A way from a lesson into the app.

    Attributes:
        step: key of the page, see ``pages/steps.py``.
        label: what the link says.
        of: the figure whose run is opened; empty for the project alone.
        query: what else the address says.
    """

    step: str
    label: str
    of: str = ""
    query: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Guess:
    """What a learner is asked before anything runs.

    Attributes:
        id: names the question within its round.
        ask: the question.
        kind: ``which`` of the figures is highest, or the ``share`` that one figure is, in per cent.
        options: what can be chosen; empty for the names of the figures that are known beforehand.
        of: the figure whose share is asked for.
    """

    id: str
    ask: str
    kind: Literal["which", "share"] = "which"
    options: tuple[str, ...] = ()
    of: str = ""


@dataclass(frozen=True, kw_only=True)
class Round:
    """A question that one run of the app answers.

    Attributes:
        id: stable, names it in links and files.
        title: a few words.
        set: id of a picture set, see ``sets``.
        measure: what is run: see ``job``.
        seconds: that it took on two processor cores, the making of the pictures included.
        predict: what is about to be tried.
        guesses: what the learner is asked.
        do: what the button does.
        look: where to look, and at what.
        links: the pages to look at.
        explain: what happened and why.
        likely: what learners say, and what to answer: for the teacher.
        figure: what the figures are, for instance "right".
        splits: the pictures that each trial is asked about.
        maps: whether to show what an early, a middle and a late block see, beside the figures.
        trials: the runs.
    """

    id: str
    title: str
    set: str
    seconds: int
    predict: str
    guesses: tuple[Guess, ...]
    do: str
    look: str
    links: tuple[Link, ...]
    explain: str
    likely: str
    measure: Literal["train", "original", "blocks", "strangers"] = "train"
    figure: str = "right"
    splits: tuple[Split, ...] = ("validation",)
    maps: bool = False
    trials: tuple[Trial, ...] = ()

    @property
    def figures(self) -> tuple[str, ...]:
        """The names of the figures that are known beforehand."""
        if self.measure == "blocks":
            return BLOCKS
        trained = tuple(figure_name(trial, split, self) for trial in self.trials for split in self.splits)
        return {"original": (OWN_NAMES,), "strangers": (*trained, *STRANGERS)}.get(self.measure, trained)

    def options(self, guess: Guess) -> tuple[str, ...]:
        """Return what can be chosen as the answer to a question."""
        return guess.options or self.figures


def figure_name(trial: Trial, split: Split, of: Round) -> str:
    """Return what a figure of a trial is called: by its split, too, where there are two."""
    return trial.name if len(of.splits) == 1 else f"{trial.name}: {SPLITS[split]}"


@dataclass(frozen=True, kw_only=True)
class TakeAway:
    """The model that a learner takes away from a lesson.

    Attributes:
        text: which of the models it is and why; where the lesson has trained none, why there is none.
        part: id of the round that trains it; empty where there is none.
        of: figures of that round, best first choice first: the highest of them is that of the model.
        links: where a model of these pictures can be trained instead.
    """

    text: str
    part: str = ""
    of: tuple[str, ...] = ()
    links: tuple[Link, ...] = ()


def shown(name: str) -> str:
    """Return the name of a figure, or another answer to a question, in the language that is read in."""
    trial, between, split = name.partition(": ")
    return f"{_(trial)}{between}{_(split)}" if split in SPLITS.values() else _(name)


@dataclass(frozen=True, kw_only=True)
class Lesson:
    """A lesson.

    Attributes:
        id: stable; the name of its file.
        title: the question that it answers.
        icon: a Material icon, ``":material/…:"``.
        lead: what one finds out, a sentence or two.
        minutes: that it takes with reading, at most 10.
        aims: what a learner can say afterwards: for the teacher.
        discuss: questions for the class.
        rounds: in order.
        take: what a learner takes away at the end.
    """

    id: str
    title: str
    icon: str
    lead: str
    minutes: int
    aims: tuple[str, ...]
    discuss: tuple[str, ...]
    rounds: tuple[Round, ...]
    take: TakeAway

    def round(self, id_: str) -> Round:
        """Return a round. Raises InputError if there is none of that id."""
        for each in self.rounds:
            if each.id == id_:
                return each
        raise InputError(
            _("The lesson “{lesson}” has no part “{part}”. Go back to Learn.").format(
                lesson=_(self.title), part=id_[:40]
            )
        )


def all_lessons() -> tuple[Lesson, ...]:
    """Return all lessons in order."""
    return tuple(map(get, ORDER))


def get(id_: str) -> Lesson:
    """Return the lesson of that id. Raises InputError if there is none."""
    if id_ not in ORDER:
        raise InputError(
            _("There is no lesson “{lesson}”. Lessons: {lessons}.").format(lesson=id_[:40], lessons=", ".join(ORDER))
        )
    return _read(id_)


@functools.cache
def _read(id_: str) -> Lesson:
    return msgspec.toml.decode((ASSETS / f"{id_}.toml").read_bytes(), type=Lesson)
