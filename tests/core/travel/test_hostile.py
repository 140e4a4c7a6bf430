"""A zip from anywhere: whatever is wrong with it is a sentence, nothing is imported, nothing is written elsewhere."""

import io
import json
import stat
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.core.pictures import picture
from tests.core.travel.conftest import RUN, Files, files_of, relisted, write
from tl_core.dataset import manifest
from tl_core.progress import Progress
from tl_core.travel import record, unpack
from tl_core.travel.record import TravelError
from tl_core.workspace import Workspace

PROJECT = "project/project.json"


@pytest.fixture
def refused(elsewhere: Workspace, tmp_path: Path):
    """Return a function that opens a zip, and sees that it is refused in a sentence and leaves nothing."""

    def opened(path: Path) -> str:
        before = sorted(each for each in tmp_path.rglob("*") if elsewhere.root not in each.parents)
        with pytest.raises(TravelError, match=r"cannot be opened as a project: .*\. Nothing was imported\.$") as caught:
            unpack.unpack(elsewhere, path, Progress())
        assert list(elsewhere.projects_folder.glob("*")) == []
        assert before == sorted(each for each in tmp_path.rglob("*") if elsewhere.root not in each.parents)
        assert str(tmp_path) not in str(caught.value), "no path of this machine, and no name of a staging folder"
        return str(caught.value)

    return opened


def listed(**changes):
    """Return a change of the current list of pictures."""

    def change(files: Files) -> Files:
        name = min(each for each in files if each.endswith(".parquet"))
        table = pd.read_parquet(io.BytesIO(files[name]))
        for column, value in changes.items():
            table[column] = value
        return files | {name: manifest.to_parquet(table)}

    return change


def with_json(file: str, /, **changes):
    return lambda files: files | {file: json.dumps({**json.loads(files[file]), **changes}).encode()}


def with_file(name: str, data: bytes):
    return lambda files: files | {name: data}


def without(name: str):
    return lambda files: {each: data for each, data in files.items() if each != name}


def model(**parts: bytes):
    """Return a change of the parts of the model."""

    def change(files: Files) -> Files:
        inside = files_of(io.BytesIO(files[f"{RUN}model.keras"]))
        buffer = io.BytesIO()
        write(buffer, inside | {name.replace("__", "."): data for name, data in parts.items()})
        return files | {f"{RUN}model.keras": buffer.getvalue()}

    return change


def layer(module: str, name: str):
    config = {
        "module": "keras",
        "class_name": "Functional",
        "config": {"layers": [{"module": module, "class_name": name}]},
    }
    return model(config__json=json.dumps(config).encode())


def arrays(name: str, **changes):
    def change(files: Files) -> Files:
        with np.load(io.BytesIO(files[f"{RUN}{name}"])) as stored:
            inside = {each: stored[each] for each in stored.files}
        buffer = io.BytesIO()
        np.savez(buffer, **{**inside, **changes})
        return files | {f"{RUN}{name}": buffer.getvalue()}

    return change


def zeros(count: int) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("logits.npy", bytes(count))
    return buffer.getvalue()


