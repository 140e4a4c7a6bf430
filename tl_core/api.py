"""The whole journey in ten names, for a notebook: ``import tl_core as thaw``.

Each function only puts the packages together and returns their records; the command line calls the same ones. What
needs TensorFlow is imported by the function that needs it. The examples are one story, in the order of the journey:

>>> import tl_core as thaw
"""

import contextlib
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tl_core import jobs, paths, runs
from tl_core.about import USUAL, SplitSettings, Things
from tl_core.boxes import importer as box_importer
from tl_core.dataset import manifest
from tl_core.draft import Draft
from tl_core.errors import InputError
from tl_core.ingest import importer
from tl_core.ingest.report import ImportReport, ImportResult
from tl_core.ingest.sources import Source
from tl_core.networks import catalogue, tables
from tl_core.networks.catalogue import Backbone
from tl_core.progress import Progress
from tl_core.recipe import Recipe
from tl_core.runs import RunFolder
from tl_core.tasks import table as tasks
from tl_core.text import importer as text_importer
from tl_core.text import sources as texts
from tl_core.text.guess import GUESSED, Chosen
from tl_core.workspace import Project, Workspace

if TYPE_CHECKING:
    from tl_core.evaluation.comparison import Comparison
    from tl_core.evaluation.crossval import CrossValidation
    from tl_core.evaluation.predictions import Prediction
    from tl_core.evaluation.sealed_test import Opened
    from tl_core.evaluation.tag_crossval import TagCrossValidation
    from tl_core.explain.heatmap import HeatMap

#: What a source begins with that names a sample set.
SAMPLE = "sample:"


def open_workspace(folder: str | Path | None = None) -> Workspace:
    """Open (and create) the folder that holds everything.

    Args:
        folder: the folder; None for the environment's ``TL_WORKSPACE``, else ``~/.thaw``.

    >>> work = thaw.open_workspace(folder)
    >>> work.projects()
    []
    """
    return Workspace.open(folder)


def import_pictures(
    workspace: Workspace,
    source: str | Path,
    *,
    limit: int | None = None,
    reading: str | None = None,
    validation: float = USUAL.validation,
    test: float = USUAL.test,
    seed: int = USUAL.seed,
    progress: Progress | None = None,
) -> Project:
    """Import pictures and return their project. The same folder again replaces the pictures of its project.

    Args:
        workspace: where to.
        source: a folder with one sub-folder per class, a zip of one, or ``"sample:ID"``: a sample set.
        limit: of a sample take about this many pictures; None for all.
        reading: what gives the classes, ``"folders"``, ``"names"``, ``"table"`` …; None for what the evidence speaks
            for. An error lists the readings there are.
        validation: share of the pictures for validation, 0 to 0.9, where the folders do not say.
        test: share of the pictures for the sealed test, 0 to 0.9, where the folders do not say.
        seed: of the split.
        progress: the listener; None for none.

    Raises:
        InputError: there is no such source, nothing in it can be used, or it is not clear what gives the classes.
        OfflineError: a sample has to be downloaded and the network did not answer.
        StorageError: the disk is full. In each case nothing is left.

    >>> project = thaw.import_pictures(work, "sample:textures", limit=60)
    >>> project.name
    'Brick, grass, gravel'
    """
    settings = SplitSettings(validation=validation, test=test, seed=seed)
    if not str(source).startswith(SAMPLE):
        if limit is not None:
            raise InputError("A limit is for samples. Of a folder or a zip all pictures are imported.")
        return import_folder(workspace, Path(source), settings, progress, reading=reading)[0]
    chosen = {"sample": str(source).removeprefix(SAMPLE), "limit": limit, **asdict(settings)}
    job = jobs.create_in(workspace, "sample", workspace=str(workspace.root), **chosen)
    result = jobs.execute(job.folder, jobs.this_process(), progress)
    assert isinstance(result, ImportResult), "what the job of a sample returns"
    return workspace.project(result.project)


