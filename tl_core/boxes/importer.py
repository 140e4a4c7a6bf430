"""Importing pictures with boxes into a project: all of a source in one step, whole or not at all."""

import shutil
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import replace as replaced
from pathlib import Path

from tl_core import wording
from tl_core.about import USUAL, SplitSettings
from tl_core.boxes import matching, putting_right, reading
from tl_core.boxes.annotations import Annotated, Tally
from tl_core.boxes.reading import FORMS
from tl_core.dataset import boxes
from tl_core.dataset.names import differing_by_case
from tl_core.dataset.split_words import split_of_path
from tl_core.dataset.splits import SPLITS, TRAIN
from tl_core.errors import InputError
from tl_core.files import staging
from tl_core.ingest.commit import Decoded, Imported, commit
from tl_core.ingest.decoding import Task, decode_all
from tl_core.ingest.entries import Entry, LeftOut
from tl_core.ingest.reading import Place
from tl_core.ingest.report import ImportResult
from tl_core.ingest.sources import Files, Source, open_files
from tl_core.language import N_, _
from tl_core.progress import Progress
from tl_core.storage import INCOMING
from tl_core.workspace import Project

NOT_ANNOTATED = N_("The annotations do not name it, so nobody knows what is in it.")


@dataclass(frozen=True, kw_only=True)
class BoxReading:
    """How a source of boxes is read.

    Attributes:
        name: of the source, for a person.
        form: how the boxes are written, a key of ``reading.FORMS``; ``""`` where there are none.
        tasks: the pictures with their boxes, to be decoded.
        left_out: all other files with the reason.
        classes: number of boxes of each class, by name.
        remarks: sentences on what was taken for what, and on what was wrong.
        unnamed: how many pictures the annotations do not name.
    """

    name: str
    form: str
    tasks: list[Task]
    left_out: list[LeftOut]
    classes: dict[str, int]
    remarks: list[str]
    unnamed: int = 0

    @property
    def parts(self) -> dict[str, int]:
        """Pictures that the source itself gives to each split."""
        counts = Counter(task.place.split for task in self.tasks)
        return {split: counts[split] for split in SPLITS}

    def summary(self) -> str:
        """Return how the source is read, in one sentence."""
        if not self.form:
            return _("{pictures} without boxes: you draw them on the Pictures page.").format(
                pictures=wording.pictures(len(self.tasks))
            )
        named = [f"{label} ({wording.number(count)})" for label, count in self.classes.items()]
        return _("{form}: {boxes} in {pictures}: {classes}.").format(
            form=_(FORMS[self.form]),
            boxes=wording.plural(sum(self.classes.values()), "box", "boxes"),
            pictures=wording.pictures(len(self.tasks)),
            classes=wording.listed(named, 12),
        )


def run(
    folder: Path, progress: Progress, *, project: str, source: Mapping[str, str], drawn_later: bool = False
) -> ImportResult:
    """Do the "import-boxes" job: ``import_boxes`` with the project's folder and the source as JSON."""
    target, origin = Project(Path(project)), Source(**source)
    settings = target.about().split
    imported = import_boxes(target, origin, settings, drawn_later=drawn_later, progress=progress)
    staged = Path(origin.path)
    if staged.parent == target.workspace.uploads:
        shutil.rmtree(staged, ignore_errors=True)
    return imported.result(target)


def read(source: Source, *, drawn_later: bool = False) -> BoxReading:
    """Return how a source is read; nothing is decoded or written. Raises InputError.

    Args:
        source: a folder, a zip or an upload.
        drawn_later: whether pictures that no annotation names are taken, too, for somebody to draw boxes on.
    """
    with open_files(source) as files:
        return _read(files, drawn_later)