#: What somebody may do who knows the format: its list of files is right.
KNOWING = {
    "a file that belongs nowhere": (with_file("project/run.sh", b"#!/bin/sh"), "is no file of a project"),
    "a file outside": (with_file("autorun.inf", b"x"), "is no file of a project"),
    "climbs": (with_file("../evil.json", b"{}"), "is no file of a project"),
    "climbs from inside": (with_file("project/../../../evil.json", b"{}"), "is no file of a project"),
    "climbs by a run": (with_file("project/runs/../x/recipe.json", b"{}"), "is no file of a project"),
    "absolute": (with_file("/tmp/evil.json", b"{}"), "is no file of a project"),
    "backslashes": (with_file("project\\..\\evil.json", b"{}"), "is no file of a project"),
    "a drive": (with_file("C:/evil.json", b"{}"), "is no file of a project"),
    "a device": (with_file("project/runs/con/name.json", b"{}"), "is no file of a project"),
    "a picture that is none": (
        with_file("project/images/2c/2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824.png", b"hello"),
        "is no picture of this project",
    ),
    "no project": (without(PROJECT), "“project.json” is missing"),
    "json of a list": (with_file(PROJECT, b"[]"), "“project.json” is cut off or holds something else"),
    "json without end": (with_file(PROJECT, b"[" * 100_000), "“project.json” is cut off"),
    "a name of nothing": (with_json(PROJECT, name="\u202e\u200b"), "A name needs a letter"),
    "a name that is a number": (with_json(PROJECT, name={"a": 1}), "“project.json” is cut off"),
    "a split of nothing": (with_json(PROJECT, split={"validation": 5, "test": 5}), "“project.json” is cut off"),
    "another version": (with_json(PROJECT, manifest=77), "a list of pictures that is not there"),
    "ids that are paths": (listed(id="../../../etc/passwd"), "Its column “id” holds"),
    "a split of its own": (listed(split="everything"), "Its column “split” holds"),
    "a label with a slash": (listed(label="../cat"), "a class name that cannot be shown"),
    "an invisible source": (listed(source="a\u202eb"), "Its column “source” holds"),
    "no size": (listed(width=-1), "a picture without a size"),
    "boxes of nothing": (listed(boxes="[["), "boxes that cannot be shown"),
    "boxes of a number": (listed(boxes="5"), "boxes that cannot be shown"),
    "boxes of words": (listed(boxes='[["cat", "a", 0, 1, 1]]'), "boxes that cannot be shown"),
    "boxes of no end": (listed(boxes="[" * 100_000), "boxes that cannot be shown"),
    "boxes off the picture": (listed(boxes='[["cat", 0.5, 0.0, 1.5, 1.0]]'), "boxes that cannot be shown"),
    "a look of letters": (listed(look="zz"), "Its column “look” holds"),
    "a day that is none": (listed(taken="2026-02-31T10:00:00.000 0123abcd"), "0001.parquet” holds something else"),
    "a time with a zone": (listed(taken="2026-02-01T10:00:00-05:00 0123abcd"), "Its column “taken” holds"),
    "a test that was opened less than never": (with_json(f"{RUN}test.json", opened=-5), "do not fit together"),
    "an accuracy of 300%": (with_json(f"{RUN}test.json", accuracy=3.0), "do not fit together"),
    "a best epoch of none": (with_json(f"{RUN}report.json", history=[]), "do not fit together"),
    "classes of others": (with_json(f"{RUN}classes.json", classes=["x", "y"]), "does not fit the list of pictures"),
    "no list": (with_file("project/manifests/0001.parquet", b"PAR1"), "It is no list of pictures"),
    "a recipe of another network": (with_json(f"{RUN}recipe.json", backbone="evil"), "“runs/head/recipe.json”"),
    "a recipe of wrong types": (with_json(f"{RUN}recipe.json", epochs="many"), "“runs/head/recipe.json”"),
    "a recipe with more": (with_json(f"{RUN}recipe.json", command="rm"), "“runs/head/recipe.json”"),
    "no model": (without(f"{RUN}model.keras"), "It does not fit its run"),
    "no recipe": (without(f"{RUN}recipe.json"), "“runs/head/"),
    "another job": (with_json(f"{RUN}job.json", kind="import"), "It is no training"),
    "a run that goes on": (with_json(f"{RUN}status.json", state="running"), "It has not ended"),
    "classes of one": (with_json(f"{RUN}classes.json", classes=["cold"]), "It is no list of classes"),
    "a history of text": (with_file(f"{RUN}history.csv", b"phase,epoch\nhead,many\n"), "“runs/head/history.csv”"),
    "a report of text": (with_json(f"{RUN}report.json", counts="many"), "“runs/head/report.json” is cut off"),
    "a model of nothing": (with_file(f"{RUN}model.keras", b"PK"), "It is damaged, or no model of Keras"),
    "a lambda": (layer("keras.layers", "Lambda"), "It would run code of its own"),
    "a module": (layer("os", "system"), "It would run code of its own"),
    "a model that looks like keras": (layer("keras_evil.layers", "Dense"), "It would run code of its own"),
    "a model with more": (model(assets__py=b"import os"), "It is no model of Keras"),
    "pickled predictions": (arrays("answers-train.npz", ids=np.array([{}], object)), "It does not fit its run"),
    "predictions of others": (arrays("answers-train.npz", ids=np.array(["a" * 64] * 16)), "It does not fit its run"),
    "predictions of another shape": (arrays("answers-train.npz", logits=np.zeros((3, 7), "f4")), "It does not fit"),
    "predictions of another model": (arrays("answers-train.npz", model=np.array("0" * 64)), "It does not fit its run"),
    "predictions without end": (with_file(f"{RUN}answers-train.npz", zeros(2**26)), "far more than predictions should"),
    "sealed predictions": (without(f"{RUN}test.json"), "predictions of sealed test pictures"),
}  # fmt: skip


