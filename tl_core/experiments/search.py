"""Find the best: recipes are tried by successive halving within a budget of time, and the best one is measured again.

All parts are equal: each takes the next trial that nobody has taken, so that several workers share a search. What is
tried next is written into ``plan.json`` before it begins, and each trial leaves its result in its folder. So a search
that was stopped or killed goes on where it was, and with the plan that it had. The test split is never read.
"""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from tl_core import seeds
from tl_core.about import Things
from tl_core.dataset import manifest
from tl_core.errors import DamagedError, InputError, MissingWeightsError, Stopped
from tl_core.evaluation.questions import Questions
from tl_core.experiments import candidates, experiment, halving, pictures, rungs, search_words, shootout
from tl_core.experiments.candidates import Candidate
from tl_core.experiments.clock import Clock, Until
from tl_core.experiments.costs import Costs
from tl_core.experiments.experiment import Experiment
from tl_core.experiments.rungs import FRESH, Dealt, Plan, Result, Rung
from tl_core.files import read_record, read_stored, storage_errors, write_record
from tl_core.freezing import outline, speed
from tl_core.freezing.outline import Outline
from tl_core.language import N_, _
from tl_core.networks import tables, weights
from tl_core.progress import Progress
from tl_core.recipe import Recipe
from tl_core.tasks import table as tasks
from tl_core.workspace import Project

if TYPE_CHECKING:
    from tl_core.features.cache import ActivationCache

KIND = "search"
PLAN, DEALT, RESULT = "plan.json", "dealt.json", "result.json"
TRIALS = ".trials"
#: So many workers may share a search; each of its parts does all of it if it is alone.
PARTS = 4
#: The usual budget, the least and the most, in minutes.
MINUTES, LEAST, MOST = 10.0, 0.1, 24 * 60.0
#: The share of the time in which no head begins any more: the best one has to be measured again.
KEPT_SHARE = 0.1
#: The share of the time in which heads may be judged by more than one fold.
HEADS_MOST = 0.2
#: Seconds between looks at what other workers do.
POLL = 0.5
#: Two classes need so many different pictures: to learn from, to be judged by, and to be set aside.
LEAST_PICTURES = 3
_TOO_FEW = N_(
    "A search needs two classes with at least three different pictures each in training and validation. Add some."
)
TOO_FEW: dict[Things, str] = {
    "pictures": _TOO_FEW,
    "texts": _TOO_FEW,
    "tags": N_(
        "A search needs a label that at least three different pictures have, and three have not, in training and "
        "validation. Give more pictures their labels."
    ),
}
NO_TIME = N_("There was no time for it.")


def create(
    project: Project,
    backbones: Sequence[str] = (),
    *,
    minutes: float = MINUTES,
    image_size: int | None = None,
    seed: int = 0,
) -> Experiment:
    """Write a new search on the present pictures.

    Args:
        project: whose pictures.
        backbones: ids of networks beside the default one; without any all whose weights are here.
        minutes: that it may take, 0.1 to 1440.
        image_size: side of the pictures in pixels; None for each network's own.
        seed: of all that is drawn.

    Raises:
        InputError: the pictures cannot be learned from, or there is no such network.
        MissingWeightsError: the weights of one are not here.
    """
    if not LEAST <= minutes <= MOST:
        raise InputError(
            _("The budget is {minutes} minutes. Choose {least} to {most}.").format(
                minutes=f"{minutes:g}", least=f"{LEAST:g}", most=f"{MOST:g}"
            )
        )
    pictures.require(project, KIND)
    task = tasks.of(project)
    for each in backbones:
        tasks.check_network(project, each)
    here = [each.id for each in shootout.offered(project)]
    chosen = [tables.get(each).id for each in dict.fromkeys([task.network, *(backbones or here)])]
    for each in chosen:
        weights.ensure(tables.get(each), project.workspace)
    examples = manifest.load(project)
    version = examples.version
    asked = pictures.asked(project, version).questions  # what cannot be is said now
    if not asked.enough(LEAST_PICTURES):
        raise InputError(_(TOO_FEW[task.id]))
    candidates.defaults(task, examples, [], image_size, seed)
    args = {"backbones": chosen, "minutes": minutes, "image_size": image_size}
    return experiment.create(project, KIND, version, {f"worker-{at}": args for at in range(1, PARTS + 1)}, seed)


def dealt(questions: Questions, seed: int, kind: Things = "pictures") -> NDArray[np.int64]:
    """Return the fold of each picture, ``(n,)``: as many as ``rungs.FOLDS``, fewer where a class would be alone.

    Raises:
        InputError: the pictures cannot be dealt, so that two classes are left to learn from.
    """
    for count in range(rungs.FOLDS, 2, -1):
        try:
            fold = questions.deal(seeds.derive(seed, "search"), count)
        except ValueError:  # fewer pictures of every class than folds
            continue
        pairs = [(one, other) for one in range(count) for other in range(one)]
        if len(np.unique(fold)) == count and all(
            questions.teach((fold != one) & (fold != other)) for one, other in pairs
        ):
            return fold
    raise InputError(_(TOO_FEW[kind]))


