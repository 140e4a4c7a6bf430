"""The health check of a project's pictures: the "health" job, what it found, and what a person chose to keep.

Nothing is judged twice: a picture that is kept on purpose is not shown again under the same finding. Removing is
``edits.remove``, so undo brings a picture back.
"""

import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pandas as pd

from tl_core.dataset import manifest
from tl_core.errors import NotFoundError
from tl_core.health import checks, measures, shortcuts
from tl_core.progress import Progress
from tl_core.workspace import Project, locked, read_json, write_json

UNREADABLE = "unreadable"
NEAR_DUPLICATES = "near-duplicates"
SHORTCUT = "shortcut"


def run(folder: Path, progress: Progress, *, project: str, manifest: int | None = None) -> dict[str, Any]:
    """Check the pictures of a project and keep what was found: the "health" job.

    Args:
        folder: the job's folder.
        progress: told pictures, then the properties of the shortcut test.
        project: folder of the project.
        manifest: version of the list of pictures, None for the current one.

    Returns:
        ``{"manifest", "n", "findings"}``: the version, how many pictures it has, how many findings there are.

    Raises:
        NotFoundError: the project has no pictures.
        Stopped: a person stopped it; what was measured is kept for the next time.
    """
    found = check(Project(Path(project)), manifest, progress)
    write_json(_path(Project(Path(project)), found["manifest"]), found)
    return {"manifest": found["manifest"], "n": found["n"], "findings": len(found["findings"])}


def check(project: Project, version: int | None = None, progress: Progress | None = None) -> dict[str, Any]:
    """Return what ``kept`` returns, found anew and not kept. Raises what ``run`` raises."""
    began, current = time.time(), manifest.load(project, version)
    table = current.table.set_index("id", drop=False).rename_axis(None)
    measured = measures.measured(project, list(table.index), progress or Progress())
    readable = measured.dropna()
    shortcut = shortcuts.find(current.table, readable, progress)
    findings = _findings(table, measured, readable) if len(table) else []
    if shortcut and shortcut["warn"]:
        why = f"{shortcut['sentence']} {shortcut['advice']}"
        findings.insert(0, checks.finding(SHORTCUT, "classes", "The classes differ by something else", why))
    twice = table["source"].str.contains(manifest.BETWEEN, regex=False) & (table["split"] != "")
    return {
        "manifest": current.version,
        "n": len(table),
        "classes": len(current.classes),
        "joined": int(twice.sum()),
        "findings": findings,
        "shortcut": shortcut,
        "created": began,
        "seconds": round(time.time() - began, 1),
    }


def _findings(table: pd.DataFrame, measured: pd.DataFrame, readable: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the findings, the worst first. ``table`` has the pictures' ids as index."""
    found = []
    lost = measured.index[measured.isna().any(axis="columns")]
    if len(lost):
        why = "The files are damaged or gone since they came in. Remove them, or bring the pictures in again."
        found.append(checks.finding(UNREADABLE, "pictures", "Cannot be read", why, pd.Series(0.0, index=lost)))
    rows = table.loc[readable.index]
    scores = checks.found_by_cleanvision(rows, readable) if len(rows) else pd.DataFrame(columns=["empty"])
    of = checks.property_findings(rows["label"], scores) if len(rows) else []
    found += [each for each in of if each["of"] == "class"]
    found += _alike(rows, scores)
    found += [each for each in of if each["of"] == "pictures"]
    uneven = checks.imbalance(table[table["split"] != ""]["label"].value_counts())
    return [*found, *([uneven] if uneven else []), *(each for each in of if each["of"] == "set")]


def _alike(rows: pd.DataFrame, scores: pd.DataFrame) -> list[dict[str, Any]]:
    groups = checks.near_duplicates(rows, scores.index[scores["empty"].notna()])
    if not groups:
        return []
    why = (
        "The same picture more than once: saved again, cropped a little, made smaller. They count double in training "
        "and, where they lie in different parts, make the accuracy look better than it is. One of each group is enough."
    )
    about = checks.finding(NEAR_DUPLICATES, "groups", "Near duplicates", why)
    return [{**about, "ids": [each for group in groups for each in group], "groups": groups}]


def kept(project: Project, version: int) -> dict[str, Any] | None:
    """Return what was found in a version of the pictures, else the newest that was found, else None.

    Returns:
        ``{"manifest", "n", "classes", "joined", "findings", "shortcut", "created", "seconds"}``: ``manifest`` is the
        version that was checked; ``joined`` pictures came more than once and are kept once. Each finding, the worst
        first, is ``{"kind", "of", "title", "why", "ids", "scores"}``: ``of`` tells what it is about (``"pictures"``,
        ``"groups"`` of pictures, which has ``groups``, one ``"class"``, all ``"classes"``, the whole ``"set"``);
        ``ids`` are the worst first, ``scores`` 0..1 with 0 the worst. ``shortcut`` is what ``shortcuts.find`` returns.
    """
    path = _path(project, version)
    if not path.is_file():
        others = sorted(path.parent.glob("[0-9]*.json"), key=lambda each: each.stat().st_mtime)
        if not others:
            return None
        path = others[-1]
    return read_json(path)


def remaining(found: dict[str, Any], table: pd.DataFrame, keeping: dict[str, list[str]]) -> list[dict[str, Any]]:
    """Return the findings without pictures that are gone or kept on purpose, and without findings left empty.

    Args:
        found: what ``kept`` returned.
        table: the current list of pictures.
        keeping: what ``chosen`` returned.
    """
    there = set(table["id"])
    left = (_left(each, there, set(keeping.get(each["kind"], []))) for each in found["findings"])
    return [after for before, after in zip(found["findings"], left, strict=True) if after["ids"] or not before["ids"]]


def _left(finding: dict[str, Any], there: set[str], kept_ones: set[str]) -> dict[str, Any]:
    if "groups" not in finding:
        each = zip(finding["ids"], finding["scores"], strict=True)
        pairs = [(id_, score) for id_, score in each if id_ in there and id_ not in kept_ones]
        return {**finding, "ids": [id_ for id_, _ in pairs], "scores": [score for _, score in pairs]}
    groups = [[id_ for id_ in group if id_ in there] for group in finding["groups"]]
    groups = [group for group in groups if len(group) > 1 and not set(group) <= kept_ones]
    return {**finding, "groups": groups, "ids": [id_ for group in groups for id_ in group]}


def chosen(project: Project) -> dict[str, list[str]]:
    """Return the pictures that a person chose to keep, as ids by kind of finding."""
    try:
        return read_json(_keep_path(project))
    except NotFoundError:
        return {}


def keep(project: Project, kind: str, ids: Iterable[str]) -> None:
    """Remember that pictures are to be kept although a check of that kind found them."""
    with locked(project.folder):
        before = chosen(project)
        write_json(_keep_path(project), {**before, kind: sorted({*before.get(kind, []), *ids})})


def show_again(project: Project) -> None:
    """Forget which pictures were to be kept, so that every finding shows all of its pictures."""
    _keep_path(project).unlink(missing_ok=True)


def _path(project: Project, version: int) -> Path:
    return project.folder / "health" / f"{version:04d}.json"


def _keep_path(project: Project) -> Path:
    return project.folder / "health" / "keep.json"
