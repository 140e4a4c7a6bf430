"""All kinds of task, and which one something is."""

from itertools import islice
from pathlib import Path

from tl_core.about import Things
from tl_core.boxes import recognition
from tl_core.errors import InputError
from tl_core.ingest import archive
from tl_core.ingest.sources import Source, open_files
from tl_core.language import N_, _
from tl_core.networks import tables
from tl_core.recipe import Head
from tl_core.tasks import boxes, pictures, tags, texts
from tl_core.tasks.task import Task
from tl_core.workspace import Project

#: What is asked first stands first: what could be of two kinds is of the first one.
TASKS = (texts.TASK, pictures.TASK, tags.TASK, boxes.TASK)
_NOT_FOR_TEXTS = N_("{network} takes pictures, and “{project}” holds texts. Choose a network for texts: {usual}.")
_NOT_FOR_PICTURES = N_("{network} reads texts, and “{project}” holds pictures. Choose a network for pictures: {usual}.")
#: At most so many files of a source are looked at.
_LOOKED_AT = 1000
_NOT_SEVERAL = N_("“{project}” holds pictures with several labels each. Choose a head for several labels.")
_NOT_ONE = N_("“{project}” holds one label for each example. Choose a head for one label.")
_BY_ID: dict[Things, Task] = {task.id: task for task in TASKS}


def get(id: Things) -> Task:  # noqa: A002
    """Return the kind of that id.

    >>> get("texts").network
    'bge-small'
    """
    return _BY_ID[id]


def of(project: Project) -> Task:
    """Return the kind of a project."""
    return get(project.about().kind)


def of_network(network: str) -> Task:
    """Return the kind that the network of that id is for: texts, or pictures.

    >>> of_network("efficientnet-lite0").augments, of_network("bge-small").augments
    (True, False)
    """
    return get("texts" if tables.takes_texts(network) else "pictures")


def check_network(project: Project, network: str) -> None:
    """Raise InputError if the network of that id does not take what a project holds."""
    check_takes(project.about().kind, project.name, network)


def check_takes(things: Things, name: str, network: str) -> None:
    """Raise InputError if the network of that id does not take this kind of thing; ``name`` is of what holds it."""
    if tables.takes_texts(network) == (things == "texts"):
        return
    said = _NOT_FOR_TEXTS if things == "texts" else _NOT_FOR_PICTURES
    raise InputError(_(said).format(network=tables.title(network), project=name, usual=get(things).network))


def check_head(project: Project, head: Head) -> None:
    """Raise InputError if a head does not give what the examples of a project have: one label, or several."""
    several = tags.TASK.id == project.about().kind
    if several == head.several:
        return
    said = _NOT_SEVERAL if several else _NOT_ONE
    raise InputError(_(said).format(project=project.name))


def of_path(path: Path, *, labelled: bool = False) -> Task:
    """Return the kind that a file or folder is read as; ``labelled``: a person says that its pictures have labels."""
    asked: tuple[Task, ...] = (
        texts.TASK,
        *(() if labelled else (boxes.TASK,)),
        pictures.TASK,
    )  # the last one reads whatever there is
    return next(task for task in asked if task.reads(path))


def of_source(source: Source, usual: Task, *, empty: bool = False) -> Task:
    """Return the kind that a source is of, by the names of its files: the usual one where that fits, or none does.

    Args:
        source: a folder, a zip or an upload.
        usual: what a project holds, or is meant to.
        empty: whether it may hold boxes instead of pictures with labels, where the source has nothing else.

    Raises:
        InputError: the source cannot be opened.
    """
    place = Path(source.path)
    if source.kind == "folder" and place.is_file() and not archive.is_archive(place.name):
        names = [place.name]
    else:
        with open_files(source) as files:
            names = [item.name for item in islice(files.items, _LOOKED_AT)]
    found = next((task for task in (usual, *TASKS) if task.holds(names)), usual)
    return boxes.TASK if empty and found is pictures.TASK and recognition.is_of_boxes(source) else found
