"""The uploader: a drop zone with two buttons that sends whole folders, or an archive, straight to the disk."""

from dataclasses import asdict, dataclass
from pathlib import Path

from pages._ui.pictures import upload_route
from pages._ui.shell import components, state
from tl_core.ingest import archive
from tl_core.ingest.sources import Source


@dataclass(frozen=True)
class Words:
    """What a drop zone says: what may be dropped, what happens to it, the button that chooses files.

    ``archives`` says whether it takes a zip, too; ``folders`` whether it has a button for folders.
    """

    invite: str
    hint: str
    files: str
    archives: bool
    folders: bool = True


IMPORT = Words(
    "Drop a folder of pictures here",
    "One sub-folder per class, for instance “cats” and “dogs”. A zip works too, and so do loose pictures.",
    "Choose pictures or a zip",
    archives=True,
)
INTO_A_CLASS = Words(
    "Drop pictures here", "A folder or a zip works too: all of it goes into this class.", IMPORT.files, archives=True
)
PROJECT = Words(
    "Drop an exported project here",
    "The zip that “Export” made. It opens as a new project.",
    "Choose a zip",
    archives=True,
    folders=False,
)
TO_LOOK_AT = Words(
    "Drop pictures here", "A folder works too. They are not added to your pictures.", "Choose pictures", archives=False
)


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


def uploader(key: str, words: Words) -> None:
    """Draw the uploader. An upload that is complete makes the page run again."""
    data = {"token": open_token(key), "url": upload_route.URL, "words": asdict(words)}
    components.load(Path(__file__).parent)(key=key, data=data, on_uploaded_change=lambda: None)


def suggested_name(names: list[str]) -> str:
    """Return the name of the folder that all files lie in, or of the one archive, else an empty text.

    >>> suggested_name(["pets/cats/1.jpg", "pets/dogs/2.jpg"])
    'pets'
    """
    paths = [name.replace("\\", "/").split("/") for name in names]
    if len(paths) == 1 and archive.is_archive(paths[0][-1]):
        return archive.stem(paths[0][-1])
    tops = {path[0] if len(path) > 1 else "" for path in paths}
    return tops.pop() if len(tops) == 1 else ""
