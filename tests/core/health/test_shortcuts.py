from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import ImageOps

from tests.core.crops import cuts, lay, recompressed
from tl_core.dataset import manifest
from tl_core.health import measures, shortcuts
from tl_core.health.shortcuts import PropertyScore, Shortcut
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.metrics import intervals
from tl_core.progress import Progress
from tl_core.workspace import Project


def shortcut_of(project: Project, folder: Path) -> Shortcut:
    importer.import_source(project, Source("folder", str(folder)))
    table = manifest.load(project).table
    return shortcuts.measure(table, measures.measured(project, list(table["id"]), Progress()))


def mixed(count: int = 50) -> tuple[list, list]:
    """Two classes of the same kind of pictures."""
    photographs = cuts(count)
    return photographs[::2], photographs[1::2]


def of(result: Shortcut, id_: str) -> PropertyScore:
    return next(each for each in result.properties if each.id == id_)


def test_nothing_is_warned_of_where_only_the_subject_differs(project, tmp_path):
    cats, dogs = mixed()
    result = shortcut_of(project, lay(tmp_path / "in", {"cat": cats, "dog": dogs}))
    assert not result.warn
    assert "None of these gives the classes away clearly" in result.sentence


def test_a_border_in_one_class_is_found(project, tmp_path):
    cats, dogs = mixed()
    framed = [ImageOps.expand(picture.crop((6, 6, 90, 90)), 6, "white") for picture in cats]
    result = shortcut_of(project, lay(tmp_path / "in", {"cat": framed, "dog": dogs}))
    assert (result.warn, result.strongest) == (True, "border")
    assert of(result, "border").balanced > 0.9
    assert result.sentence.startswith("The border alone tells the classes apart in ")
    assert "guessing: 50%). The model may learn that instead of the subject." in result.sentence


def test_a_class_that_was_compressed_harder_is_found(project, tmp_path):
    cats, dogs = mixed()
    hard = [recompressed(picture, 15) for picture in cats]
    result = shortcut_of(project, lay(tmp_path / "in", {"cat": hard, "dog": dogs}, cat=95, dog=95))
    assert result.strongest in ("density", "bytes")
    assert result.warn


def test_another_size_is_found_and_not_taken_for_another_shape(project, tmp_path):
    cats, dogs = mixed()
    small = [picture.resize((64, 64)) for picture in cats]
    result = shortcut_of(project, lay(tmp_path / "in", {"cat": small, "dog": dogs}))
    assert result.strongest == "size"
    assert "shape" not in [each.id for each in result.properties]
    spread = {each.label: each for each in of(result, "size").spread}
    assert spread["cat"].values == (64.0,) * 5
    assert spread["dog"].values == (96.0,) * 5
    assert len(spread["dog"].examples) == 4


def test_copies_of_a_picture_do_not_answer_for_one_another(project, tmp_path):
    copies = [[recompressed(picture, quality) for quality in range(60, 96, 5)] for picture in cuts(12)]
    cats, dogs = ([copy for some in copies[start::2] for copy in some] for start in (0, 1))
    result = shortcut_of(project, lay(tmp_path / "in", {"cat": cats, "dog": dogs}))
    assert not result.warn


def test_the_test_part_is_never_read(project, tmp_path):
    cats, dogs = mixed()
    importer.import_source(project, Source("folder", str(lay(tmp_path / "in", {"cat": cats, "dog": dogs}))))
    table = manifest.load(project).table
    open_ = table[table["split"] != "test"]
    assert 0 < len(open_) < len(table)
    measured = measures.measured(project, list(open_["id"]), Progress())
    result = shortcuts.measure(table, measured)
    assert result.n == len(open_)


