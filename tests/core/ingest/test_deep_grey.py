"""Grey of more than 8 bits: one range for all pictures of a project, now and later."""

import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from tests.core.pictures import encoded, lay, picture
from tl_core.dataset import deep_grey, duplicates, image, manifest
from tl_core.errors import InputError
from tl_core.ingest import importer
from tl_core.ingest.commit import Imported
from tl_core.ingest.sources import Source
from tl_core.workspace import Project


def frame(seed: int, low: float = 0.0, high: float = 1.0) -> np.ndarray:
    """Return a smooth scene, float64, from ``low`` to ``high``."""
    coarse = Image.fromarray(np.random.default_rng(seed).random((6, 8)).astype(np.float32))
    scene = np.asarray(coarse.resize((80, 60), Image.Resampling.BICUBIC))
    return low + (high - low) * (scene - scene.min()) / (scene.max() - scene.min())


def deep(values: np.ndarray, kind: str = "u2") -> bytes:
    return encoded(Image.fromarray(values.astype(kind)), "TIFF" if kind.startswith("f") else "PNG")


def bring(project: Project, root: Path, files: dict[str, bytes]) -> Imported:
    return importer.import_source(project, Source("folder", str(lay(root, dict(files)))))


def stored(project: Project) -> dict[str, np.ndarray]:
    table = manifest.load(project).table
    paths = {row.source: manifest.image_path(project, row.id) for row in table.itertuples()}
    return {name: np.asarray(Image.open(path).convert("L"), dtype=float) for name, path in paths.items()}


def test_frames_of_a_narrow_band_keep_their_levels_and_their_order(project: Project, tmp_path: Path) -> None:
    frames = {f"{label}/{n:02d}.png": frame(100 * c + n, 7000 + 30 * n, 7700 + 30 * n)
              for c, label in enumerate(("cold", "hot")) for n in range(6)}  # fmt: skip
    report = bring(project, tmp_path / "in", {name: deep(values) for name, values in frames.items()}).report
    assert report.imported == 12
    assert any("12 pictures with grey of more than 8 bits. This project has one range: 7,0" in n for n in report.notes)
    images = stored(project)
    assert all(len(np.unique(grey)) > 100 for grey in images.values())
    seen = [images[name].mean() for name in frames]
    assert np.corrcoef(seen, [values.mean() for values in frames.values()])[0, 1] > 0.999
    table: pd.DataFrame = manifest.load(project).table
    assert len(set(duplicates.groups(table))) == 12


def test_pictures_that_are_added_later_and_predicted_use_the_same_range(project: Project, tmp_path: Path) -> None:
    bring(project, tmp_path / "in", {f"{c}/{n}.png": deep(frame(n, 7000, 8000)) for n, c in enumerate("aabb")})
    ranges = deep_grey.load(project.folder)
    assert set(ranges) == {"whole"}
    darker = deep(frame(9, 7100, 7400))
    bring(project, tmp_path / "more", {"a/9.png": darker, "a/10.png": deep(frame(8, 9000, 12000))})
    assert deep_grey.load(project.folder) == ranges
    (id_,) = manifest.load(project).table.query("source == 'a/9.png'")["id"]
    assert image.decode(darker, ranges).id == id_
    assert image.decode(darker).id != id_
    assert stored(project)["a/9.png"].mean() < 90
    assert stored(project)["a/10.png"].min() == 255
    again = bring(project, tmp_path / "again", {"a/9.png": darker})
    assert (again.report.imported, again.report.already) == (0, 1)


def test_a_few_brighter_pixels_make_no_picture_darker(project: Project, tmp_path: Path) -> None:
    scene, spark = frame(1, 0, 4095), frame(1, 0, 4095)
    spark[3, 3] = 4200
    bring(project, tmp_path / "in", {"a/1.png": deep(scene), "b/2.png": deep(spark)})
    one, other = stored(project).values()
    assert abs(one.mean() - other.mean()) < 1
    alone = [np.asarray(Image.open(io.BytesIO(image.decode(deep(each)).data))).mean() for each in (scene, spark)]
    assert abs(alone[0] - alone[1]) < 1


@pytest.mark.parametrize("bits", [12, 16, *(pytest.param(each, marks=pytest.mark.slow) for each in (8, 10, 14))])
def test_a_set_that_uses_all_its_bits_keeps_its_light(bits: int, project: Project, tmp_path: Path) -> None:
    white = 2**bits - 1
    scenes = {f"{c}/{n}.png": frame(n, 0.01 * white, 0.9 * white) for n, c in enumerate("ab")}
    bring(project, tmp_path / "in", {name: deep(values) for name, values in scenes.items()})
    for name, grey in stored(project).items():
        np.testing.assert_allclose(grey, np.floor(scenes[name]) * 255 / white, atol=0.51)


