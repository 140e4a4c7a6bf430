"""The jobs that make files which travel, and the one that opens a project. What they make lies in the job's folder."""

import shutil
import zipfile
from collections.abc import Mapping
from pathlib import Path

from tl_core import wording
from tl_core.about import Things
from tl_core.dataset import folders, kinds, manifest
from tl_core.files import replacing, subfolders
from tl_core.jobs import ENDED, Job
from tl_core.language import N_, _
from tl_core.progress import Progress
from tl_core.runs import RunFolder
from tl_core.travel import box_sets, tables
from tl_core.travel import judged as judged_pictures
from tl_core.travel import pack as packing
from tl_core.travel import unpack as unpacking
from tl_core.travel.made import KINDS, Made, Opened, file_of
from tl_core.workspace import Project, Workspace

_AS_FOLDERS: Mapping[Things, str] = {
    "pictures": N_("{pictures} as split/class/picture, with a CSV."),
    "tags": N_("{pictures} as split/picture, with a CSV of their labels."),
    "boxes": N_("{pictures} as split/picture, with their boxes."),
}
_JUDGED: Mapping[Things, str] = {
    "pictures": N_("{pictures} by class and predicted class, with a CSV."),
    "tags": N_("{pictures} by the label that is wrong, with a CSV."),
}


def pack(folder: Path, progress: Progress, *, project: str, pictures: bool = True, with_runs: bool = True) -> Made:
    """The ``pack`` job: a project as a zip, see ``pack.pack``."""
    _forget_earlier(folder)
    source = Project(Path(project))
    target = folder / f"{source.slug}-project.zip"
    packed = packing.pack(source, target, progress, pictures=pictures, with_runs=with_runs)
    return _made(target, packed.record.sentence(), packed.left_out)


def dataset(folder: Path, progress: Progress, *, project: str, form: str = "") -> Made:
    """The ``dataset`` job: the present pictures as ``split/class/picture``, with ``pictures.csv``, in a zip.

    Those with boxes are ``split/picture``, with the boxes in ``form``: a key of ``boxes.reading.FORMS``.
    """
    _forget_earlier(folder)
    source = Project(Path(project))
    target = folder / f"{source.slug}-{form or 'pictures'}.zip"
    count = box_sets.write(source, form, target, progress) if form else write_dataset(source, target, progress)
    return _made(target, _(_AS_FOLDERS[kinds.of(source)]).format(pictures=wording.pictures(count)))


def write_dataset(project: Project, target: Path, progress: Progress) -> int:
    """Write the present pictures of a project into a zip of folders, and return how many there are.

    Raises:
        InputError: pictures are missing on this machine, or none is in a split.
        StorageError: the disk is full. A file that is there is as it was.
        Stopped: a person pressed Stop.
    """
    table = manifest.load(project).table
    pictures = folders.require(folders.arrange(project, table))
    with replacing(target) as part, folders.new_zip(part) as bundle:
        folders.write(bundle, pictures, progress)
        bundle.writestr("pictures.csv", tables.dataset(project, table), zipfile.ZIP_DEFLATED)
    return len(pictures)


def judged(folder: Path, progress: Progress, *, run: str, split: str) -> Made:
    """The ``judged`` job: wrong and refused pictures of a split in a zip, see ``judged.write``."""
    _forget_earlier(folder)
    source = RunFolder(Path(run))
    target = folder / f"{source.project.slug}-{source.id}-{split}-mistakes.zip"
    count = judged_pictures.write(source, split, target, progress)
    return _made(target, _(_JUDGED[kinds.of(source.project)]).format(pictures=wording.pictures(count)))


def unpack(folder: Path, progress: Progress, *, workspace: str, path: str, name: str) -> Opened:
    """The ``unpack`` job: import an exported project; an upload that it came by is removed then."""
    source, target = Path(path), Workspace(Path(workspace))
    opened = unpacking.unpack(target, source, progress, name)
    if source.parent.parent == target.uploads:
        shutil.rmtree(source.parent, ignore_errors=True)
    return Opened(project=opened.project.slug, sentence=opened.record.sentence(), missing=opened.missing)


def _made(target: Path, sentence: str, left_out: tuple[str, ...] = ()) -> Made:
    return Made(file=target.name, bytes=target.stat().st_size, sentence=sentence, left_out=left_out)


def _forget_earlier(folder: Path) -> None:
    """Remove the files that earlier jobs of these kinds made: they are as large as the projects themselves."""
    for other in subfolders(folder.parent):
        earlier = Job(other)
        if other != folder and other.name.startswith(KINDS) and earlier.state in ENDED and (made := file_of(earlier)):
            made.unlink(missing_ok=True)
