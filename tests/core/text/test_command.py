"""Texts on the command line: what is read as a text, and what is refused before anything is trained."""

import io
import json
from pathlib import Path

import pytest

from tests.core.pictures import lay
from tl_core.cli.parser import main, parser
from tl_core.cli.runs import texts_at
from tl_core.cli.train import recipe_of
from tl_core.draft import Draft
from tl_core.errors import InputError
from tl_core.text.sample import SHOP

Capture = pytest.CaptureFixture[str]
LINES = "praise\tGreat shop!\nquestion\tWhere are you?\npraise\tThank you so much\nquestion\tAre you open today?\n"


def command(capfd: Capture, *arguments: str | Path, code: int = 0) -> str:
    """Return what a command printed: on stdout, or on stderr where it is refused."""
    capfd.readouterr()
    assert main([*map(str, arguments)]) == code
    printed = capfd.readouterr()
    return printed.err if code else printed.out


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for label in ("spam", "ham"):
        (tmp_path / "mails" / label).mkdir(parents=True)
        (tmp_path / "mails" / label / "1.txt").write_text(f"Hello {label}")
    return tmp_path / "mails"


def test_a_txt_file_with_tabs_is_a_table(tmp_path: Path, capfd: Capture):
    (tmp_path / "mails.txt").write_text(LINES)
    answer = json.loads(command(capfd, "import", tmp_path / "mails.txt", "--dry-run", "--json"))
    assert (answer["kind"], answer["classes"]) == ("texts", {"praise": 2, "question": 2})


def test_options_for_another_kind_are_refused(tmp_path: Path, folder: Path, capfd: Capture):
    pictures = lay(tmp_path / "pictures", {"cat/1.png": 1, "dog/1.png": 2})
    said = command(capfd, "import", pictures, "--text-column", "x", "--dry-run", code=2)
    assert "“pictures” is read as pictures, and --text-column is for a table of texts." in said
    said = command(capfd, "import", SHOP, "--as", "folders", "--dry-run", code=2)
    assert "“shop.csv” is read as texts, and --as is for pictures. Leave it out." in said
    said = command(capfd, "import", folder, "--label-column", "x", "--dry-run", code=2)
    assert "“mails” has a folder for each class, so it has no columns, and --label-column is for a table." in said


def test_what_is_given_to_predict_is_a_text_or_a_file_of_texts(tmp_path: Path):
    assert texts_at("مرحبا " * 40) == ["مرحبا " * 40], "of more bytes than the name of a file can have"
    assert texts_at("See https://example.com/list.csv") == ["See https://example.com/list.csv"]
    (tmp_path / "new.txt").write_text("One\u2028line\n\nAnother\n", "utf-8")
    assert texts_at(str(tmp_path / "new.txt")) == ["One\u2028line", "Another"]
    assert len(texts_at(str(SHOP))) == 60


def test_a_dash_is_the_standard_input(monkeypatch: pytest.MonkeyPatch):
    for data, texts in ((b"One\n\nAnother\n", ["One", "Another"]), (b"", None)):
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(data)))
        if texts is None:
            with pytest.raises(InputError, match="“standard input” is empty"):
                texts_at("-")
        else:
            assert texts_at("-") == texts


def test_paths_that_hold_no_texts_are_not_taken_for_texts(tmp_path: Path, folder: Path):
    with pytest.raises(InputError, match=r"There is no file gone\.csv\. Check the path\."):
        texts_at("gone.csv")
    with pytest.raises(InputError, match="is a folder"):
        texts_at(str(folder))
    (tmp_path / "empty.txt").write_text(" \n")
    with pytest.raises(InputError, match=r"“empty\.txt” is empty"):
        texts_at(str(tmp_path / "empty.txt"))


def test_a_length_that_the_network_cannot_read_is_refused_before_anything_is_imported(tmp_path: Path, capfd: Capture):
    for length in (8, 1024):
        said = command(capfd, "train", SHOP, "--image-size", str(length), "--workspace", tmp_path / "work", code=2)
        wanted = f"The number of word pieces that are read of a text is {length}. Choose a value from 16 to 512."
        assert wanted in said
    assert not (tmp_path / "work").exists()