def test_floats_and_whole_numbers_have_each_a_range(project: Project, tmp_path: Path) -> None:
    files = {"a/1.tif": deep(frame(1, 20, 37), "f4"), "b/1.tif": deep(frame(2, 20, 37), "f4"),
             "a/2.png": deep(frame(3, 0, 60000)), "b/3.png": picture(3)}  # fmt: skip
    bring(project, tmp_path / "in", files)
    ranges = deep_grey.load(project.folder)
    assert set(ranges) == {"whole", "fraction"}
    assert (ranges["whole"].low, ranges["whole"].high) == (0, 65535)
    assert ranges["fraction"].low == pytest.approx(20, abs=0.5)
    assert ranges["fraction"].high == pytest.approx(37, abs=0.5)
    assert all(grey.std() > 20 for grey in stored(project).values())


def test_an_import_that_fails_leaves_no_range_and_pictures_of_8_bits_need_none(
    project: Project, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring(project, tmp_path / "plain", {"a/1.png": picture(1), "b/2.png": picture(2)})
    assert deep_grey.load(project.folder) == {}

    def full(*_: object) -> None:
        raise InputError("no room")

    with monkeypatch.context() as patch:
        patch.setattr(manifest, "save", full)
        with pytest.raises(InputError, match="no room"):
            bring(project, tmp_path / "in", {"a/3.png": deep(frame(1, 100, 900)), "b/4.png": deep(frame(2, 100, 900))})
    assert deep_grey.load(project.folder) == {}


def earlier_project(project: Project, root: Path, frames: dict[str, np.ndarray]) -> None:
    """Make the project as earlier versions did: each deep picture scaled by itself, and no range."""
    bring(project, root, {name: image.decode(deep(values)).data for name, values in frames.items()})
    assert deep_grey.load(project.folder) == {}


FRAMES = {"a/1.png": frame(1, 7000, 8000), "a/2.png": frame(2, 7000, 7200), "b/3.png": frame(3, 100, 900)}


def test_a_project_without_a_range_sees_a_picture_as_it_was_imported(project: Project, tmp_path: Path) -> None:
    earlier_project(project, tmp_path / "in", FRAMES)
    ids = dict(manifest.load(project).table[["source", "id"]].to_numpy())
    ranges = deep_grey.load(project.folder)
    assert {name: image.decode(deep(values), ranges).id for name, values in FRAMES.items()} == ids


def test_the_next_import_gives_such_a_project_a_range_and_says_what_stays(project: Project, tmp_path: Path) -> None:
    earlier_project(project, tmp_path / "in", FRAMES)
    before = stored(project)
    later = {f"a/{n}.png": deep(frame(n, 7000, 7000 + 100 * n)) for n in (4, 5, 6)}
    notes = bring(project, tmp_path / "more", later).report.notes
    assert any("This project has one range: 7,0" in each for each in notes)
    assert any(each.startswith("Pictures that were imported before keep their light. ") for each in notes)
    after = stored(project)
    assert all((after[name] == grey).all() for name, grey in before.items())
    assert after["a/4.png"].mean() < after["a/6.png"].mean() - 20, "one range for all that came now"
    again = bring(project, tmp_path / "again", {"a/7.png": deep(frame(7, 7000, 7500))}).report.notes
    assert not any("imported before" in each for each in again)


def test_a_first_import_and_one_that_replaces_all_have_no_earlier_pictures(project: Project, tmp_path: Path) -> None:
    files = lay(tmp_path / "in", {f"{c}/{n}.png": deep(frame(n, 7000, 8000)) for n, c in enumerate("aabb")})
    first = importer.import_source(project, Source("folder", str(files)))
    for path in project.folder.glob("grey-*.json"):
        path.unlink()
    replaced = importer.import_source(project, Source("folder", str(files)), replace=True)
    assert not any("imported before" in each for each in [*first.report.notes, *replaced.report.notes])


def test_a_damaged_range_is_named(project: Project, tmp_path: Path) -> None:
    bring(project, tmp_path / "in", {"a/1.png": deep(frame(1, 7000, 8000)), "b/2.png": deep(frame(2, 7000, 8000))})
    about = json.loads((project.folder / "grey-whole.json").read_text(encoding="utf-8"))
    assert about["low"] < about["high"]
    (project.folder / "grey-whole.json").write_text("{", encoding="utf-8")
    with pytest.raises(Exception, match=r"grey-whole\.json is cut off"):
        bring(project, tmp_path / "more", {"a/3.png": deep(frame(3, 7000, 8000))})


def test_of_an_animation_the_report_says_that_the_first_frame_was_taken(project: Project, tmp_path: Path) -> None:
    frames = [Image.new("RGB", (40, 30), colour) for colour in ("red", "blue")]
    moving = encoded(frames[0], "GIF", save_all=True, append_images=frames[1:])
    report = bring(project, tmp_path / "in", {"a/1.gif": moving, "b/2.png": picture(2)}).report
    assert "1 file with several frames or pages, for instance a/1.gif. The first one was taken." in report.notes


def test_values_far_outside_the_range_of_a_project_are_black_and_white():
    ranges = {deep_grey.FRACTION: deep_grey.Range(low=0.0, high=1e-6)}
    grey = np.array([[-3e38, -1.0, 0.0, 5e-7, 1e-6, 2.0, 3e38]], np.float32)
    assert deep_grey.to_8_bits(grey, ranges).tolist() == [[0, 0, 0, 128, 255, 255, 255]]
