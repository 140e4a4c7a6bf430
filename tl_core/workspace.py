"""The folder that holds everything: projects, runs, jobs, caches. User interface and workers share only this."""

import os
import re
import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, NamedTuple, Self

from tl_core import paths
from tl_core.about import About, Things
from tl_core.errors import DamagedError, InputError, NotFoundError, StorageError
from tl_core.files import (
    PRIVATE,
    keep_private,
    locked,
    new_folder,
    read_json,
    read_record,
    read_stored,
    storage_errors,
    subfolder,
    subfolders,
    write_record,
)
from tl_core.language import N_, _
from tl_core.wording import number

DEFAULT_ROOT = Path("~/.thaw")
#: A name that a person types for a project, a run or a class is at most this long.
LONGEST_NAME = 80
#: And what a person notes of a run is at most this long.
LONGEST_NOTE = 500
#: Where the workspaces of people lie who share a server, each under an id of 128 random bits: see ``tl_core.spaces``.
SPACES = "spaces"
SPACE_ID = re.compile(r"[0-9a-f]{32}")


@dataclass(frozen=True, kw_only=True)
class Preferences:
    """What a person has set for all projects: ``preferences.json``.

    Attributes:
        ahead: whether the frozen pass begins before Train is pressed.
    """

    ahead: bool = True


