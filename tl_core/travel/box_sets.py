"""Pictures with boxes as a zip that other programs read: split/picture, and the boxes in a form of the field."""

import zipfile
from pathlib import Path

from tl_core.boxes import writing
from tl_core.boxes.writing import Sheet
from tl_core.dataset import boxes, folders, manifest
from tl_core.dataset.manifest import Row
from tl_core.files import replacing
from tl_core.progress import Progress
from tl_core.workspace import Project


def write(project: Project, form: str, target: Path, progress: Progress) -> int:
    """Write the present pictures of a project with their boxes into a zip, and return how many there are.

    Args:
        project: of pictures with boxes.
        form: a key of ``boxes.reading.FORMS``.
        target: the zip; one that is there is replaced.
        progress: hears how many pictures are done.

    Raises:
        InputError: pictures are missing on this machine, or none is in a split.
        StorageError: the disk is full. A file that is there is as it was.
        Stopped: a person pressed Stop.
    """
    data = manifest.load(project)
    pictures = folders.require(folders.arrange(project, data.table))
    rows = {row.id: row for row in manifest.rows_of(data.table)}
    sheets = [_sheet(each.name, rows[each.id]) for each in pictures]
    with replacing(target) as part, folders.new_zip(part) as bundle:
        folders.write(bundle, pictures, progress)
        for name, content in writing.write(form, sheets, data.classes).items():
            bundle.writestr(name, content, zipfile.ZIP_DEFLATED)
    return len(pictures)


def _sheet(name: str, row: Row) -> Sheet:
    return Sheet(name=name, width=row.width, height=row.height, boxes=boxes.split(row.boxes))