def run(
    folder: Path, progress: Progress, *, backbones: Sequence[str], minutes: float, image_size: int | None = None
) -> None:
    """The ``search`` job: do what is left of a search, beside its other parts.

    Raises:
        NotFoundError: the experiment was deleted meanwhile.
        MissingWeightsError: the weights of a network are not on this machine.
        Stopped: a person pressed Stop. What was tried stays.
    """
    of = experiment.of_part(folder)
    if (plan := load(of)) and plan.ended:
        return
    _Worker(of, folder, Clock(of, folder, minutes, progress), backbones, image_size).work()


class _Worker:
    """One of the parts of a search."""

    def __init__(
        self, of: Experiment, folder: Path, clock: Clock, backbones: Sequence[str], image_size: int | None
    ) -> None:
        self.of, self.folder, self.clock = of, folder, clock
        self.backbones, self.image_size = list(backbones), image_size
        self.setup, self.workspace = of.setup, of.project.workspace
        self._asked: tuple[Questions, NDArray[np.int64]] | None = None

    def work(self) -> None:
        """Take trial after trial until nothing is left to do."""
        while True:
            experiment.require(self.folder)
            if self.clock.stopped():
                raise Stopped(_("Stopped. What was tried stays."))
            plan = load(self.of)
            if plan is not None and plan.ended:
                return
            if not (plan and self._next_trial(plan)) and not self._planned():
                time.sleep(POLL)

    def _next_trial(self, plan: Plan) -> bool:
        """Do the next trial that nobody has taken; return whether there was one."""
        if not plan.rungs:
            return False
        for candidate, fold in plan.rungs[-1].trials():
            folder = trial_folder(self.of, candidate, fold)
            if (folder / RESULT).exists():
                continue
            with _taken(folder) as mine:
                if mine and not (folder / RESULT).exists():
                    self._try(plan, candidate, fold, folder)
                    return True
        return False

    def _try(self, plan: Plan, candidate: Candidate, fold: int, folder: Path) -> None:
        began, recipe = time.monotonic(), candidate.recipe
        named = search_words.title(recipe, outline.load(self.workspace, recipe.backbone))
        self.clock.progress.emit("message", text=_("Trying {recipe}").format(recipe=named))
        try:
            result = self._result(plan, candidate, fold, folder, self._within(plan, candidate, fold))
        except Stopped:
            if self.clock.stopped():
                raise
            result = Result(problem=_(NO_TIME), seconds=time.monotonic() - began)
        except (InputError, MissingWeightsError, DamagedError) as exc:
            result = Result(problem=str(exc), seconds=time.monotonic() - began)
        experiment.require(self.folder)
        write_record(folder / RESULT, result)
        self.clock.save()

    def _within(self, plan: Plan, candidate: Candidate, fold: int) -> Progress:
        """Return what stops a trial in time for the last rung, which has all the time that it needs.

        Raises:
            Stopped: the trial is not expected to end in time.
        """
        rung, left, budget = plan.rungs[-1], self.clock.left, self.clock.budget
        if rung.stage == "again":
            return self.clock
        if rung.stage == "heads":
            if fold != rung.folds[0] and left < (1 - HEADS_MOST) * budget:
                raise Stopped(_(NO_TIME))
            return Until(self.clock, KEPT_SHARE * budget)
        costs = self._costs(plan)
        first = candidate if fold == rung.folds[0] else rung.candidates[0]
        if left - candidate.seconds < halving.kept(plan, first.recipe, costs, rung.last):
            raise Stopped(_(NO_TIME))
        return Until(self.clock, halving.shortest(plan, candidate.recipe, costs))

    def _result(self, plan: Plan, candidate: Candidate, fold: int, folder: Path, progress: Progress) -> Result:
        from tl_core.experiments import trial

        questions, number = self._questions(plan)
        judges = [number == fold] if fold == FRESH else [number == fold, number == FRESH]
        learned = ~np.any(judges, axis=0)
        return trial.run(folder, candidate.recipe, questions, (learned, judges), progress, last=fold == FRESH)

    def _questions(self, plan: Plan) -> tuple[Questions, NDArray[np.int64]]:
        if self._asked is None:
            asked = pictures.asked(self.of.project, self.setup.manifest, plan.drawn or plan.pictures).questions
            self._asked = asked, dealt(asked, self.setup.seed, tasks.of(self.of.project).id)
        return self._asked

    def _planned(self) -> bool:
        """Write down what comes next, if all trials are done and nobody else does so; return whether it was done."""
        with _taken(self.of.folder / TRIALS) as mine:
            plan = load(self.of)
            if not mine or (plan and (plan.ended or not _complete(self.of, plan))):
                return False
            following = self._first() if plan is None else self._after(plan)
            experiment.require(self.folder)
            write_record(self.of.folder / PLAN, following)
        self.clock.save()
        return True

    def _first(self) -> Plan:
        """Return the plan with the first rung: for the networks and pictures that fit into the time."""
        version, seed = self.setup.manifest, self.setup.seed
        asked = pictures.asked(self.of.project, version)
        every, outputs = asked.questions, len(asked.questions.outputs)
        task, examples = tasks.of(self.of.project), manifest.load(self.of.project, version)
        usual = candidates.defaults(task, examples, self.backbones, self.image_size, seed)
        costs = self._raw_costs(self._pace(usual[0], outputs))
        recipes = candidates.heads(halving.affordable(usual, costs, self.clock.left))
        count = halving.pictures_for(recipes, every.n, costs, self.clock.left, task.id)
        some = pictures.asked(self.of.project, version, count).questions
        number = dealt(some, seed, task.id)
        known = Dealt(
            labels=tuple(some.labels.tolist()),
            groups=tuple(some.groups.tolist()),
            fold=tuple(number.tolist()),
            classes=tuple(some.classes),
            every=asked.every,
            outputs=outputs,
        )
        write_record(self.of.folder / DEALT, known)
        plan = Plan(pictures=some.n, folds=int(number.max()) + 1, pace=costs.pace, kind=task.id, drawn=count)
        return replace(plan, rungs=(halving.heads(recipes, plan, costs, self.clock.left),))

    def _activations(self, recipe: Recipe, classes: int) -> "ActivationCache":
        version = self.setup.manifest
        return pictures.activations(self.of.project, version, recipe.backbone, classes, self.clock, recipe.image_size)

    def _pace(self, usual: Recipe, classes: int) -> float:
        """Return the seconds that a multiply-add of the frozen default network takes, as measured now."""
        seconds = speed.together(self._activations(usual, classes), self.clock)
        return seconds / self._raw_costs(1.0).whole(usual.backbone, usual.image_size)

    def _after(self, plan: Plan) -> Plan:
        """Return the plan with the next rung, or with what the best one costs at the end."""
        results = results_of(self.of, plan)
        rung = halving.following(plan, results, self._costs(plan), self.clock.left)
        if rung is not None:
            return replace(plan, rungs=(*plan.rungs, rung))
        if plan.rungs[-1].stage != "again":
            return replace(plan, ended=True)
        best = plan.rungs[-1].candidates[-1].recipe
        classes = len(self._questions(plan)[0].outputs)
        cache = self._activations(best, classes)
        return replace(plan, ended=True, milliseconds=min(speed.one_by_one(cache, self.clock)))

    def _costs(self, plan: Plan) -> Costs:
        return halving.calibrated(plan, results_of(self.of, plan), self._raw_costs(plan.pace))

    def _raw_costs(self, pace: float) -> Costs:
        sides = candidates.ladder(tasks.of(self.of.project).id, 0).sides
        return Costs(pace=pace, outlines=self._outlines(), sides=sides)

    def _outlines(self) -> dict[str, Outline]:
        root = self.workspace.root
        return {each: outline.load(self.workspace, each) or outline.draw(root, each) for each in self.backbones}