@dataclass(frozen=True)
class Workspace:
    """A workspace on disk.

    >>> import tempfile
    >>> workspace = Workspace.open(tempfile.mkdtemp())
    >>> workspace.create_project("Cats & dogs").slug
    'cats-dogs'
    """

    root: Path

    @classmethod
    def open(cls, root: str | Path | None = None) -> Self:
        """Open (and create) a workspace: ``root``, else the environment's ``TL_WORKSPACE``, else ``~/.thaw``."""
        given = str(root or os.environ.get("TL_WORKSPACE") or DEFAULT_ROOT)
        workspace = cls(paths.typed(given))
        with storage_errors():
            try:
                workspace.root.mkdir(mode=PRIVATE, parents=True, exist_ok=True)
            except (FileExistsError, NotADirectoryError) as exc:
                raise StorageError(
                    _("The workspace {folder} cannot be a folder: there is a file. Choose another.").format(
                        folder=given
                    )
                ) from exc
            for folder in workspace.folders:
                keep_private(folder)
        return workspace

    @property
    def folders(self) -> list[Path]:
        """The folders that a workspace consists of; some need not be there yet."""
        return [self.projects_folder, self.jobs_folder, self.cache, self.weights, self.uploads, self.trash]

    @property
    def projects_folder(self) -> Path:
        return self.root / "projects"

    @property
    def jobs_folder(self) -> Path:
        """Folders of the jobs that are not training runs."""
        return self.root / "jobs"

    @property
    def cache(self) -> Path:
        return self.root / "cache"

    @property
    def shared(self) -> Path:
        """What people who share a server have in common, as it holds nothing of theirs; else the workspace itself."""
        is_space = self.root.parent.name == SPACES and SPACE_ID.fullmatch(self.root.name)
        return self.root.parent.parent if is_space else self.root

    def with_spaces(self) -> "list[Workspace]":
        """Return this workspace and those of the people below it."""
        found = [each for each in subfolders(self.root / SPACES) if SPACE_ID.fullmatch(each.name)]
        return [self, *map(Workspace, sorted(found))]

    @property
    def weights(self) -> Path:
        return self.shared / "weights"

    @property
    def converted(self) -> Path:
        """Frozen parts of pre-trained networks, converted for ONNX Runtime."""
        return self.weights / "converted"

    @property
    def own_converted(self) -> Path:
        """The same of models that may come from outside: nobody else uses what was made of them."""
        return self.root / "weights" / "converted"

    @property
    def uploads(self) -> Path:
        """Staging folders of uploads from the browser, one per upload."""
        return self.root / "uploads"

    @property
    def trash(self) -> Path:
        """What was deleted and can still be restored, see ``storage``."""
        return self.root / "trash"

    def preferences(self) -> Preferences:
        """Return what a person has set; the usual where that cannot be read."""
        return read_stored(self.root / "preferences.json", Preferences) or Preferences()

    def prefer(self, **changes: Any) -> None:
        """Change fields of the preferences."""
        with locked(self.root):
            write_record(self.root / "preferences.json", replace(self.preferences(), **changes))

    def projects(self) -> list["Project"]:
        """Return all projects that can be read, the one used last first."""
        projects = [each for each in self._every_project() if each.damage() is None]
        return sorted(projects, key=lambda project: project.touched, reverse=True)

    def damaged_projects(self) -> list["Project"]:
        """Return the projects that cannot be read; ``Project.damage`` says why and ``Project.repair`` mends them."""
        return [each for each in self._every_project() if each.damage() is not None]

    def _every_project(self) -> list["Project"]:
        return [Project(folder) for folder in subfolders(self.projects_folder)]

    def project(self, slug: str) -> "Project":
        """Return the project of that slug.

        Raises:
            NotFoundError: there is none.
            DamagedError: its ``project.json`` cannot be read.
        """
        folder = subfolder(self.projects_folder, slug)
        if folder is None:
            known = ", ".join(project.slug for project in self.projects()) or _("none yet")
            raise NotFoundError(
                _("There is no project “{slug}” in {folder}. Projects here: {known}.").format(
                    slug=slug[:60], folder=self.root, known=known
                )
            )
        project = Project(folder)
        if problem := project.damage():
            raise DamagedError(problem)
        return project

    def free_name(self, wanted: str) -> str:
        """Return a name for a new project: the wanted one, with a number where it is taken."""
        taken = {project.name for project in self.projects()}
        if wanted not in taken:
            return wanted
        stem = re.sub(r" \d+$", "", wanted)[: LONGEST_NAME - 5]
        return next(each for number in range(2, len(taken) + 3) if (each := f"{stem} {number}") not in taken)

    def create_project(
        self,
        name: str,
        fill: "Callable[[Project], object]" = lambda project: None,
        *,
        source: str | None = None,
        licence: str | None = None,
    ) -> "Project":
        """Create a project.

        Args:
            name: as a person typed it.
            fill: makes the first pictures of the project, before anybody else sees it. If it fails there is none.
            source: what it is made from, see ``About``.
            licence: of the pictures of a sample.
        """

        def begin(folder: Path) -> None:
            _write_about(folder, About(name=name, created=time.time(), source=source, licence=licence))
            fill(Project(folder))

        return Project(new_folder(self.projects_folder, slugify(name) or "project", begin))


class Edition(NamedTuple):
    """A version of a project's list, as what is kept in memory is named: it never changes.

    The folder of a deleted project may come again, with a version of the same number, but not with its time.
    """

    folder: str
    version: int
    created: float

    @property
    def project(self) -> "Project":
        return Project(Path(self.folder))


