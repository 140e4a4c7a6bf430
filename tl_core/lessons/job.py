"""The ``lesson`` job: run what a round of a lesson is about, and write down each figure as soon as it is there.

What is run are usual runs of the app, in a project of the set's pictures. They stay there to be looked at.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tl_core import jobs, runs
from tl_core.accuracy import Accuracy
from tl_core.dataset import image, manifest
from tl_core.dataset.splits import TRAIN, VALIDATION
from tl_core.errors import Stopped
from tl_core.evaluation import inference, predict, predictions, scores, sealed_test
from tl_core.evaluation.predictions import Prediction
from tl_core.freezing import probe
from tl_core.ingest import bundled
from tl_core.language import _
from tl_core.lessons import lesson as lessons
from tl_core.lessons import photographs, projects, record
from tl_core.lessons.lesson import Round, Split, Trial
from tl_core.lessons.record import Figure, Result
from tl_core.metrics import intervals, linear_probe
from tl_core.networks import backbone, catalogue
from tl_core.progress import Progress
from tl_core.runs import RunFolder
from tl_core.workspace import Project, Workspace

KIND = "lesson"
#: Side of the pictures that a classifier without a network learns from.
PLAIN_SIDE = 8
#: An answer with this probability is a sure one.
SURE = 0.9


class Telling(Progress):
    """Passes on what one trial of several is at, in a sentence, and whether a person has stopped it."""

    def __init__(self, progress: Progress, name: str) -> None:
        self._progress, self._name, self._epochs = progress, name, 0

    def emit(self, event: str, **fields: object) -> None:
        if event == "phase":
            self._epochs = int(str(fields.get("epochs", 0)))
        if event == "epoch" and self._epochs:
            self._progress.emit(
                "message",
                text=_("{trial}: epoch {epoch} of {epochs}").format(
                    trial=_(self._name), epoch=fields["epoch"], epochs=self._epochs
                ),
            )
        elif event == "warning":
            self._progress.emit(event, **fields)

    def stopped(self) -> bool:
        return self._progress.stopped()


@dataclass(frozen=True, kw_only=True)
class Doing:
    """A round that runs.

    Attributes:
        workspace: where.
        folder: of the job.
        round: what is done.
        known: names of the figures that an earlier attempt has left.
        progress: the listener.
    """

    workspace: Workspace
    folder: Path
    round: Round
    known: tuple[str, ...]
    progress: Progress

    def project(self, id_: str = "") -> Project:
        """Return the project of a picture set, that of the round by default."""
        return projects.prepare(self.workspace, id_ or self.round.set, self.folder / "pictures", self.progress)


def run(folder: Path, progress: Progress, *, workspace: str, lesson: str, part: str) -> None:
    """Run a round of a lesson. Started again after a break, it keeps the figures that it has.

    Args:
        folder: the job's folder.
        progress: hears how many trials are done, and what the present one is at.
        workspace: the workspace's folder.
        lesson: id of the lesson.
        part: id of its round.

    Raises:
        InputError: there is no such lesson or round.
        MissingWeightsError: the network's weights are not on this machine.
        Stopped: a person pressed Stop; the figures so far stay.
    """
    place, of = Workspace.open(workspace), lessons.get(lesson)
    chosen, began = of.round(part), time.perf_counter()
    before = record.result(place, of, chosen)
    kept = before if before and not before.done else Result()
    figures = kept.figures
    doing = Doing(
        workspace=place, folder=folder, round=chosen, known=tuple(each.name for each in figures), progress=progress
    )

    def save(*, done: bool) -> None:
        spent = kept.seconds + time.perf_counter() - began
        slug = doing.project().slug
        record.save(place, of, chosen, Result(figures=figures, project=slug, seconds=spent, done=done))

    for figure in MEASURES[chosen.measure](doing):
        figures = (*figures, figure)
        save(done=False)
    save(done=True)


def _trained(doing: Doing) -> Iterator[Figure]:
    """Train each trial of a round, and yield how often it is right on each split of the round."""
    trials, splits = doing.round.trials, doing.round.splits
    for done, trial in enumerate(trials):
        doing.progress.emit("progress", what="runs", done=done, total=len(trials))
        names = {split: lessons.figure_name(trial, split, doing.round) for split in splits}
        if set(names.values()) <= set(doing.known):
            continue
        if trial.plain:
            yield _pixels(doing, trial)
            continue
        learned = _train(doing, trial)
        for split, name in names.items():
            if name not in doing.known:
                yield _figure(learned, trial, split, name)
    doing.progress.emit("progress", what="runs", done=len(trials), total=len(trials))


def _train(doing: Doing, trial: Trial) -> RunFolder:
    """Train a trial in a run of its own."""
    doing.progress.emit("message", text=_("{trial}: getting ready").format(trial=_(trial.name)))
    project = doing.project(trial.of)
    version = projects.limited(project, trial.pictures) if trial.pictures else 1
    classes, draft = len(manifest.load(project, version).classes), trial.draft
    made = runs.create(project, draft.recipe(version, classes, catalogue.get(draft.backbone)))
    made.annotate(name=trial.name)
    jobs.execute(made.folder, jobs.this_process(), Telling(doing.progress, trial.name))
    if doing.progress.stopped():
        raise Stopped(_("Stopped. The figures so far stay, and so do their runs."))
    return made


def _figure(learned: RunFolder, trial: Trial, split: Split, name: str) -> Figure:
    """Return how often a run is right on a split. Test pictures of a lesson are opened: they are there for that."""
    if split == "test":
        sealed_test.evaluate(learned.folder)
    else:
        inference.ensure(learned)
    predicted, report = predictions.load(learned, split), learned.report()
    assert predicted is not None, "what was just written"
    assert report is not None, "the run has ended"
    ordered = predicted.at(np.argsort(predicted.ids))
    return Figure(
        name=name,
        share=scores.accuracy(learned, predicted),
        asked=f"{learned.project.slug}/{split}",
        right=tuple(ordered.correct.astype(int).tolist()),
        groups=tuple(predictions.groups_of(learned, ordered.ids).tolist()),
        seconds=report.seconds["total"],
        run=learned.reference,
        pictures=trial.pictures,
        series=trial.series,
    )


def _pixels(doing: Doing, trial: Trial) -> Figure:
    """Return how often a linear classifier is right that learns from small pictures, number by number."""
    began, project = time.perf_counter(), doing.project(trial.of)
    data = manifest.load(project, projects.limited(project, trial.pictures) if trial.pictures else 1)
    rows, labels = {}, {}
    for split in (TRAIN, VALIDATION):
        table = data.split(split).sort_values("id")
        files = [manifest.image_path(project, id_).read_bytes() for id_ in table["id"]]
        rows[split] = np.stack([image.pixels(file, PLAIN_SIDE).mean(axis=-1).ravel() for file in files])
        labels[split] = table["label"].to_numpy(str)
    named = linear_probe.predict(rows[TRAIN].astype(np.float32), labels[TRAIN], rows[VALIDATION].astype(np.float32))
    right = named == labels[VALIDATION]
    return Figure(
        name=trial.name,
        share=intervals.share(right, None),
        asked=f"{project.slug}/{VALIDATION}",
        right=tuple(right.astype(int).tolist()),
        groups=tuple(range(len(right))),
        seconds=time.perf_counter() - began,
        pictures=trial.pictures,
        series=trial.series,
    )


def _original(doing: Doing) -> Iterator[Figure]:
    """Ask the network as it is, by its own 1,000 names; then train the trials of the round."""
    began, project = time.perf_counter(), doing.project()
    if lessons.OWN_NAMES not in doing.known:
        doing.progress.emit("message", text=_("The network as it is"))
        table = manifest.load(project, 1).split(VALIDATION).sort_values("id")
        model = predict.Model(
            backbone.top(catalogue.get(catalogue.DEFAULT), project.workspace), backbone.imagenet_classes()
        )
        files = [manifest.image_path(project, id_).read_bytes() for id_ in table["id"]]
        pictures = np.stack([image.pixels(file, model.size) for file in files])
        said = [model.classes[at] for at in model.probabilities(pictures).argmax(axis=1)]
        labels = table["label"].to_numpy(str)
        right = np.array([name in photographs.THINGS[label][1] for name, label in zip(said, labels, strict=True)])
        yield Figure(name=lessons.OWN_NAMES, share=intervals.share(right, None), seconds=time.perf_counter() - began)
        for label in np.unique(labels):
            of_class = np.array(said)[labels == label]
            most, count = Counter(of_class.tolist()).most_common(1)[0]
            share = intervals.accuracy(count, len(of_class))
            yield Figure(name=f"{label}: “{most}”", share=share)
    yield from _trained(doing)


def _blocks(doing: Doing) -> Iterator[Figure]:
    """Probe an early, a middle and a late block: how well what they see separates the classes."""
    trial = doing.round.trials[0]
    project, spec = doing.project(), catalogue.get(catalogue.DEFAULT)
    size = trial.draft.image_size or spec.default_size
    began = time.perf_counter()
    probe.run(
        doing.folder, Telling(doing.progress, trial.name), project=str(project.folder), backbone=spec.id, size=size
    )
    measured = probe.load(project, spec.id, size, manifest.load(project).version)
    assert measured is not None, "what was just written"
    blocks = measured.blocks
    places = dict(zip(lessons.BLOCKS, (0, len(blocks) // 2, len(blocks) - 1), strict=True))
    seconds = time.perf_counter() - began
    for name, at in places.items():
        share = Accuracy(
            accuracy=blocks[at].accuracy,
            n=measured.n,
            interval=blocks[at].interval,
            baseline=measured.chance,
            groups=measured.groups,
        )
        yield Figure(name=name, share=share, seconds=seconds)


def _strangers(doing: Doing) -> Iterator[Figure]:
    """Train the trials of the round, and show the last of them photographs of things that it does not know."""
    learned = None
    for figure in _trained(doing):
        learned = figure
        yield figure
    run = runs.find(doing.workspace, learned.run) if learned else _newest(doing)
    doing.progress.emit("message", text=_("Strangers"))
    inference.ensure(run)
    known = [path.stem for path in map(Path, photographs.SURFACES.values()) if path.stem in run.classes]
    strangers: list[bytes | str] = [str(path) for path in bundled.photographs().values() if path.stem not in known]
    answers = predict.predict(run.folder, strangers, untransferred=False)
    report = run.report()
    temperature = report.temperature if report else 1.0
    counts = (
        sum(_before(each, temperature) >= SURE for each in answers),
        sum(each.classes[0].probability >= SURE for each in answers),
        sum(each.refused for each in answers),
    )
    for name, count in zip(lessons.STRANGERS, counts, strict=True):
        if name not in doing.known:
            yield Figure(name=name, share=intervals.accuracy(count, len(answers)), run=run.reference)


def _before(answer: Prediction, temperature: float) -> float:
    """Return the highest probability of an answer as it was before it was calibrated by a temperature."""
    raw = np.array([each.probability for each in answer.classes]) ** temperature
    return float(raw.max() / raw.sum())


def _newest(doing: Doing) -> RunFolder:
    """Return the run that an earlier attempt has trained."""
    return next(each for each in runs.of_project(doing.project()) if each.ready)


#: What a round measures, by ``Round.measure``.
MEASURES: dict[str, Callable[[Doing], Iterator[Figure]]] = {
    "train": _trained,
    "original": _original,
    "blocks": _blocks,
    "strangers": _strangers,
}
