import time
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageFilter

from tests.core.crops import cuts, lay
from tests.core.pictures import StopAfter
from tl_core import jobs
from tl_core.dataset import edits, manifest
from tl_core.errors import NotFoundError, Stopped
from tl_core.files import write_json
from tl_core.health import checks, measures, report
from tl_core.health.checks import Finding
from tl_core.health.report import HealthReport, HealthResult
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.progress import Progress
from tl_core.workspace import Project

Pictures = dict[str, list[Image.Image]]
Checked = Callable[[Pictures], HealthReport]


@pytest.fixture
def checked(project: Project, tmp_path: Path) -> Checked:
    """Bring pictures in and return what the check finds."""

    def check(pictures: Pictures) -> HealthReport:
        importer.import_source(project, Source("folder", str(lay(tmp_path / "in", pictures))))
        return report.check(project)

    return check


def sources(project: Project, ids: list[str]) -> set[str]:
    table = manifest.load(project).table
    return {"/".join(source.split("/")[-2:]) for source in table[table["id"].isin(ids)]["source"]}


def of(checked: HealthReport, kind: str) -> Finding:
    return next(each for each in checked.findings if each.kind == kind)


def kinds(findings: Iterable[Finding]) -> list[str]:
    return [each.kind for each in findings]


def test_each_check_finds_its_picture_and_no_other(project, checked):
    photographs = cuts(30)
    wrong = {
        "dark": photographs[2].point(lambda value: value // 8),
        "light": photographs[1].point(lambda value: 247 + value // 32),
        "blurry": photographs[0].filter(ImageFilter.GaussianBlur(6)),
        "odd-shape": photographs[3].resize((192, 48)),
        "grey": photographs[4].convert("L"),
        "empty": Image.new("RGB", (96, 96), (20, 120, 200)),
        "odd-size": photographs[5].resize((40, 40)),
    }
    outcome = checked({"cat": [*wrong.values(), *photographs[6:18]], "dog": photographs[18:30]})
    for number, kind in enumerate(wrong):
        assert sources(project, of(outcome, kind).ids) == {f"cat/{number:03d}.png"}, kind
        assert of(outcome, kind).of == "pictures"
    assert "near-duplicates" not in kinds(outcome.findings)


def test_good_pictures_have_no_findings(checked):
    photographs = cuts(24)
    outcome = checked({"cat": photographs[:12], "dog": photographs[12:]})
    assert kinds(outcome.findings) == []
    assert (outcome.n, outcome.classes, outcome.joined) == (24, 2, 0)


def test_the_same_picture_twice_is_joined_and_nearly_the_same_is_a_group(project, checked):
    photographs = cuts(20)
    outcome = checked(
        {"cat": [*photographs[:10], photographs[0], photographs[1].resize((80, 80))], "dog": photographs[10:]}
    )
    assert outcome.joined == 1
    (group,) = of(outcome, "near-duplicates").groups
    assert sources(project, group) == {"cat/001.png", "cat/011.png"}


def test_what_holds_for_the_set_is_said_once(checked):
    photographs = [picture.convert("L") for picture in cuts(20)]
    outcome = checked({"cat": photographs[:10], "dog": photographs[10:]})
    assert [(each.kind, each.of, each.ids) for each in outcome.findings] == [("grey", "set", ())]
    assert "All 20 pictures are without colour" in of(outcome, "grey").why


def test_colour_among_grey_is_reported(project, checked):
    photographs = cuts(20)
    grey = [picture.convert("L") for picture in photographs[1:]]
    outcome = checked({"cat": [photographs[0], *grey[:9]], "dog": grey[9:]})
    assert sources(project, of(outcome, "colour").ids) == {"cat/000.png"}


def test_a_class_that_is_grey_alone_is_reported_as_one(project, checked):
    photographs = cuts(40)
    grey = [picture.convert("L") for picture in photographs[:20]]
    outcome = checked({"*cat*": grey, "dog": photographs[20:]})
    assert kinds(outcome.findings)[:2] == ["shortcut", "grey"]
    assert of(outcome, "grey").label == "*cat*"
    assert len(of(outcome, "grey").ids) == 20
    assert "colourfulness" in of(outcome, "shortcut").why


def test_uneven_classes_are_reported_with_what_answering_one_would_get(checked):
    photographs = cuts(25)
    outcome = checked({"cat": photographs[:20], "dog": photographs[20:]})
    assert "20 pictures of “cat”, 5 of “dog”" in of(outcome, "imbalance").why
    assert "80%" in of(outcome, "imbalance").why


@pytest.mark.parametrize(
    "pictures",
    [
        {"a": cuts(1), "b": cuts(2)[1:]},
        {"a": [Image.new("RGB", (50, 50), (n, n, n)) for n in range(12)], "b": [Image.new("L", (1, 1)), *cuts(1)]},
        {f"c{n:03d}": [cut] for n, cut in enumerate(cuts(200, side=32))},
    ],
    ids=["two pictures", "blank", "200 classes"],
)
@pytest.mark.slow
def test_odd_sets_do_not_fall_over(checked, pictures):
    outcome = checked(pictures)
    assert outcome.n >= 0.95 * sum(map(len, pictures.values()))  # some cuts of one colour are the same picture
    assert all(each.why for each in outcome.findings)


def test_no_picture_left_finds_nothing(project, checked):
    checked({"a": cuts(1), "b": cuts(2)[1:]})
    edits.remove(project, manifest.load(project).table["id"])
    assert report.check(project).findings == ()


def test_a_lost_and_a_damaged_file_are_a_finding(project, checked):
    checked({"a": cuts(6), "b": cuts(12)[6:]})
    lost, damaged = manifest.load(project).table["id"][:2]
    (project.folder / "health" / "measured.parquet").unlink()
    manifest.image_path(project, lost).unlink()
    manifest.image_path(project, damaged).write_bytes(b"\x89PNG no more")
    outcome = report.check(project)
    assert set(of(outcome, "unreadable").ids) == {lost, damaged}


def test_what_was_measured_is_not_measured_again(project, checked):
    checked({"a": cuts(6), "b": cuts(12)[6:]})
    began = time.perf_counter()
    listener = StopAfter(10**6)
    measures.measured(project, list(manifest.load(project).table["id"]), listener)
    assert listener.events == []
    assert time.perf_counter() - began < 1


@pytest.mark.slow
def test_stop_ends_it_at_once_and_keeps_what_was_measured(project, tmp_path):
    photographs = cuts(24)
    folder = lay(tmp_path / "in", {"cat": photographs[:12], "dog": photographs[12:]})
    importer.import_source(project, Source("folder", str(folder)))
    progress = StopAfter(5)
    with pytest.raises(Stopped):
        report.check(project, progress=progress)
    assert len(progress.events) == 5
    assert progress.events[-1] == ("progress", {"what": "pictures", "done": 5, "total": 24})
    again = StopAfter(10**6)
    report.check(project, progress=again)
    assert again.events[0] == ("progress", {"what": "pictures", "done": 6, "total": 24})


def test_the_job_keeps_what_it_found_and_loads_no_keras(workspace, project, checked):
    checked({"cat": cuts(6), "dog": cuts(12)[6:]})
    assert report.load(project, 1) is None
    job = jobs.create_in(workspace, "health", project=str(project.folder))
    result = jobs.execute(job.folder)
    assert result == HealthResult(manifest=1, n=12, findings=0)
    assert report.load(project, 1).manifest == 1
    assert job.events()[-1].what == "properties"


def test_without_pictures_it_says_so(project):
    with pytest.raises(NotFoundError, match="no pictures yet"):
        report.check(project)


@pytest.mark.slow
def test_a_kept_picture_is_not_shown_again_and_a_removed_one_comes_back_with_undo(workspace, project, checked):
    photographs = cuts(24)
    dark = [picture.point(lambda value: value // 8) for picture in photographs[:3]]
    checked({"cat": [*dark, *photographs[3:12]], "dog": photographs[12:]})
    report.run(project.folder, Progress(), project=str(project.folder))
    outcome = report.load(project, 1)
    ids = list(of(outcome, "dark").ids)

    def shown() -> list[str]:
        current = manifest.load(project)
        left = report.remaining(report.load(project, current.version), current.table, report.load_hidden(project))
        return next((list(each.ids) for each in left if each.kind == "dark"), [])

    report.hide(project, "dark", ids[:1])
    assert shown() == ids[1:]
    edits.remove(project, ids[1:2])
    assert report.load(project, 2).manifest == 1
    assert shown() == ids[2:]
    report.hide(project, "dark", ids[2:])
    assert shown() == []
    manifest.undo(project)
    assert shown() == ids[1:2]
    report.show_all(project)
    assert shown() == ids


@pytest.mark.slow
def test_a_group_is_shown_until_all_of_it_is_kept(project, checked):
    photographs = cuts(20)
    outcome = checked({"cat": [*photographs[:10], photographs[0].resize((80, 80))], "dog": photographs[10:]})
    table = manifest.load(project).table
    one, other = of(outcome, "near-duplicates").ids
    assert kinds(report.remaining(outcome, table, {"near-duplicates": [one]})) == ["near-duplicates"]
    assert report.remaining(outcome, table, {"near-duplicates": [one, other]}) == []
    assert report.remaining(outcome, table[table["id"] != one], {}) == []


@pytest.mark.parametrize(("cats", "dogs"), [(40, 60), (60, 40)])
def test_a_class_that_is_blurred_alone_is_reported_as_one_whatever_its_share(cats: int, dogs: int):
    ids = [f"p{number}" for number in range(cats + dogs)]
    labels = pd.Series(["cat"] * cats + ["dog"] * dogs, index=ids)
    scored = pd.DataFrame(np.nan, index=ids, columns=[check.kind for check in checks.SCORED])
    scored.loc[ids[:cats], "blurry"] = 0.1
    (finding,) = checks.score_findings(labels, scored)
    assert (finding.of, finding.label, len(finding.ids)) == ("class", "cat", cats)


def test_a_report_of_an_earlier_commit_is_read(project):
    """As ``2b0dbd0`` wrote it: findings as plain objects, ``groups`` and ``label`` only where they mean something."""
    finding = {"kind": "dark", "of": "pictures", "title": "Dark", "why": "…", "ids": ["a"], "scores": [0.25]}
    group = {"kind": "near-duplicates", "of": "groups", "title": "Near duplicates", "why": "…", "ids": ["a", "b"],
             "scores": [], "groups": [["a", "b"]]}  # fmt: skip
    spread = [{"label": "cat", "values": [1, 2.0, 3.0, 4.0, 5.0], "examples": ["a"]}]
    size = {"id": "size", "title": "The size in pixels", "balanced": 0.5, "accuracy": 0.5, "interval": [0.2, 0.8],
            "clear": False, "column": "width", "spread": spread}  # fmt: skip
    shortcut = {"n": 2, "classes": 2, "left_out": 0, "chance": 0.5, "majority": 0.5, "warn": False,
                "strongest": "size", "sentence": "None.", "advice": "", "properties": [size]}  # fmt: skip
    written = {"manifest": 1, "n": 2, "classes": 2, "joined": 0, "findings": [finding, group], "shortcut": shortcut,
               "created": 1.0, "seconds": 2.5}  # fmt: skip
    write_json(project.folder / "health" / "0001.json", written)

    loaded = report.load(project, 1)

    assert loaded.findings[0].scores == (0.25,)
    assert loaded.findings[1].groups == (("a", "b"),)
    assert loaded.shortcut.best.spread[0].values == (1.0, 2.0, 3.0, 4.0, 5.0)


@pytest.mark.parametrize("check", checks.CHECKS, ids=lambda check: check.kind)
def test_every_row_of_the_checks_is_whole(check: checks.Check):
    of_their_own = {checks.SHORTCUT, checks.UNREADABLE, checks.NEAR_DUPLICATES, checks.IMBALANCE}
    row = f"the row “{check.kind}” of checks.CHECKS lacks"
    assert checks.BY_KIND[check.kind] is check, "two checks of one kind"
    assert check.icon, f"{row} an icon"
    assert check.title, f"{row} a title"
    assert check.says or check.kind in of_their_own, f"{row} says, so no picture is ever scored"
    assert check.why or not check.says, f"{row} why"
    assert check.issue or check.score or not check.says, f"{row} score, or cleanvision's issue"