@pytest.mark.parametrize("what", KNOWING)
def test_a_file_that_is_not_right_is_refused(what, packed, refused, tmp_path):
    change, why = KNOWING[what]
    assert why in refused(write(tmp_path / "evil.zip", relisted(change(files_of(packed)))))


#: What a transfer or an editor does: the list of files is the one of the export.
CHANGED = {
    "a changed file": (with_json(PROJECT, name="other"), "“project.json” was changed or damaged"),
    "a changed picture": (lambda files: files | {_picture(files): picture(99)}, "was changed or damaged"),
    "a lost file": (without(f"{RUN}model.keras"), "“runs/head/model.keras” is missing"),
    "a lost picture": (lambda files: without(_picture(files))(files), "and should hold 24"),
    "one file more": (with_file("project/draft.json", b"{}"), "is not in its list of files"),
    "a newer version": (with_json("thaw.json", format=2), "a newer Thaw wrote it"),
    "no version": (with_json("thaw.json", format="x"), "its “thaw.json” is damaged"),
    "a record of a list": (with_file("thaw.json", b"[1]"), "its “thaw.json” is damaged"),
    "a record without end": (with_file("thaw.json", b"[" * 100_000), "its “thaw.json” is damaged"),
    "a record of wrong types": (with_json("thaw.json", files="all"), "its “thaw.json” is damaged"),
    "a name without end": (with_json("thaw.json", name="a" + "\u0301\u0316" * 10**6), "its “thaw.json” is damaged"),
    "numbers below zero": (with_json("thaw.json", opened=-3), "its “thaw.json” is damaged"),
}


def _picture(files: Files) -> str:
    return next(each for each in files if each.startswith("project/images/"))


@pytest.mark.parametrize("what", CHANGED)
def test_a_zip_that_was_changed_is_refused(what, packed, refused, tmp_path):
    change, why = CHANGED[what]
    assert why in refused(write(tmp_path / "changed.zip", change(files_of(packed))))


def test_a_zip_that_is_cut_off_or_none_is_refused(packed, refused, tmp_path):
    whole = packed.read_bytes()
    for length in (0, 10, len(whole) // 2, len(whole) - 30):
        (tmp_path / "cut.zip").write_bytes(whole[:length])
        assert "damaged, cut off or no zip" in refused(tmp_path / "cut.zip")
        assert record.of_file(tmp_path / "cut.zip") is None
    assert "it has no “thaw.json”" in refused(write(tmp_path / "other.zip", {"cat/1.png": picture(1)}))
    broken = bytearray(whole)
    broken[len(whole) // 3] ^= 0xFF
    (tmp_path / "cut.zip").write_bytes(broken)
    refused(tmp_path / "cut.zip")


def test_links_and_files_that_come_twice_are_refused(packed, refused, tmp_path):
    files = files_of(packed)
    with zipfile.ZipFile(write(tmp_path / "link.zip", without(PROJECT)(files)), "a") as archive:
        link = zipfile.ZipInfo(PROJECT)
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
    assert "is a link, not a file" in refused(tmp_path / "link.zip")
    with (
        zipfile.ZipFile(write(tmp_path / "twice.zip", files), "a") as archive,
        pytest.warns(UserWarning, match="Duplicate"),
    ):
        archive.writestr(PROJECT, files[PROJECT])
    assert "holds a file twice" in refused(tmp_path / "twice.zip")


@pytest.mark.slow
def test_a_list_that_unpacks_to_gigabytes_is_refused(packed, refused, tmp_path):
    files = files_of(packed)
    table = pd.read_parquet(io.BytesIO(files["project/manifests/0001.parquet"]))
    many = pd.concat([table] * 100, ignore_index=True).assign(source="x" * 2**19)
    bomb = relisted(files | {"project/manifests/0001.parquet": manifest.to_parquet(many)})
    assert len(bomb["project/manifests/0001.parquet"]) < 2**20
    assert "It is no list of pictures" in refused(write(tmp_path / "bomb.zip", bomb))


def test_a_zip_that_lies_about_its_sizes_is_refused(packed, refused, tmp_path):
    path = write(tmp_path / "bomb.zip", relisted(with_file(f"{RUN}name.json", bytes(2**25))(files_of(packed))))
    assert "is larger than such a file can be" in refused(path)
    # The directory says 100 bytes: what unpacks to more is cut there, and its hash is another one.
    data = path.read_bytes().replace((2**25).to_bytes(4, "little"), (100).to_bytes(4, "little"))
    path.write_bytes(data)
    refused(path)
