"""The command line, run as a person or a script runs it."""

import json
import signal
import subprocess
import sys

import numpy as np
import pytest

from tests.conftest import share_weights
from tests.core.hues import folder_of_hues
from tests.core.pictures import lay
from tl_core.cli.output import stdout_for
from tl_core.cli.parser import main
from tl_core.cli.runs import confusion_lines
from tl_core.workspace import Workspace


def thaw(*arguments):
    """Run a command as a process of its own."""
    command = [sys.executable, "-m", "tl_core", *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.fixture
def thaw_here(capfd):
    """Return a function that runs a command in this process, which has imported TensorFlow already."""

    def run(*arguments):
        capfd.readouterr()
        return subprocess.CompletedProcess(arguments, main(list(map(str, arguments))), *capfd.readouterr())

    return run


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A workspace with one trained run, and what the command said."""
    root = tmp_path_factory.mktemp("line")
    folder, workspace = folder_of_hues(root / "hues"), share_weights(Workspace.open(root / "workspace")).root
    (folder / "warm" / "notes.txt").write_text("not a picture")
    done = thaw("train", folder, "--workspace", workspace, "--image-size", 64, "--epochs", 3, "--json")
    assert done.returncode == 0, done.stderr
    return folder, workspace, done


def test_train_prints_one_json_object_and_the_rest_on_stderr(trained):
    _folder, workspace, done = trained
    answer = json.loads(done.stdout)
    assert answer["counts"] == {"train": 16, "validation": 4, "test": 4}
    row = answer["history"][0]
    assert set(row) == {"phase", "epoch", "loss", "accuracy", "val_loss", "val_accuracy", "val_map50", "seconds"}
    assert row["val_map50"] is None  # this is of boxes
    assert {"import", "features", "train", "total"} <= set(answer["seconds"])
    assert answer["validation"]["n"] == 4
    assert len(answer["validation"]["interval"]) == 2
    assert answer["crossval"]["n"] == 20, "a small set is cross-validated, and the terminal tells it"
    assert "notes.txt" in done.stderr
    assert "head epoch 3" in done.stderr
    assert (workspace / "projects" / answer["run"].replace("/", "/runs/") / "model.keras").is_file()


def test_predict_evaluate_and_runs(trained, thaw_here):
    folder, workspace, done = trained
    run = json.loads(done.stdout)["run"]
    predicted = json.loads(
        thaw_here("predict", run, folder / "warm" / "0.png", "--workspace", workspace, "--json").stdout
    )
    assert predicted["predictions"][0]["classes"][0]["label"] in ("cold", "warm")
    whole = thaw_here("predict", run, folder, "--workspace", workspace, "--json")
    asked = [each["picture"] for each in json.loads(whole.stdout)["predictions"]]
    assert sorted(asked) == sorted(map(str, folder.rglob("*.png")))
    assert "skipped: warm/notes.txt" in whole.stderr
    (usage := workspace / "usage.h5").write_bytes(b"usage")
    unread = thaw_here("predict", run, usage, "--workspace", workspace)
    assert unread.returncode == 2
    assert "No picture could be read. usage.h5: It is not a picture" in unread.stderr
    tested = json.loads(thaw_here("evaluate", run, "--workspace", workspace, "--json").stdout)
    assert tested["n"] == 4
    assert tested["opened"] == 1
    assert sum(map(sum, tested["confusion"])) == 4
    listed = json.loads(thaw_here("runs", "--workspace", workspace, "--json").stdout)["runs"]
    assert [(each["run"], each["state"]) for each in listed] == [(run, "done")]
    assert "Test accuracy" in thaw_here("evaluate", run.split("/")[1], "--workspace", workspace).stdout


def test_backbones_are_listed(tmp_path, thaw_here):
    rows = json.loads(thaw_here("backbones", "--workspace", tmp_path, "--json").stdout)["backbones"]
    assert {row["id"]: row["weights"] for row in rows}["efficientnet-lite0"] == "here"
    assert len(rows) >= 41


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["train", "{root}/nowhere"], "There is no folder"),
        (["train", "{hues}", "--backbone", "resnet5"], "resnet50"),
        (["train", "{hues}", "--backbone", "vgg16"], "VGG16"),
        (["train", "{hues}", "--image-size", "8"], "Picture size is 8"),
        (["train", "{hues}", "--fine-tune-epochs", "2"], "the whole network is frozen"),
        (["train", "{hues}", "--test-fraction", "0.9", "--validation-fraction", "0.9"], "0.9"),
        (["train", "{hues}/warm"], "class"),
        (["predict", "nothing", "x.jpg"], "There is no run “nothing”"),
        (["evaluate", "nothing"], "There is no run “nothing”"),
        (["resume", "nothing"], "There is no run “nothing”"),
    ],
)
def test_what_a_person_can_fix_is_reported_on_stderr_with_code_2(
    trained, tmp_path, arguments, message, monkeypatch, thaw_here
):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    names = {"root": tmp_path, "hues": trained[0]}
    done = thaw_here(
        *[argument.format(**names) for argument in arguments], "--workspace", tmp_path / "workspace", "--json"
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--backbone", "bge-small"],
            "BGE small reads texts, and “hues” holds pictures. Choose a network for pictures",
        ),
        (["--backbone", "xception", "--image-size", "64", "--weights", "random"], "at least 71 pixels a side"),
        (["--backbone", "vgg16"], "The weights of VGG16 are not on this machine"),
        (["--freeze", "block_99"], "This network has no block “block_99” to freeze"),
        (["--freeze", "none", "--keep-frozen", "Conv9D"], "no type of layer named “Conv9D”"),
        (["--batch-size", "0"], "Batch size is 0"),
    ],
)
def test_choices_that_cannot_be_leave_no_project(tmp_path, thaw_here, monkeypatch, options, message):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    hues = lay(tmp_path / "hues", {f"{label}/{n}.png": n for label in ("warm", "cold") for n in range(3)})
    done = thaw_here("train", hues, *options, "--workspace", tmp_path / "workspace")
    assert (done.returncode, message in done.stderr) == (2, True), done.stderr
    assert list((tmp_path / "workspace").glob("projects/*")) == []


def test_a_failed_import_leaves_no_project(tmp_path, thaw_here):
    (tmp_path / "empty").mkdir()
    assert thaw_here("train", tmp_path / "empty", "--workspace", tmp_path / "workspace").returncode == 2
    assert list((tmp_path / "workspace").glob("projects/*")) == []


@pytest.mark.slow
def test_a_killed_run_is_resumed(trained):
    folder, workspace, _ = trained
    options = ["--workspace", workspace, "--image-size", "64", "--epochs", "400", "--learning-rate", "1e-6"]
    command = [sys.executable, "-m", "tl_core", "train", str(folder), *map(str, options)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    for line in process.stderr:
        if "head epoch 2" in line:
            process.kill()
            break
    process.wait()
    process.stderr.close()
    listed = json.loads(thaw("runs", "--workspace", workspace, "--json").stdout)["runs"]
    assert listed[0]["state"] == "interrupted"
    command = [sys.executable, "-m", "tl_core", "resume", listed[0]["run"], "--workspace", str(workspace), "--json"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    seen = []
    for line in process.stderr:
        if "head epoch" in line:
            seen.append(int(line.split()[2].strip(":")))
            if len(seen) == 2:
                process.send_signal(signal.SIGINT)
                break
    rest, _ = process.communicate(timeout=120)
    answer = json.loads(rest)
    assert process.returncode == 0
    assert seen[0] in (2, 3, 4, 5, 6)
    assert answer["stopped"]
    assert [row["epoch"] for row in answer["history"]] == list(range(1, len(answer["history"]) + 1))
    assert thaw("resume", json.loads(trained[2].stdout)["run"], "--workspace", workspace).returncode == 2


@pytest.mark.slow
def test_blocks_are_where_the_line_can_be_drawn(tmp_path, capfd):
    assert main(["blocks", "efficientnet-lite0", "--workspace", str(tmp_path), "--json"]) == 0
    answer = json.loads(capfd.readouterr().out)
    assert "block_14_add" in [block["id"] for block in answer["blocks"]]
    assert main(["blocks", "nasnet-mobile", "--workspace", str(tmp_path)]) == 0
    assert "cannot be cut anywhere else" in capfd.readouterr().out


def test_a_confusion_matrix_that_is_too_wide_is_reported_as_a_list():
    counts = np.diag([3, 12])
    assert confusion_lines(counts.tolist(), ["cat", "dog"])[1:] == ["   3   0", "   0  12"]
    counts, labels = np.eye(40, dtype=int), [f"class {number}" for number in range(40)]
    assert confusion_lines(counts.tolist(), labels) == ["Most frequent confusions", "  none"]
    counts[:30, 39] = 2
    lines = confusion_lines(counts.tolist(), labels)
    assert lines[1] == "  class 0, predicted as class 39: 2"
    assert lines[-1] == "  … and 10 more"


@pytest.mark.slow
def test_a_run_is_asked_what_it_is_worth_and_where_it_errs(trained, capfd):
    folder, workspace, done = trained
    run = json.loads(done.stdout)["run"]

    def answer(*arguments):
        assert main([*arguments, "--workspace", str(workspace), "--json"]) == 0
        return json.loads(capfd.readouterr().out)

    (workspace / "projects" / run.replace("/", "/runs/") / "answers-train.npz").unlink()
    (predicted,) = answer("predict", run, str(folder / "warm" / "0.png"))["predictions"]
    assert predicted["known"]["score"] <= 1, (
        "the model is asked about its own pictures first: else it could refuse nothing"
    )
    assert isinstance(answer("mistakes", run)["doubted"], list), "a small set is cross-validated when it is trained on"
    steady = answer("crossval", run)
    assert (steady["n"], steady["repeats"]) == (20, 5)
    assert steady["interval"][0] < steady["accuracy"] <= 1
    wrong = answer("mistakes", run)
    assert all(each["part"] in ("validation", "test") and each["truth"] != each["said"] for each in wrong["mistakes"])
    same = answer("compare", run, run)
    assert (same["mended"], same["broken"], same["p"]) == ([], [], 1.0)
    result = answer("check", run.split("/")[0])
    assert result["n"] == 24
    assert same["baseline"] == 0.5
    for command in (["evaluate", run], ["compare", run, run], ["crossval", run], ["runs"]):
        assert main([*command, "--workspace", str(workspace)]) == 0
        message = capfd.readouterr().out
        assert "of 4 pictures (95% interval" in message or "of 20 pictures (95% interval" in message
        assert "ust guessing: 50%" in message
    assert main(["evaluate", run, "--workspace", str(workspace)]) == 0
    message = capfd.readouterr().out
    assert "the true accuracy is probably" in message
    assert "Calibration error" in message
    assert "false refusals allowed" in message


def test_a_file_name_that_is_no_text_is_printed(capfd):
    with stdout_for(as_json=True) as show:
        show({"picture": "caf\udce9.png"}, [])
    assert json.loads(capfd.readouterr().out) == {"picture": "caf\udce9.png"}
