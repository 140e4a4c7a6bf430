"""Whether a source is unmistakably of pictures with boxes, and not of pictures that lie in a folder for each class."""

from tl_core.boxes import reading
from tl_core.boxes.annotations import Tally
from tl_core.boxes.matching import match
from tl_core.errors import InputError
from tl_core.ingest import importer
from tl_core.ingest.sources import Source, open_files

#: Annotations name at least this share of the pictures.
NAMED = 0.5
#: Readings of labels that come from the annotations themselves: each box has one.
FROM_THEM = frozenset({"table", "tags"})


def is_of_boxes(source: Source) -> bool:
    """Return whether a source has boxes, and nothing but them gives its pictures classes.

    Folders and file names that give classes, too, speak against it: a person has to say then what is to be learned.
    """
    try:
        with open_files(source) as files:
            found = reading.read(files.items, files.name)
        matched = match((each for each in found.annotations.pictures if each.boxes), found.pictures, Tally())
        if not matched or len(matched) < NAMED * len(found.pictures):
            return False
        labels = importer.readings(source).best
    except InputError:
        return False
    return not labels.places or bool(labels.doubt) or labels.name in FROM_THEM
