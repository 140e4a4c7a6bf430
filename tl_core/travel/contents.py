"""Which files of a project travel, and how each is checked on its way in. All others stay, or belong nowhere.

What is read is written again, so that nothing goes on that a check has not seen. To let another file travel, add a row.
"""

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from tl_core.about import About, Label
from tl_core.dataset import deep_grey, manifest
from tl_core.dataset.deep_grey import Range
from tl_core.dataset.folders import file_name
from tl_core.dataset.manifest import Version
from tl_core.dataset.names import plain
from tl_core.draft import Draft
from tl_core.errors import InputError
from tl_core.evaluation.unknowns import Refusal
from tl_core.files import read_json, read_record, write_json, write_record
from tl_core.ingest.report import ImportReport
from tl_core.ingest.samples import SAMPLES
from tl_core.language import _
from tl_core.networks import catalogue
from tl_core.recipe import check_range
from tl_core.travel import lists, trained, trained_boxes, trained_tags
from tl_core.workspace import LONGEST_NAME, LONGEST_NOTE, Project, given_name, one_line

#: Where pictures lie: the hash of a picture is its name.
PICTURE = re.compile(r"images/([0-9a-f]{2})/(\1[0-9a-f]{62})\.(jpg|png)")
_RUN = rf"runs/{trained.RUN_ID.pattern}"
#: Longest text in a file of words.
_LONGEST = 1000


@dataclass(frozen=True)
class Content:
    """A kind of file that travels.

    Attributes:
        pattern: of its name in the project's folder.
        check: reads a file, and writes it again as far as it is understood; raises TLError or ValueError.
        most: bytes that it may have.
        stored: whether it is compressed already.
    """

    pattern: str
    check: Callable[[Path], object]
    most: int = 16 * 2**20
    stored: bool = False


def of_name(name: str) -> Content | None:
    """Return the row of a file's name in the project's folder; None if it belongs nowhere."""
    row = next((each for each in CONTENTS if re.fullmatch(each.pattern, name)), None)
    parts = name.split("/")
    return row if row and all(file_name(part) == part for part in parts) else None


def files_of(project: Project) -> Iterator[tuple[str, Path]]:
    """Yield the files of a project that travel beside its pictures, by their name, without those of its runs."""
    for folder in (project.folder, project.manifests, project.folder / "imports", project.folder / "health"):
        for path in sorted(folder.glob("*")):
            name = path.relative_to(project.folder).as_posix()
            if path.is_file() and of_name(name):
                yield name, path


Kind = TypeVar("Kind")


def _record(kind: type[Kind]) -> Callable[[Path], object]:
    """Return a check for a file that holds a record."""
    return lambda path: write_record(path, read_record(path, kind))


def _about(path: Path) -> None:
    about, versions = read_record(path, About), manifest.versions(Project(path.parent))
    if about.manifest not in (None, *versions) or (versions and about.manifest is None):
        raise InputError(_("It names a list of pictures that is not there."))
    samples = {f"sample:{each.id}" for each in SAMPLES}
    cleaned = replace(
        about,
        name=given_name(one_line(about.name, LONGEST_NAME)),
        created=moment(about.created),
        source=about.source if about.source in samples else None,
        licence=plain(about.licence)[:200] if about.licence else None,
        split=about.split if 0 <= about.split.seed < 2**31 else replace(about.split, seed=0),
        redo=tuple(each for each in about.redo if each in versions),
        opened=max(0, about.opened),
    )
    write_record(path, cleaned)


def _version(path: Path) -> None:
    version, number = read_record(path, Version), int(path.stem)
    versions = manifest.versions(Project(path.parent.parent))
    if number not in versions:
        raise InputError(_("It speaks of a list of pictures that is not there."))
    parent = version.parent if version.parent in versions and (version.parent or 0) < number else None
    note, created = plain(version.note)[:_LONGEST], moment(version.created)
    write_record(path, replace(version, version=number, parent=parent, note=note, created=created, drawn=""))


