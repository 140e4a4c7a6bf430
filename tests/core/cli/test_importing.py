"""The command that imports, and how it shows the way in which a folder is read."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.core.pictures import encoded, lay, noise, pets, picture, zipped
from tl_core.cli.parser import main
from tl_core.dataset import manifest
from tl_core.workspace import Workspace

Capture = pytest.CaptureFixture[str]


def split_pets(root: Path) -> Path:
    tree = {f"seg_{split}/seg_{split}/{name}": int(seed) + 1000 * n
            for n, split in enumerate(("train", "test")) for name, seed in pets(4).items()}  # fmt: skip
    return lay(root, {**tree, "seg_pred/9.png": 9000, "LICENSE": b"free"})


def test_a_dry_run_says_how_a_folder_is_read_and_leaves_nothing(tmp_path: Path, capfd: Capture) -> None:
    folder, workspace = split_pets(tmp_path / "set"), tmp_path / "workspace"
    before = sorted(tmp_path.rglob("*"))
    assert main(["import", str(folder), "--workspace", str(workspace), "--dry-run", "--json"]) == 0
    answer = json.loads(capfd.readouterr().out)
    assert set(answer) == {"classes", "parts", "left_out", "kind", "reading", "readings"}
    assert answer["classes"] == {"cat": 8, "dog": 8}
    assert answer["parts"] == {"train": 8, "validation": 0, "test": 8}
    assert {item["name"] for item in answer["left_out"]} == {"LICENSE", "seg_pred/9.png"}
    assert all(item["why"].endswith(".") for item in answer["left_out"])
    assert (answer["reading"], answer["readings"]) == ("folders", ["folders"])
    assert sorted(tmp_path.rglob("*")) == before
    assert main(["import", str(folder), "--workspace", str(workspace), "--dry-run"]) == 0
    assert "The source gives 8 training pictures in seg_train; 8 test pictures in seg_test." in capfd.readouterr().out


def test_import_gives_the_same_answer_and_fills_a_project(tmp_path: Path, capfd: Capture) -> None:
    folder, workspace = split_pets(tmp_path / "set"), Workspace.open(tmp_path / "workspace")
    assert main(["import", str(folder), "--workspace", str(workspace.root), "--json"]) == 0
    answer = json.loads(capfd.readouterr().out)
    assert (answer["classes"], answer["parts"]["test"]) == ({"cat": 8, "dog": 8}, 8)
    assert manifest.load(workspace.project("set")).counts()["test"].to_dict() == {"cat": 4, "dog": 4}
    more = zipped(tmp_path / "more.zip", {"cow/1.png": picture(7000), "cow/2.png": picture(7001)})
    for name in ("Zoo animals", "zoo-animals"):
        for source in (folder, more):
            assert main(["import", str(source), "--workspace", str(workspace.root), "--project", name]) == 0
    assert "Project zoo-animals" in capfd.readouterr().out
    assert manifest.load(workspace.project("zoo-animals")).classes == ["cat", "cow", "dog"]
    assert len(workspace.projects()) == 2


def test_what_is_not_clear_is_not_imported_until_a_reading_is_chosen(tmp_path: Path, capfd: Capture) -> None:
    folder, workspace = tmp_path / "set", Workspace.open(tmp_path / "workspace")
    lay(folder, {f"{side}/{state}/{n}.png": 100 * s + 10 * t + n for s, side in enumerate(("left", "right"))
                 for t, state in enumerate(("open", "shut")) for n in range(4)})  # fmt: skip
    for command in ("import", "train"):
        assert main([command, str(folder), "--workspace", str(workspace.root)]) == 2
        said = capfd.readouterr().err
        assert "--as" in said
        assert "folders-1 (Outer folders: left, right)" in said
    assert workspace.projects() == []
    assert main(["import", str(folder), "--workspace", str(workspace.root), "--dry-run"]) == 0
    assert "Not sure: The classes may be" in capfd.readouterr().out
    assert main(["import", str(folder), "--workspace", str(workspace.root), "--as", "folders-1"]) == 0
    assert manifest.load(workspace.project("set")).classes == ["left", "right"]
    assert main(["import", str(folder), "--workspace", str(workspace.root), "--as", "names"]) == 2
    assert "This source has no reading “names”" in capfd.readouterr().err


def test_days_stay_in_one_split(tmp_path: Path, capfd: Capture) -> None:
    tree = {f"2024-05-0{day}/{label}/{n}.png": 100 * day + 10 * m + n
            for day in (1, 2, 3) for m, label in enumerate(("ok", "scratch")) for n in range(4)}  # fmt: skip
    lay(tmp_path / "days", tree)
    assert main(["import", str(tmp_path / "days"), "--workspace", str(tmp_path / "workspace")]) == 0
    assert "the pictures of each stay in one split" in capfd.readouterr().out
    table = manifest.load(Workspace.open(tmp_path / "workspace").project("days")).table
    assert table.groupby("group")["split"].nunique().to_dict() == {f"2024-05-0{day}": 1 for day in (1, 2, 3)}
    assert set(table["split"]) == {"train", "validation", "test"}


def test_what_pillow_says_to_programmers_is_not_shown(tmp_path: Path) -> None:
    lay(tmp_path / "set", {"a/0.png": encoded(noise(1), "PNG"), "b/0.png": encoded(noise(2), "PNG")})
    file = bytearray(encoded(noise(3), "TIFF"))
    at = file.index(bytes((0x02, 0x01, 0x03, 0x00)))  # the tag of the bits of each sample, which are of type short
    file[at + 4 : at + 8] = b"\xff\xff\0\0"  # so many that they would lie behind the end of the file
    (tmp_path / "set" / "a" / "1.tiff").write_bytes(file)
    command = ["import", str(tmp_path / "set"), "--workspace", str(tmp_path / "work")]
    done = subprocess.run(
        [sys.executable, "-m", "tl_core", *command], capture_output=True, text=True, check=True, timeout=120
    )
    assert "Warning" not in done.stderr