@dataclass(frozen=True)
class Project:
    """One set of pictures, or of texts, with its manifests and runs: ``projects/<slug>/``."""

    folder: Path

    @property
    def slug(self) -> str:
        return self.folder.name

    @property
    def workspace(self) -> Workspace:
        return Workspace(self.folder.parent.parent)

    @property
    def name(self) -> str:
        """The name as the person typed it: show it as plain text, never as Markdown."""
        return self.about().name

    @property
    def touched(self) -> float:
        """When the project was last changed, in seconds since the epoch."""
        return (self.folder / "project.json").stat().st_mtime

    @property
    def images(self) -> Path:
        return self.folder / "images"

    @property
    def manifests(self) -> Path:
        return self.folder / "manifests"

    @property
    def runs(self) -> Path:
        return self.folder / "runs"

    @property
    def experiments(self) -> Path:
        return self.folder / "experiments"

    def edition(self, version: int) -> Edition:
        """Return the name of a version for what is kept in memory of it."""
        return Edition(str(self.folder), version, self.about().created)

    def held(self) -> int:
        """Return how many pictures or texts the present list has; 0 where there is none, or it cannot be read."""
        try:
            version = self.about().manifest
            return int(read_json(self.manifests / f"{version:04d}.json")["pictures"]) if version else 0
        except (NotFoundError, DamagedError, KeyError, TypeError, ValueError):
            return 0

    def about(self) -> About:
        """Return ``project.json``. Raises DamagedError if it cannot be read."""
        return read_record(self.folder / "project.json", About)

    def update(self, **changes: Any) -> None:
        """Change fields of ``About`` and mark the project as the one used last."""
        with locked(self.folder):
            _write_about(self.folder, replace(self.about(), **changes))

    def rename(self, name: str) -> None:
        """Give the project another name; its folder and its links stay. Raises InputError if the name is empty."""
        self.update(name=given_name(name))

    def damage(self) -> str | None:
        """Return why the project cannot be read, a sentence; None if it can."""
        try:
            self.about()
        except (NotFoundError, DamagedError) as exc:
            return str(exc)
        return None

    def repair(self) -> None:
        """Write ``project.json`` again: the folder's name, and the newest list of pictures that is there."""
        newest = max((int(path.stem) for path in self.manifests.glob("[0-9]*.parquet")), default=None)
        with locked(self.folder):
            if self.damage() is not None:
                path = self.folder / "project.json"
                if path.is_dir():
                    path.rename(new_folder(self.folder, "damaged") / "project.json")
                kind = "pictures" if newest is None else self._kind_of(newest)
                _write_about(self.folder, About(name=self.slug, created=time.time(), manifest=newest, kind=kind))

    def _kind_of(self, version: int) -> Things:
        """Return what a version of the list holds; one of earlier versions does not say it."""
        said = read_stored(self.manifests / f"{version:04d}.json", _Kind)
        if said is not None and said.kind is not None:
            return said.kind
        return "pictures" if self.images.is_dir() else "texts"


@dataclass(frozen=True)
class _Kind:
    """What a version of the list says of what it holds; None if it was written before there were several kinds."""

    kind: Things | None = None


def _write_about(folder: Path, about: About) -> None:
    write_record(folder / "project.json", about)


def given_name(name: str) -> str:
    """Return a name that a person typed as it is stored. Raises InputError if it is empty or too long."""
    plain = fitting(N_("A name"), name, LONGEST_NAME)
    if not plain:
        raise InputError(
            _("A name needs a letter or a digit. Received: {name}.").format(name=repr(name[:LONGEST_NAME]))
        )
    return plain


def fitting(what: str, text: str, longest: int) -> str:
    """Return what a person typed on one line, which may be empty.

    Args:
        what: it is, for a person: ``N_("A name")``.
        text: as it was typed.
        longest: that it may be, in characters.

    Raises:
        InputError: it is longer. Cut, or dropped by a field of the browser, it would be lost without a word.
    """
    plain = one_line(text, len(text))
    if len(plain) > longest:
        raise InputError(
            _("{what} has at most {longest} characters. Received {given}. Shorten it.").format(
                what=_(what), longest=longest, given=number(len(plain))
            )
        )
    return plain


def one_line(text: str, longest: int) -> str:
    """Return what a person typed on one line, without blanks around it, cut to so many characters; may be empty.

    >>> one_line("  two \\n lines ", 80)
    'two lines'
    """
    return " ".join("".join(each for each in text if each.isprintable() or each.isspace()).split())[:longest].rstrip()


def slugify(name: str, longest: int = 40) -> str:
    """Return ``name`` as a folder name: lower-case ASCII letters, digits and dashes; may be empty.

    >>> slugify("Été à la plage!")
    'ete-a-la-plage'
    """
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:longest].rstrip("-")
