"""What the pages call the things of a project, by what it holds. What a kind shows beyond words, each step says itself.

The ids are those of ``tl_core.tasks.table``, which loads more than a first page has time for; a test keeps both equal.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from pages.steps import Step
from tl_core import wording
from tl_core.about import Things
from tl_core.dataset import kinds
from tl_core.language import N_
from tl_core.workspace import Project

#: Key of the step that has the things themselves.
STEP = "pictures"


@dataclass(frozen=True, kw_only=True)
class Words:
    """The words for a kind of thing; all but ``id``, ``icon``, ``drawing`` and ``count`` are shown by ``_``.

    Attributes:
        id: of the kind of task.
        title: many of them; so the step is called that has them.
        choice: what they are, where a person is asked what is to be told apart.
        icon: a Material icon, ``":material/…:"``.
        lead: the sentence below the title of that step.
        asks: what each of them shows, below that.
        drawing: of a few of them told apart, in ``assets/kinds``.
        drawn: what the drawing shows, for somebody who cannot see it.
        new_name: what a new project is called.
        new_project: the label of the button that makes a new project for them.
        none: that a project has none yet, as a label.
        import_first: that a project has none yet, as a sentence that says what to do.
        go: the label of a link to the step.
        importing: the title of an import that runs.
        path: an example of a path on this machine.
        copied: what lies at such a path, and what becomes of it.
        count: a number of them, in words.
    """

    id: Things
    title: str
    choice: str
    icon: str
    lead: str
    asks: str
    drawing: str
    drawn: str
    new_name: str
    new_project: str
    none: str
    import_first: str
    go: str
    importing: str
    path: str
    copied: str
    count: Callable[[int], str]


PICTURES = Words(
    id="pictures",
    title=N_("Pictures"),
    choice=N_("Pictures with one label"),
    icon=":material/photo_library:",
    lead=N_("Import a folder with one sub-folder per class. A few dozen pictures of each are enough to start."),
    asks=N_("Each shows one thing, for instance a cat or a dog."),
    drawing="pictures.svg",
    drawn=N_("Three small pictures, two with one sign and one with another"),
    new_name=N_("My pictures"),
    new_project=N_("New project of pictures"),
    none=N_("No pictures yet"),
    import_first=N_("This project has no pictures yet. Import some first."),
    go=N_("Go to Pictures"),
    importing=N_("Importing the pictures"),
    path="/home/me/pictures",
    copied=N_("One sub-folder per class. The pictures are copied; the folder stays as it is."),
    count=wording.pictures,
)
TEXTS = Words(
    id="texts",
    title=N_("Texts"),
    choice=N_("Texts"),
    icon=":material/article:",
    lead=N_(
        "Import a table with a text and its label in each row. A few dozen texts of each label are enough to start."
    ),
    asks=N_("Each says one thing, for instance a question or a complaint."),
    drawing="texts.svg",
    drawn=N_("Three short texts, two with one sign and one with another"),
    new_name=N_("My texts"),
    new_project=N_("New project of texts"),
    none=N_("No texts yet"),
    import_first=N_("This project has no texts yet. Import some first."),
    go=N_("Go to Texts"),
    importing=N_("Importing the texts"),
    path="/home/me/mails.csv",
    copied=N_("A table, or one sub-folder of .txt files per class. The texts are copied; the file stays as it is."),
    count=wording.texts,
)
TAGS = replace(
    PICTURES,
    id="tags",
    choice=N_("Pictures with several labels"),
    icon=":material/sell:",
    lead=N_("Import pictures with a table of their labels, or give them labels here. A few dozen of each are enough."),
    asks=N_("Each shows any number of things, for instance a beach, people, both or neither."),
    drawing="tags.svg",
    drawn=N_("Three small pictures: one with two signs, one with one of them, one with the other"),
    new_project=N_("New project of pictures with several labels"),
    copied=N_(
        "Pictures and a table of their labels, such as labels.csv. Both are copied; the folder stays as it is. Without "
        "a table, you give the labels afterwards."
    ),
)
BOXES = replace(
    PICTURES,
    id="boxes",
    choice=N_("Pictures with boxes"),
    icon=":material/select_all:",
    lead=N_("Import pictures with their boxes, or draw boxes here. Forty pictures are enough to start."),
    asks=N_("Each shows things to be found, for instance every cell of a smear, with a box around it."),
    drawing="boxes.svg",
    drawn=N_("Three small pictures with boxes around the signs on them, in two colours"),
    new_project=N_("New project of pictures with boxes"),
    copied=N_(
        "Pictures, and their boxes as COCO, YOLO, Pascal VOC, Create ML or a table. Both are copied; the folder stays "
        "as it is. Without boxes, you draw them afterwards."
    ),
)
#: What is asked for. What is asked first stands first.
EVERY = (PICTURES, TAGS, BOXES, TEXTS)
_BY_ID: dict[Things, Words] = {each.id: each for each in EVERY}


def get(id: Things) -> Words:  # noqa: A002 - the word of the table
    """Return the words for a kind of thing.

    >>> get("texts").title
    'Texts'
    """
    return _BY_ID[id]


def of(project: Project | None) -> Words:
    """Return the words for what a project holds; for pictures where there is no project."""
    return PICTURES if project is None else get(kinds.of(project))


def title(step: Step, project: Project | None) -> str:
    """Return what a step is called in a project, to be shown by ``_``: one is called after the things."""
    return of(project).title if step.key == STEP else step.title