@pytest.mark.parametrize("count", [0, 1, 4])
def test_too_few_pictures_give_no_answer(count):
    ids = [f"{label}{number}" for label in "ab" for number in range(count)]
    table = pd.DataFrame({"id": ids, "label": [each[0] for each in ids], "split": "train", "width": 9, "height": 9})
    table = table.astype({"width": "int32", "height": "int32"}).assign(source="", flags="")
    measured = pd.DataFrame(0.5, index=pd.Index(ids), columns=list(measures.COLUMNS))
    assert shortcuts.measure(table, measured) is None


def test_pictures_of_few_moments_give_no_answer():
    ids = [f"{label}{number}" for label in "ab" for number in range(9)]
    table = pd.DataFrame({"id": ids, "label": [each[0] for each in ids], "split": "train", "width": 9, "height": 9})
    taken = [f"2026-05-01T12:00:{number // 5:02d}.000 camera" for number in range(18)]
    look = ["ff" * 32 + "80" * 48] * 18
    measured = pd.DataFrame(0.5, index=pd.Index(ids), columns=list(measures.COLUMNS))
    assert shortcuts.measure(table.assign(source="", flags="", taken=taken, look=look), measured) is None


def test_pictures_that_measure_the_same_say_so():
    ids = [f"{label}{number}" for label in "ab" for number in range(9)]
    table = pd.DataFrame({"id": ids, "label": [each[0] for each in ids], "split": "train", "width": 9, "height": 9})
    measured = pd.DataFrame(0.5, index=pd.Index(ids), columns=list(measures.COLUMNS))
    result = shortcuts.measure(table.assign(source="", flags=""), measured)
    assert result.properties == ()
    assert result.strongest is None
    assert not result.warn


@pytest.mark.slow
def test_labels_at_random_are_not_warned_of():
    rng = np.random.default_rng(0)
    warned = 0
    for _ in range(5):
        ids = [f"p{number}" for number in range(40)]
        table = pd.DataFrame({"id": ids, "label": rng.permutation(["a", "b"] * 20), "split": "train"})
        table = table.assign(width=rng.integers(50, 99, 40), height=60, source="", flags="")
        measured = pd.DataFrame(
            rng.random((40, len(measures.COLUMNS))), index=pd.Index(ids), columns=[*measures.COLUMNS]
        )
        warned += shortcuts.measure(table, measured).warn
    assert warned == 0


@pytest.mark.slow
def test_labels_at_random_of_a_few_bursts_are_not_warned_of_and_have_a_wide_interval():
    """Pictures of one moment have one look and one label. Counted one by one, chance would look like a shortcut."""
    rng, moments, size = np.random.default_rng(0), 12, 10
    warned, widths = 0, []
    for _ in range(6):
        ids = [f"p{number}" for number in range(moments * size)]
        moment = np.repeat(np.arange(moments), size)
        labels = rng.permutation(["a", "b"] * (moments // 2))[moment]
        table = pd.DataFrame({"id": ids, "label": labels, "split": "train", "width": 80, "height": 60})
        table = table.assign(source="", flags="", group=[f"day {number}" for number in moment])
        looks = rng.random((moments, len(measures.COLUMNS)))[moment]
        measured = pd.DataFrame(looks, index=pd.Index(ids), columns=[*measures.COLUMNS])
        result = shortcuts.measure(table, measured)
        warned += result.warn
        widths.append(np.diff(result.best.interval)[0])
    assert warned == 0
    assert min(widths) > 0.3, "12 moments say as much as 12 pictures, not as 120"


def test_the_interval_is_that_of_a_rate_for_even_classes_and_wider_for_uneven_ones():
    even, uneven = np.array([50, 50]), np.array([90, 10])
    of_even = shortcuts.balanced_interval(0.9, even, even.astype(float))
    of_uneven = shortcuts.balanced_interval(0.9, uneven, uneven.astype(float))
    assert of_even == pytest.approx(intervals.rate_interval(90, 100))
    assert of_uneven[0] < of_even[0] < 0.9 < of_even[1] < of_uneven[1]
    assert shortcuts.balanced_interval(1.0, even, even.astype(float))[1] == 1
