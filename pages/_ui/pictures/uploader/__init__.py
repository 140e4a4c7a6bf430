"""The uploader: a drop zone with two buttons that sends whole folders, or an archive, straight to the disk."""

from dataclasses import dataclass
from pathlib import Path

from pages._ui.pictures import upload_route
from pages._ui.shell import components, state
from tl_core.ingest import archive
from tl_core.ingest.sources import Source
from tl_core.language import N_, _
from tl_core.text import endings

#: What windows that choose files offer.
PICTURES = "image/*,.heic,.heif"
TABLES = ",".join((*endings.TABLES, *endings.TEXTS))
BOXES = ".json,.xml,.txt,.csv,.tsv,.yaml,.yml,.names"


@dataclass(frozen=True)
class Words:
    """What a drop zone says: what may be dropped, what happens to it, the button that chooses files.

    ``_`` gives it in a person's language. ``archives`` says whether it takes a zip, too; ``folders`` whether it has a
    button for folders; ``accept`` what the window that chooses files offers beside archives.
    """

    invite: str
    hint: str
    files: str
    archives: bool
    folders: bool = True
    accept: str = PICTURES


IMPORT = Words(
    N_("Drop a folder of pictures here"),
    N_("One sub-folder per class, for instance “cats” and “dogs”. A zip works too, and so do loose pictures."),
    N_("Choose pictures or a zip"),
    archives=True,
)
IMPORT_TAGS = Words(
    IMPORT.invite,
    N_("With a table of their labels, such as labels.csv: file,beach,people. Or pictures alone, labelled afterwards."),
    IMPORT.files,
    archives=True,
    accept=f"{PICTURES},{TABLES},.json",
)
IMPORT_BOXES = Words(
    IMPORT.invite,
    N_("With their boxes as COCO, YOLO, Pascal VOC, Create ML or a table. Or pictures alone: you draw the boxes here."),
    IMPORT.files,
    archives=True,
    accept=f"{PICTURES},{BOXES}",
)
IMPORT_TEXTS = Words(
    N_("Drop a table of texts here"),
    N_("CSV, TSV, JSONL or Excel, with a text and its label in each row. Or a folder of .txt files for each class."),
    N_("Choose a table or a zip"),
    archives=True,
    accept=TABLES,
)
IMPORT_ANY = Words(
    N_("Drop pictures or texts here"),
    N_("A folder with one sub-folder of pictures per class, or a table with a text and its label in each row."),
    N_("Choose files"),
    archives=True,
    accept=f"{PICTURES},{TABLES},{BOXES}",
)
INTO_A_CLASS = Words(
    N_("Drop pictures here"),
    N_("A folder or a zip works too: all of it goes into this class."),
    IMPORT.files,
    archives=True,
)
PROJECT = Words(
    N_("Drop an exported project here"),
    N_("The zip that “Export” made. It opens as a new project."),
    N_("Choose a zip"),
    archives=True,
    folders=False,
)
TO_LOOK_AT = Words(
    N_("Drop pictures here"),
    N_("A folder works too. They are not added to your pictures."),
    N_("Choose pictures"),
    archives=False,
)
#: What each drop zone says, by its name in the script.
SAID = {
    "folder": N_("Choose a folder"),
    "inFolder": N_("A folder of pictures"),
    "inFiles": N_("Pictures"),
    "upload": N_("Upload"),
    "cancel": N_("Cancel"),
    "sent": N_("{some} of {every} files sent, {percent}"),
    "unread": N_("The folder could not be read ({reason}). Nothing was imported. Try again."),
    "empty": N_("There are no files in there. Choose a folder with pictures."),
    "noArchive": N_("Choose pictures, or a folder of them. An archive is not opened here."),
    "oneArchive": N_("Choose one archive, or pictures: not both at once."),
    "cancelled": N_("Cancelled. Nothing was imported."),
    "cut": N_("The connection was cut, or a file cannot be read any more. Nothing was imported. Try again."),
    "silent": N_("The server did not answer. Nothing was imported. Try again."),
    "failed": N_("The server had a problem ({status}). Nothing was imported. Try again."),
}


@dataclass(frozen=True)
class Uploaded:
    """A finished upload: token, staging folder, and the name of the folder or archive that it came from, or ``""``."""

    token: str
    folder: Path
    name: str

    @property
    def source(self) -> Source:
        """What to import."""
        return Source("upload", str(self.folder))

    def taken(self) -> None:
        """Retire the token: a job has the folder now."""
        upload_route.take(self.token)


def finished(key: str) -> Uploaded | None:
    """Return the upload of this uploader once it is complete, again in each run until it is ``taken``, else None."""
    token = state.upload_token(key)
    folder = upload_route.finished(token) if token else None
    return Uploaded(token or "", folder, suggested_name(upload_route.names(folder))) if folder else None


def open_token(key: str) -> str:
    """Return the token that the next upload of this uploader goes under, the same until one is ``taken``."""
    token = state.upload_token(key)
    if token is None or not upload_route.is_open(token):
        token = upload_route.issue(state.workspace())
        state.set_upload_token(key, token)
    return token


@dataclass(frozen=True)
class Cards:
    """What of a page takes drops beside the drop zone, which takes those on the rest of the page.

    Attributes:
        mark: the beginning of the keys of elements that do.
        tokens: of uploads, one for each of these elements, in their order.
        quiet: whether the zone itself is only seen while it works.
    """

    mark: str = "none-"
    tokens: tuple[str, ...] = ()
    quiet: bool = False


def uploader(key: str, words: Words, cards: Cards | None = None) -> None:
    """Draw the uploader. An upload that is complete makes the page run again.

    Args:
        key: of the upload.
        words: what it says.
        cards: what of the page takes drops, too; None: the zone alone.
    """
    said = {**SAID, "invite": words.invite, "hint": words.hint, "files": words.files}
    data = {
        "token": open_token(key),
        "url": upload_route.URL,
        "words": {name: _(text) for name, text in said.items()},
        "archives": words.archives,
        "folders": words.folders,
        "accept": words.accept,
        "cards": cards and {"mark": f"st-key-{cards.mark}", "tokens": cards.tokens, "quiet": cards.quiet},
    }
    mounted = f"{key}-cards" if cards and cards.quiet else key
    components.load(Path(__file__).parent, components.WORDS)(key=mounted, data=data, on_uploaded_change=lambda: None)


def suggested_name(names: list[str]) -> str:
    """Return the name of the folder that all files lie in, or of the one archive or table, else an empty text.

    >>> suggested_name(["pets/cats/1.jpg", "pets/dogs/2.jpg"]), suggested_name(["mails 1.2.csv"])
    ('pets', 'mails 1.2')
    """
    paths = [name.replace("\\", "/").split("/") for name in names]
    if len(paths) == 1 and archive.is_archive(paths[0][-1]):
        return archive.stem(paths[0][-1])
    if len(paths) == 1 and (stem := _stem(paths[0][-1])):
        return stem
    tops = {path[0] if len(path) > 1 else "" for path in paths}
    return tops.pop() if len(tops) == 1 else ""


def _stem(name: str) -> str:
    """Return the name of a table without its ending, "" for another file."""
    return next((name[: -len(each)] for each in endings.TABLES if name.lower().endswith(each)), "")
