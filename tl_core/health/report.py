"""The health check of a project's images: the "health" job, its report, and what a person chose to hide.

Nothing is judged twice: an image that a person hides stays hidden under that kind of finding.
Removing is ``edits.remove``, so undo brings an image back.
"""

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from tl_core.about import Things
from tl_core.dataset import manifest, tags
from tl_core.dataset.manifest import Manifest
from tl_core.files import locked, read_stored, write_json, write_record
from tl_core.health import checks, measures, shortcuts
from tl_core.health.checks import BY_KIND, Finding
from tl_core.health.shortcuts import Shortcut
from tl_core.language import _
from tl_core.progress import Progress
from tl_core.workspace import Project

#: Of so many tags it is tested what gives them away.
MOST_TAGS = 20
#: Images that a person has hidden, as ids by kind of finding.
Hidden = Mapping[str, list[str]]


@dataclass(frozen=True, kw_only=True)
class HealthReport:
    """The result of a health check.

    Attributes:
        manifest: version of the list of images that was checked.
        n: number of images.
        classes: number of classes.
        joined: number of images that came more than once and are stored once.
        findings: the worst first.
        shortcut: how well other properties than the subject tell the classes apart; None with too few images.
        created: when, in seconds since the epoch.
        seconds: how long it took.
    """

    manifest: int
    n: int
    classes: int
    joined: int
    findings: tuple[Finding, ...]
    shortcut: Shortcut | None
    created: float
    seconds: float


@dataclass(frozen=True)
class HealthResult:
    """The result of a "health" job: version of the ``manifest``, its ``n`` images, number of ``findings``."""

    manifest: int
    n: int
    findings: int


def run(folder: Path, progress: Progress, *, project: str, manifest: int | None = None) -> HealthResult:
    """Check the images of a project and save the report: the "health" job.

    Args:
        folder: the job's folder.
        progress: hears of images, then of the properties of the shortcut test.
        project: folder of the project.
        manifest: version of the list of images, None for the current one.

    Raises:
        NotFoundError: the project has no images.
        Stopped: a person stopped it; what was measured is saved for the next time.
    """
    report = check(Project(Path(project)), manifest, progress)
    save(Project(Path(project)), report)
    return HealthResult(report.manifest, report.n, len(report.findings))


def check(project: Project, version: int | None = None, progress: Progress | None = None) -> HealthReport:
    """Check the images of a project and return the report. Raises what ``run`` raises."""
    began, current = time.time(), manifest.load(project, version)
    table = current.table.set_index("id", drop=False).rename_axis(None)
    measured = measures.measured(project, list(table.index), progress or Progress())
    readable = measured.dropna()
    judged = _JUDGED[current.kind](current, readable, progress)
    findings = [*judged.findings, *_findings(table, measured, readable, judged)] if len(table) else []
    joined = table["source"].str.contains(manifest.BETWEEN, regex=False) & (table["split"] != "")
    return HealthReport(
        manifest=current.version,
        n=len(table),
        classes=len(current.classes),
        joined=int(joined.sum()),
        findings=tuple(findings),
        shortcut=judged.shortcut,
        created=began,
        seconds=round(time.time() - began, 1),
    )


@dataclass(frozen=True, kw_only=True)
class _Judged:
    """What is known of the labels.

    Attributes:
        findings: what gives the labels away.
        shortcut: the test of all classes at once; None for several labels.
        labels: class of each image (index: id), of which a check may hold as a whole.
        uneven: that classes are uneven; None if they are not.
    """

    findings: list[Finding]
    shortcut: Shortcut | None
    labels: "pd.Series[str]"
    uneven: Finding | None


def _of_classes(current: Manifest, readable: pd.DataFrame, progress: Progress | None) -> _Judged:
    table, shortcut = current.table, shortcuts.measure(current.table, readable, progress)
    return _Judged(
        findings=_shortcut_findings(shortcut),
        shortcut=shortcut,
        labels=table.set_index("id")["label"],
        uneven=checks.imbalance(table[table["split"] != ""]["label"].value_counts()),
    )