def import_boxes(
    project: Project,
    source: Source,
    settings: SplitSettings = USUAL,
    *,
    replace: bool = False,
    drawn_later: bool = False,
    group: str = "",
    progress: Progress | None = None,
) -> Imported:
    """Import pictures with their boxes into a project as its next manifest version.

    Args:
        project: of pictures with boxes, or an empty one.
        source: a folder or a zip with pictures and annotations.
        settings: how pictures without a split are split.
        replace: the new version holds these pictures alone, instead of adding them to the list.
        drawn_later: as in ``read``.
        group: what all the pictures share, such as one sitting before a camera: they stay in one split. Or ``""``.
        progress: hears how many pictures are done.

    Raises:
        InputError: there are no boxes that can be read, or the project holds something else.
        Stopped: a person pressed Stop.
        StorageError: the disk is full. In every case of failure the project is as it was.
    """
    began = time.monotonic()
    with staging(project.folder / "imports", INCOMING) as staged:
        with open_files(source) as files:
            read = _read(files, drawn_later)
            tasks = [Task(task.entry, replaced(task.place, group=group)) for task in _dividing(read.tasks)]
            decodings = decode_all(tasks, project, staged, progress or Progress())
        decoded = Decoded(
            source=read.name,
            pictures=decodings.pictures,
            left_out=[*read.left_out, *decodings.left_out],
            notes=[read.summary(), *read.remarks, *decodings.notes],
            layout=read.form,
            began=began,
            ranges=decodings.ranges,
            kind="boxes",
        )
        return commit(project, staged, decoded, settings, replace=replace)


def _read(files: Files, drawn_later: bool) -> BoxReading:
    name, tally = files.name, Tally()
    found = reading.read(files.items, name, drawn_later=drawn_later)
    tally.include(found.annotations.tally)
    matched = matching.match(found.annotations.pictures, found.pictures, tally)
    if found.annotations.form and not matched:
        raise InputError(
            _("“{name}” has boxes, but none of the pictures that they belong to. Import both together.").format(
                name=name
            )
        )
    tasks, left_out, counts = [], [*found.left_out], dict.fromkeys(found.annotations.classes, 0)
    for entry in found.pictures:
        annotated = matched.get(entry.name)
        if annotated is None and drawn_later:
            tasks.append(Task(entry, Place(entry.name, "", split_of_path(entry.name))))
            continue
        if annotated is None:
            left_out.append(LeftOut(entry.name, NOT_ANNOTATED))
            continue
        try:
            drawn = _drawn(entry, annotated, tally)
        except InputError as exc:
            left_out.append(LeftOut(entry.name, str(exc)))
            continue
        for box in drawn:
            counts[box.label] = counts.get(box.label, 0) + 1
        lost = not drawn and any(each.has_boxes for each in annotated)
        text = "" if lost else boxes.join(drawn)
        place = Place(entry.name, boxes.label(drawn), _split(entry.name, annotated), boxes=text)
        tasks.append(Task(entry, place))
    return BoxReading(
        name=name,
        form=found.annotations.form,
        tasks=tasks,
        left_out=left_out,
        classes=dict(sorted(counts.items())),
        remarks=[*files.remarks, *found.annotations.remarks, *tally.sentences(), *differing_by_case(counts)],
        unnamed=len(found.pictures) - len(matched),
    )


def _split(name: str, annotated: list[Annotated]) -> str:
    """Return the split that a file, or the folder of the annotations or of the picture, gives a picture, or ``""``."""
    said = [each.split for each in annotated] + [split_of_path(each.place) for each in annotated]
    return next((split for split in said if split in SPLITS), "") or split_of_path(name)


def _drawn(entry: Entry, annotated: list[Annotated], tally: Tally) -> list[boxes.Box]:
    """Return the boxes of a picture. Raises InputError if it cannot be read, or is larger than what is decoded."""
    shape = putting_right.shape_of(entry.path or entry.read())
    return putting_right.boxes_on(shape, annotated, entry.name, tally) if shape else []  # decoding says why not


def _dividing(tasks: list[Task]) -> list[Task]:
    """Return the tasks without a split that is the only one and leaves validation and test to be divided: training."""
    if {task.place.split for task in tasks} - {""} != {TRAIN}:
        return tasks
    places = (Place(each.name, each.label, boxes=each.boxes) for each in (task.place for task in tasks))
    return [Task(task.entry, place) for task, place in zip(tasks, places, strict=True)]
