"""What a search says, at any time: the tree of what was tried, and the one recipe that it suggests. Loads no Keras."""

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from tl_core import runs
from tl_core.accuracy import Accuracy
from tl_core.dataset import manifest
from tl_core.errors import InputError
from tl_core.evaluation import tags, unknowns
from tl_core.experiments import rungs, search
from tl_core.experiments.candidates import Candidate
from tl_core.experiments.experiment import Experiment
from tl_core.experiments.ranking import SIGNIFICANCE
from tl_core.experiments.rungs import FRESH, Dealt, Plan, Result, Stage
from tl_core.experiments.shootout import BYTES_PER_PARAMETER
from tl_core.files import read_record
from tl_core.freezing import estimates, outline
from tl_core.language import _
from tl_core.metrics import intervals, luck
from tl_core.networks import tables
from tl_core.recipe import Everything, Recipe
from tl_core.runs import RunFolder

State = Literal["waiting", "running", "kept", "dropped", "failed", "chosen"]


@dataclass(frozen=True, kw_only=True)
class Tried:
    """A candidate of a search, as far as it is.

    Attributes:
        candidate: with its recipe, and what it grew from.
        stage: of its rung.
        rung: number of it, from 0.
        accuracy: on the pictures that have judged it so far; None before that is known.
        state: whether it goes on, or why not.
        seconds: that its trials took.
        problem: why it failed, a sentence; empty where it did not.
    """

    candidate: Candidate
    stage: Stage
    rung: int
    accuracy: Accuracy | None
    state: State
    seconds: float
    problem: str = ""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """The recipe that a search suggests, measured on pictures that had no say in the choice.

    Attributes:
        recipe: that is suggested: the best one, or the default where that is as often right.
        best: the best one of all.
        is_default: whether the default is suggested.
        accuracy: of the best one on the fold that was set aside.
        usual: of the default there.
        gain: how much more often the best one is right there than the default, -1 to 1.
        gain_interval: of it, 95%.
        p: how often chance alone would make a difference at least so large, 0 to 1.
        chosen_by: how often the best one was right on the pictures that chose it, with the model of that rung.
        flattered: how much less often that same model is right on the fold that was set aside; below 0 for more often.
        luck: by how much the best of the last ones would look better if all were equally good, 0 to 1.
        rivals: how many those were.
        tried: recipes in all.
        seconds: that a run of the suggested recipe on all pictures is expected to take, the first pass included.
        milliseconds: that one picture takes; None where the search ended before that was measured.
        bytes: of the model.
        temperature: that suits the best one.
        limit: how familiar pictures of the classes are to it, see ``unknowns.Known``.
        train: pictures that the best one has learned from.
        every: training and validation pictures that there are.
        precision: mean average precision of the best one on the fold that was set aside, where a picture has several
            labels; None where it has one.
        usual_precision: of the default there.
    """

    recipe: Recipe
    best: Recipe
    is_default: bool
    accuracy: Accuracy
    usual: Accuracy
    gain: float
    gain_interval: tuple[float, float]
    p: float
    chosen_by: float
    flattered: float
    luck: float
    rivals: int
    tried: int
    seconds: float
    milliseconds: float | None
    bytes: int
    temperature: float
    limit: tuple[float, ...]
    train: int
    every: int
    precision: float | None = None
    usual_precision: float | None = None

    @property
    def proved(self) -> bool:
        """Whether chance does not explain that the best one is better than the default."""
        return self.gain > 0 and self.p < SIGNIFICANCE


def tree(of: Experiment) -> list[Tried]:
    """Return what was tried so far, rung by rung; nothing before the first one is planned."""
    plan = search.load(of)
    if plan is None:
        return []
    results, dealt = search.results_of(of, plan), read_record(of.folder / search.DEALT, Dealt)
    active = of.active
    every = [
        _tried(of, plan, number, each, results, dealt, active=active)
        for number, rung in enumerate(plan.rungs)
        for each in rung.candidates
    ]
    parents, found = {each.candidate.parent for each in every}, of_search(of)
    suggested = found.recipe if found else None
    return [_with_state(each, plan, parents, suggested) for each in every]


def _tried(
    of: Experiment,
    plan: Plan,
    number: int,
    candidate: Candidate,
    results: rungs.Results,
    dealt: Dealt,
    *,
    active: bool,
) -> Tried:
    rung = plan.rungs[number]
    found = [result for fold in rung.folds if (result := results.get((candidate.id, fold)))]
    done = tuple(fold for fold in rung.folds if rungs.right(candidate, [fold], results) is not None)
    right = rungs.right(candidate, done, results)
    begun = active and any(search.trial_folder(of, candidate, fold).exists() for fold in rung.folds)
    problem = next((each.problem for each in found if each.problem), "")
    return Tried(
        candidate=candidate,
        stage=rung.stage,
        rung=number,
        accuracy=None if right is None else _share(right, done, dealt),
        state=_state(bool(done), bool(problem), len(found) == len(rung.folds), begun),
        seconds=sum(each.seconds for each in found),
        problem="" if done else problem,
    )


def _state(judged: bool, failed: bool, ended: bool, begun: bool) -> State:
    if failed and not judged:
        return "failed"
    return "dropped" if ended else "running" if begun else "waiting"