def _draft(path: Path) -> None:
    draft = Draft.from_json(read_json(path))
    known = {each.id for each in catalogue.CATALOGUE}
    write_record(path, draft if draft.backbone in (None, *known) else Draft())


def _range(path: Path) -> None:
    bounds = read_record(path, Range)
    if not (math.isfinite(bounds.low) and math.isfinite(bounds.high) and bounds.low <= bounds.high):
        raise InputError(_("Its values are no range."))


def _refusal(path: Path) -> None:
    chosen = read_record(path, Refusal)
    check_range(_("The share of refused pictures"), chosen.refused, 0, 0.5)
    write_record(path, chosen)


def _hidden(path: Path) -> None:
    write_json(path, read_record(path, dict[str, list[str]]))


def _label(path: Path) -> None:
    label = read_record(path, Label)
    if max(len(label.name), len(label.note)) > _LONGEST:
        raise InputError(_("Its text is too long."))
    name, note = one_line(plain(label.name), LONGEST_NAME), one_line(plain(label.note), LONGEST_NOTE)
    write_record(path, replace(label, name=name, note=note))


def _words(path: Path) -> None:
    words = read_record(path, dict[str, str])
    if any(len(each) > _LONGEST for each in words.values()):
        raise InputError(_("Its text is too long."))
    write_json(path, {key: plain(each) for key, each in words.items()})


def moment(seconds: float) -> float:
    """Return seconds since the epoch as they are; 0 for what is no time of this or the next century."""
    return seconds if 0 <= seconds < 7e9 else 0.0


#: Lists come first: what follows is checked against them. What is counted comes after what it is counted from.
CONTENTS = (
    Content(r"manifests/[0-9]{4,9}\.parquet", lists.check, most=2**30, stored=True),
    Content(r"manifests/[0-9]{4,9}\.json", _version),
    Content(r"project\.json", _about),
    Content(r"draft\.json", _draft),
    Content(rf"grey-({'|'.join(deep_grey.WHITES)})\.json", _range),
    Content(r"imports/[0-9]{4,9}\.json", _record(ImportReport), most=256 * 2**20),
    Content(r"health/keep\.json", _hidden, most=256 * 2**20),
    Content(rf"{_RUN}/recipe\.json", trained.recipe),
    Content(rf"{_RUN}/classes\.json", trained.classes),
    Content(rf"{_RUN}/job\.json", trained.job),
    Content(rf"{_RUN}/status\.json", trained.status),
    Content(rf"{_RUN}/history\.csv", trained.history),
    Content(rf"{_RUN}/events\.jsonl", trained.events, most=256 * 2**20),
    Content(rf"{_RUN}/report\.json", trained.report),
    Content(rf"{_RUN}/refusal\.json", _refusal),
    Content(rf"{_RUN}/name\.json", _label),
    Content(rf"{_RUN}/author\.json", _words),
    Content(rf"{_RUN}/model\.keras", trained.model, most=8 * 2**30, stored=True),
    Content(rf"{_RUN}/answers-(train|validation|test)\.npz", trained.answers, most=8 * 2**30),
    Content(rf"{_RUN}/crossval\.npz", trained.crossvalidated, most=2**30),
    Content(rf"{_RUN}/limit\.npz", trained.limit, most=2**30),
    Content(rf"{_RUN}/thresholds\.json", trained_tags.thresholds),
    Content(rf"{_RUN}/tags-(train|validation|test)\.npz", trained_tags.answers, most=8 * 2**30),
    Content(rf"{_RUN}/tags\.json", trained_tags.results, most=256 * 2**20),
    Content(rf"{_RUN}/crossval-tags\.npz", trained_tags.crossvalidated, most=2**30),
    Content(rf"{_RUN}/boxes-(train|validation|test)\.npz", trained_boxes.found, most=8 * 2**30),
    Content(rf"{_RUN}/boxes\.json", trained_boxes.results, most=256 * 2**20),
    Content(rf"{_RUN}/test\.json", trained.tested, most=256 * 2**20),
)