def import_folder(
    workspace: Workspace,
    path: Path,
    settings: SplitSettings = USUAL,
    progress: Progress | None = None,
    *,
    reading: str | None = None,
    kind: Things | None = None,
    project: str | None = None,
) -> tuple[Project, ImportReport]:
    """Import a folder or a zip and return its project with the report. Errors are those of ``import_pictures``.

    Args:
        workspace, path, settings, progress, reading: as there.
        kind: ``"pictures"`` for one label a picture, ``"tags"`` for several; None for what the evidence speaks for.
        project: name or slug of the project to add the pictures to, made if there is none; None for the one of this
            folder, whose pictures are replaced.
    """
    path = paths.existing(str(path))
    source = source_at(path)
    if project:
        target = _named(workspace, project)
    else:
        kind = kind or importer.readings(source).choose(reading).kind
        target = importer.project_for_folder(workspace, path, kind)
    with _filled(target):
        imported = importer.import_source(
            target, source, progress=progress, reading=reading, kind=kind, replace=not project, settings=settings
        )
    return target, imported.report


def import_texts(
    workspace: Workspace,
    path: Path,
    settings: SplitSettings = USUAL,
    *,
    chosen: Chosen = GUESSED,
    project: str | None = None,
) -> tuple[Project, ImportReport]:
    """Import a table or a folder of texts and return its project with the report.

    Args:
        workspace, path, settings, project: as in ``import_folder``.
        chosen: which column is what, and other things that a person says of a table.

    Raises:
        InputError: there is no such file, or nothing in it reads as texts with labels.
        StorageError: the disk is full. In each case nothing is left.

    >>> from tl_core.text.sample import SHOP
    >>> shop, report = thaw.import_texts(work, SHOP)
    >>> report.classes
    {'complaint': 20, 'praise': 20, 'question': 20}
    """
    path = paths.existing(str(path))
    reading = texts.read(Source("folder", str(path)), chosen)
    target = _named(workspace, project) if project else importer.project_for_folder(workspace, path, "texts")
    with _filled(target):
        imported = text_importer.import_texts(target, reading, settings, replace=not project)
    return target, imported.report


def import_boxes(
    workspace: Workspace,
    path: Path,
    settings: SplitSettings = USUAL,
    progress: Progress | None = None,
    *,
    project: str | None = None,
) -> tuple[Project, ImportReport]:
    """Import pictures with boxes, as COCO, YOLO, Pascal VOC, Create ML or a table has them; see ``import_folder``."""
    path = paths.existing(str(path))
    target = _named(workspace, project) if project else importer.project_for_folder(workspace, path, "boxes")
    with _filled(target):
        imported = box_importer.import_boxes(target, source_at(path), settings, replace=not project, progress=progress)
    return target, imported.report


@contextlib.contextmanager
def _filled(target: Project) -> Iterator[None]:
    """Leave no project without anything behind, whatever ends its import: Ctrl+C, too."""
    try:
        yield
    except BaseException:
        if not manifest.is_stored(target):
            shutil.rmtree(target.folder)
        raise


def source_at(path: Path) -> Source:
    """Return the source that a path names: a zip or a folder. Raises InputError if it cannot be opened."""
    path = paths.existing(str(path))
    return Source("zip" if path.is_file() else "folder", str(path))


def _named(workspace: Workspace, name: str) -> Project:
    fitting = (project for project in workspace.projects() if name in (project.slug, project.name))
    return next(fitting, None) or workspace.create_project(name)


def list_networks(*, bundled: bool = False) -> list[Backbone]:
    """Return the rows of the catalogue: every pre-trained network. ``id`` is what a draft takes.

    Args:
        bundled: only those whose weights came with the installation and need no network connection.

    >>> [network.id for network in thaw.list_networks(bundled=True)]
    ['efficientnet-lite0', 'efficientnet-lite1', 'efficientnet-lite2']
    """
    return [network for network in catalogue.CATALOGUE if network.bundled or not bundled]