@contextmanager
def _taken(folder: Path) -> Iterator[bool]:
    """Take what a folder stands for, and give whether that worked: a worker that dies lets go of it."""
    with storage_errors():
        folder.mkdir(exist_ok=True)  # not its parents: the search may have been deleted
        lock = FileLock(folder / ".taken", timeout=0)
        try:
            lock.acquire()
        except Timeout:
            yield False
            return
    try:
        yield True
    finally:
        lock.release()


def load(of: Experiment) -> Plan | None:
    """Return the plan of a search; None before there is one.

    Raises:
        DamagedError: it cannot be read.
    """
    path = of.folder / PLAN
    try:
        return read_record(path, Plan) if path.exists() else None
    except DamagedError as exc:
        raise DamagedError(
            _("The plan of this search, {path}, is damaged. Start a new search.").format(path=path)
        ) from exc


def trial_folder(of: Experiment, candidate: Candidate, fold: int) -> Path:
    """Return the folder of a trial."""
    return of.folder / TRIALS / f"{candidate.id}-{fold}"


def results_of(of: Experiment, plan: Plan) -> dict[tuple[str, int], Result]:
    """Return the results so far, by candidate and fold."""
    every = [trial for rung in plan.rungs for trial in rung.trials()]
    stored = {(each.id, fold): read_stored(trial_folder(of, each, fold) / RESULT, Result) for each, fold in every}
    return {key: result for key, result in stored.items() if result}


def _complete(of: Experiment, plan: Plan) -> bool:
    rung: Rung | None = plan.rungs[-1] if plan.rungs else None
    return rung is None or all((trial_folder(of, each, fold) / RESULT).exists() for each, fold in rung.trials())


def stamp(of: Experiment) -> tuple[int, ...]:
    """Return numbers that change whenever there is something new to say of a search."""
    trials = of.folder / TRIALS
    plan = of.folder / PLAN
    every = [each.name for each in trials.glob("*")] if trials.is_dir() else []
    changed = plan.stat().st_mtime_ns if plan.exists() else 0
    return changed, len(every), sum(1 for _ in trials.glob(f"*/{RESULT}")), int(of.active)