def _of_tags(current: Manifest, readable: pd.DataFrame, progress: Progress | None) -> _Judged:
    """Return whether anything but the subject gives a tag away, tag by tag; images have it or not."""
    table, findings = current.table, list[Finding]()
    for tag in current.classes[:MOST_TAGS]:
        has = tags.matrix(table["label"].tolist(), [tag])[:, 0]
        two = table.assign(label=np.where(has, tag, _("without “{label}”").format(label=tag)))
        findings += [
            replace(each, label=tag, title=f"{_(each.title)}: “{tag}”")
            for each in _shortcut_findings(shortcuts.measure(two, readable, progress))
        ]
    return _Judged(
        findings=findings, shortcut=None, labels=table.set_index("id")["label"].map(lambda label: ""), uneven=None
    )


_JUDGED: Mapping[Things, Callable[[Manifest, pd.DataFrame, Progress | None], _Judged]] = {
    "pictures": _of_classes,
    "tags": _of_tags,
}


def _shortcut_findings(shortcut: Shortcut | None) -> list[Finding]:
    if shortcut is None or not shortcut.warn:
        return []
    why = f"{shortcut.sentence} {_(shortcut.advice)}"
    return [Finding(kind=checks.SHORTCUT, of="classes", title=BY_KIND[checks.SHORTCUT].title, why=why)]


def _findings(table: pd.DataFrame, measured: pd.DataFrame, readable: pd.DataFrame, judged: _Judged) -> list[Finding]:
    """Return the findings, the worst first. ``table`` has the images' ids as index."""
    lost = measured.index[measured.isna().any(axis="columns")]
    findings = [checks.of_pictures(BY_KIND[checks.UNREADABLE], pd.Series(0.0, index=lost))] if len(lost) else []
    if len(readable):
        rows = table.loc[readable.index]
        scored = checks.scores(rows, readable)
        of = checks.score_findings(judged.labels.loc[rows.index], scored)
        twice = checks.near_duplicates(rows, scored.index[scored["empty"].notna()])
    else:
        of, twice = [], None
    return [
        *findings,
        *(each for each in of if each.of == "class"),
        *([twice] if twice else []),
        *(each for each in of if each.of == "pictures"),
        *([judged.uneven] if judged.uneven else []),
        *(each for each in of if each.of == "set"),
    ]


def save(project: Project, report: HealthReport) -> None:
    """Save the report of a version of the images."""
    write_record(_path(project, report.manifest), report)


def load(project: Project, version: int) -> HealthReport | None:
    """Return the report of a version of the images, else the newest report, else None."""
    path = _path(project, version)
    others = sorted(path.parent.glob("[0-9]*.json"), key=lambda each: each.stat().st_mtime, reverse=True)
    reports = (read_stored(each, HealthReport) for each in (path, *others))
    return next((report for report in reports if report is not None), None)


def remaining(report: HealthReport, table: pd.DataFrame, hidden: Hidden) -> list[Finding]:
    """Return the findings without images that are gone or hidden, and without findings that are empty then.

    Args:
        report: of a check.
        table: the current list of images.
        hidden: what ``load_hidden`` returned.
    """
    there = set(table["id"])
    left = (_left(each, there, set(hidden.get(each.kind, []))) for each in report.findings)
    return [after for before, after in zip(report.findings, left, strict=True) if after.ids or not before.ids]


def _left(finding: Finding, there: set[str], hidden: set[str]) -> Finding:
    if finding.of == "groups":
        present = (tuple(id_ for id_ in group if id_ in there) for group in finding.groups)
        groups = tuple(group for group in present if len(group) > 1 and not set(group) <= hidden)
        return replace(finding, groups=groups, ids=tuple(id_ for group in groups for id_ in group))
    pairs = [pair for pair in zip(finding.ids, finding.scores, strict=True) if pair[0] in there - hidden]
    return replace(finding, ids=tuple(id_ for id_, _ in pairs), scores=tuple(score for _, score in pairs))


def load_hidden(project: Project) -> dict[str, list[str]]:
    """Return the images that a person has hidden, as ids by kind of finding."""
    return read_stored(_hidden_path(project), dict[str, list[str]]) or {}


def hide(project: Project, kind: str, ids: Iterable[str]) -> None:
    """Hide images from findings of that kind from now on."""
    with locked(project.folder):
        before = load_hidden(project)
        write_json(_hidden_path(project), {**before, kind: sorted({*before.get(kind, []), *ids})})


def show_all(project: Project) -> None:
    """Show hidden images again, so that every finding shows all of its images."""
    _hidden_path(project).unlink(missing_ok=True)


def _path(project: Project, version: int) -> Path:
    return project.folder / "health" / f"{version:04d}.json"


def _hidden_path(project: Project) -> Path:
    return project.folder / "health" / "keep.json"