def train(project: Project, draft: Draft | Recipe | None = None, progress: Progress | None = None) -> RunFolder:
    """Train a model on the newest pictures of a project, in this process, and return the run.

    Args:
        project: the pictures.
        draft: the choices, of which ``run.recipe`` is made; None for the defaults. Or a recipe, trained as it is.
        progress: the listener; None for none.

    Raises:
        InputError: the pictures are too few, or the choices do not fit together.
        MissingWeightsError: the network's weights are not on this machine.

    >>> draft = thaw.Draft(backbone="efficientnet-lite0", image_size=64, epochs=2)
    >>> run = thaw.train(project, draft)
    >>> run.model_path.name, len(run.classes), run.report().validation.n > 0
    ('model.keras', 3, True)
    """
    task, examples = tasks.of(project), manifest.load(project)
    if problems := task.problems(examples):
        raise InputError(" ".join(problems))
    draft = draft or task.draft(None, examples)
    if isinstance(draft, Draft):
        draft = replace(draft, head=replace(draft.head, **task.head))
        draft = draft.recipe(examples.version, len(examples.classes), tables.get(draft.backbone or task.network))
    run = runs.create(project, draft)
    jobs.execute(run.folder, jobs.this_process(), progress)
    return run


def cross_validate(run: RunFolder, progress: Progress | None = None) -> "CrossValidation | TagCrossValidation":
    """Train the head of a run on several splits: a steadier accuracy from few pictures. Test pictures stay sealed.

    >>> result = thaw.cross_validate(run)
    >>> result.n > 30, 0 <= result.accuracy.accuracy <= 1
    (True, True)
    """
    from tl_core.evaluation import crossval

    return crossval.cross_validate(run, progress)


def evaluate(run: RunFolder, progress: Progress | None = None) -> "Opened":
    """Open the sealed test pictures of a run and return its scores, for several labels or boxes those of these.

    Each opening is counted.

    Raises:
        NotFoundError: the run has no model yet.
        InputError: there are no test pictures.

    >>> result = thaw.evaluate(run)
    >>> result.opened, 0 <= result.accuracy <= 1, [each.label for each in result.classes]
    (1, True, ['brick', 'grass', 'gravel'])
    """
    from tl_core.evaluation import sealed_test

    return sealed_test.evaluate(run.folder, progress)


def predict(run: RunFolder, pictures: Sequence[bytes | str | Path]) -> "list[Prediction]":
    """Return what the model of a run predicts for pictures.

    Args:
        run: a run that has a model.
        pictures: contents of picture files, or their paths; texts, where the run has learned from texts.

    Raises:
        NotFoundError: the run has no model yet.

    >>> picture = next(project.images.glob("*/*"))
    >>> prediction, = thaw.predict(run, [picture])
    >>> prediction.classes[0].label in run.classes, round(sum(each.probability for each in prediction.classes), 3)
    (True, 1.0)
    """
    from tl_core.evaluation import inference
    from tl_core.evaluation import predict as prediction

    run.require_model()
    inference.ensure(run)  # only a run that has predicted its own pictures can refuse
    return prediction.predict(run.folder, [each if isinstance(each, bytes) else str(each) for each in pictures])


def explain_picture(run: RunFolder, picture: bytes | str | Path, label: str | None = None) -> "HeatMap":
    """Return where in a picture the evidence for a class lies, by Grad-CAM.

    Args:
        run: a run that has a model.
        picture: the content of a picture file, or its path.
        label: the class; None for the one that the model predicts.

    Raises:
        InputError: the picture cannot be read, or there is no such class.
        NotFoundError: the run has no model yet.

    >>> heat_map = thaw.explain_picture(run, picture, "brick")
    >>> heat_map.label, heat_map.heat.shape
    ('brick', (2, 2))
    """
    from tl_core.explain import service

    return service.grad_cam(run.folder, picture if isinstance(picture, bytes) else str(picture), label)


def compare(old: RunFolder, new: RunFolder) -> "Comparison":
    """Compare two runs of a project on the same pictures: the test pictures if both have opened them, else validation.

    Raises:
        InputError: the runs are of two projects, or one of them has no predictions yet.

    >>> again = thaw.train(project, draft)
    >>> comparison = thaw.compare(run, again)
    >>> comparison.split, comparison.p
    ('validation', 1.0)
    """
    from tl_core.evaluation import comparison

    if old.project != new.project:
        raise InputError(f"{old.reference} and {new.reference} are runs of two projects: they share no pictures.")
    split = "test" if old.times_opened() and new.times_opened() else "validation"
    result = comparison.of_runs(old, new, split)
    if result is None:
        first = "Evaluate" if split == "test" else "Predict something with"
        raise InputError(f"One of the runs has no predictions for {split} pictures yet. {first} both of them first.")
    return result