def test_choices_that_cannot_be_are_refused_before_anything_is_imported(tmp_path: Path, capfd: Capture):
    refused = {
        ("--freeze", "block_13_out"): "This network has no block “block_13_out” to freeze.",
        ("--batch-size", "0"): "Choose a value from 1",
        ("--backbone", "efficientnet-lite0"): "There is no network for texts “efficientnet-lite0”.",
    }
    for options, why in refused.items():
        assert why in command(capfd, "train", SHOP, *options, "--workspace", tmp_path / "work", code=2)
    assert not (tmp_path / "work").exists()


@pytest.mark.slow
def test_layers_that_there_are_not_leave_no_project(tmp_path: Path, capfd: Capture):
    options = ("--freeze", "none", "--keep-frozen", "Conv9D", "--workspace", tmp_path / "work")
    assert "no type of layer named “Conv9D”" in command(capfd, "train", SHOP, *options, code=2)
    assert not list((tmp_path / "work").glob("projects/*"))


def test_random_weights_are_not_frozen_unless_a_person_says_so():
    for given, line in ((), "none"), (("--freeze", "all"), "all"):
        options = parser().parse_args(["train", str(SHOP), "--weights", "random", *given])
        assert recipe_of(options, 1, 2, Draft(backbone="bge-small")).freeze == line


def test_classes_are_weighed_unless_a_person_says_otherwise():
    for given, weighed in ((), True), (("--no-class-weights",), False):
        options = parser().parse_args(["train", str(SHOP), *given])
        assert recipe_of(options, 1, 2, Draft(backbone="bge-small")).class_weights == weighed


def test_a_column_has_one_role_and_a_table_is_no_folder_of_pictures(capfd: Capture):
    columns = ("--text-column", "text", "--label-column", "label", "--group-column", "label")
    said = command(capfd, "import", SHOP, *columns, "--dry-run", code=2)
    assert "“label” cannot be the column of groups, too. Choose another one." in said
    said = command(capfd, "import", SHOP, "--kind", "pictures", "--dry-run", code=2)
    assert "“shop.csv” is a table, and --kind pictures is for a folder or a zip." in said


def test_the_column_of_splits_says_nothing_of_what_belongs_together(tmp_path: Path, capfd: Capture):
    rows = "".join(f"{line}\ttrain\n" for line in LINES.splitlines())
    (tmp_path / "mails.tsv").write_text(f"kind\tmessage\tsplit\n{rows}")
    said = command(capfd, "import", tmp_path / "mails.tsv", "--group-column", "split", "--dry-run", code=2)
    assert "“split” cannot be the column of groups, too." in said


def test_several_labels_in_one_cell_are_named(tmp_path: Path, capfd: Capture):
    (tmp_path / "mails.tsv").write_text(LINES + "praise|question\tGreat! When do you open?\n" * 2)
    said = command(capfd, "import", tmp_path / "mails.tsv", "--dry-run")
    assert "A text has one label, so “praise∣question” counts as a label of its own." in said


def test_networks_for_texts_are_listed(tmp_path: Path, capfd: Capture):
    (row,) = json.loads(command(capfd, "backbones", "--json", "--workspace", tmp_path))["for_texts"]
    assert (row["id"], row["weights"]) == ("bge-small", "here")
    assert "reads texts" in command(capfd, "backbones", "--workspace", tmp_path)


@pytest.mark.slow
def test_what_is_said_of_texts_calls_them_texts(tmp_path: Path, capfd: Capture):
    work = ("--workspace", tmp_path / "work")
    run = json.loads(command(capfd, "train", SHOP, "--json", *work))["run"]
    (answer,) = json.loads(command(capfd, "predict", run, "Where is my parcel?", "--why", "--json", *work))[
        "predictions"
    ]
    assert answer["text"] == answer["why"]["text"] == "Where is my parcel?"
    assert len(answer["why"]["words"]) == 5
    assert "comes with the app" not in command(capfd, "predict", run, "Where is my parcel?", *work)
    assert "they all look the same to it" in command(capfd, "predict", run, "😀🎉", *work)
    wrong = json.loads(command(capfd, "mistakes", run, "--json", *work))["mistakes"]
    assert all({"text", "source"} <= each.keys() and "picture" not in each for each in wrong)
    assert all(each["text"].split()[0] in command(capfd, "mistakes", run, *work) for each in wrong)