def _with_state(each: Tried, plan: Plan, parents: set[str], suggested: Recipe | None) -> Tried:
    """Return a candidate that came to its end with what became of it."""
    if each.state != "dropped":
        return each
    if each.stage == "again":
        return replace(each, state="chosen" if each.candidate.recipe == suggested else "kept")
    undecided = each.rung == len(plan.rungs) - 1 and not plan.ended
    return replace(each, state="kept" if undecided or each.candidate.id in parents else "dropped")


def of_search(of: Experiment) -> Outcome | None:
    """Return what a search suggests; None before the best one was measured again."""
    plan = search.load(of)
    if plan is None or not plan.rungs or plan.rungs[-1].stage != "again":
        return None
    results, dealt = search.results_of(of, plan), read_record(of.folder / search.DEALT, Dealt)
    usual, best = plan.rungs[-1].candidates[0], plan.rungs[-1].candidates[-1]
    answers = [results.get((each.id, FRESH)) for each in (usual, best)]
    if any(each is None or each.problem for each in answers):
        return None
    return _outcome(of, plan, [each for each in answers if each], results, dealt)


def _outcome(
    of: Experiment,
    plan: Plan,
    answers: list[Result],
    results: rungs.Results,
    dealt: Dealt,
) -> Outcome:
    best = plan.rungs[-1].candidates[-1]
    usual, again = (np.array(each.right, bool) for each in answers)
    groups = np.array(dealt.groups)[dealt.rows([FRESH])]
    gain = float(again.mean() - usual.mean())
    is_default = len(plan.rungs[-1].candidates) == 1 or gain <= 0
    chosen = plan.rungs[-1].candidates[0].recipe if is_default else best.recipe
    took = answers[0 if is_default else 1]
    flattery = _flattery(plan, best, results, dealt)
    return Outcome(
        recipe=chosen,
        best=best.recipe,
        is_default=is_default,
        accuracy=_share(again, (FRESH,), dealt),
        usual=_share(usual, (FRESH,), dealt),
        gain=gain,
        gain_interval=intervals.difference_interval(usual, again, groups),
        p=intervals.mcnemar(usual, again, groups),
        **vars(flattery),
        tried=len({each.id for rung in plan.rungs if rung.stage != "again" for each in rung.candidates}),
        seconds=took.seconds * dealt.every / max(1, took.train),
        milliseconds=plan.milliseconds,
        bytes=_bytes(of, chosen, dealt.outputs or len(dealt.classes)),
        temperature=took.temperature,
        limit=took.limit,
        train=took.train,
        every=dealt.every,
        precision=answers[-1].precision,
        usual_precision=answers[0].precision,
    )


@dataclass(frozen=True)
class _Flattery:
    """How much choosing has flattered the best one: see the fields of ``Outcome``."""

    chosen_by: float
    flattered: float
    luck: float
    rivals: int


def _flattery(plan: Plan, best: Candidate, results: rungs.Results, dealt: Dealt) -> _Flattery:
    rung = next(rung for rung in plan.rungs if best.parent in {each.id for each in rung.candidates})
    parent = next(each for each in rung.candidates if each.id == best.parent)
    judged = rungs.judged(rung, results)
    answers = [results[parent.id, fold] for fold in judged]
    right, fresh = (np.concatenate([getattr(each, name) for each in answers]) for name in ("right", "fresh"))
    every = [rungs.right(each, judged, results) for each in rung.candidates]
    rivals = np.array([each for each in every if each is not None], bool)
    return _Flattery(
        chosen_by=float(right.mean()),
        flattered=float(right.mean() - fresh.mean()),
        luck=luck.gain(rivals, np.array(dealt.groups)[dealt.rows(judged)]),
        rivals=len(rivals),
    )


def _share(right: NDArray[np.bool_], folds: tuple[int, ...], dealt: Dealt) -> Accuracy:
    """Return the accuracy on some folds, whose pictures come fold by fold, beside what guessing gets."""
    rows = dealt.rows(folds)
    counts = np.bincount(np.array(dealt.labels)[rows], minlength=len(dealt.classes))
    most = int(counts.argmax())
    return intervals.share(
        right,
        np.array(dealt.groups)[rows],
        baseline=float(counts[most] / len(rows)),
        baseline_class=dealt.classes[most],
    )


def _bytes(of: Experiment, recipe: Recipe, classes: int) -> int:
    """Return the size of the model of a recipe."""
    drawn = outline.load(of.project.workspace, recipe.backbone)
    head = estimates.head_parameters(drawn, recipe.head, classes, recipe.image_size) if drawn else 0
    return BYTES_PER_PARAMETER * (tables.get(recipe.backbone).backbone_parameters + head)


def train_on_all(of: Experiment) -> RunFolder:
    """Write the run that learns the suggested recipe from all training and validation pictures.

    Its accuracy cannot be measured any more, so it carries that of the search, with temperature and limit of refusal.

    Raises:
        InputError: the search has not come to its end.
    """
    outcome = of_search(of)
    if outcome is None:
        raise InputError(_("This search has no result yet. Wait for its end, or resume it."))
    before = outcome.usual if outcome.is_default else outcome.accuracy
    everything = Everything(run="", test=False, temperature=outcome.temperature, measured_on="held-out", before=before)
    recipe = replace(outcome.recipe, everything=everything)

    def also(made: RunFolder) -> None:
        if outcome.limit:
            unknowns.save_limit(made, np.array(outcome.limit))
        if outcome.precision is not None:  # there each label was given from one half on
            tags.save_usual(made, manifest.load(of.project, of.setup.manifest).classes)

    return runs.create(of.project, recipe, also)
