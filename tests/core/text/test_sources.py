import json
import zipfile
from pathlib import Path

import pytest

from tests.core.text.messages import ROWS, TEXTS, table
from tl_core.errors import InputError
from tl_core.ingest.sources import Source
from tl_core.text import sources
from tl_core.text.guess import Chosen

COUNTS = {label: len(texts) for label, texts in sorted(TEXTS.items())}


def write(root: Path, names: str) -> None:
    """Write each text into a file of its own; ``names`` has ``{split}``, ``{label}`` and ``{n}``."""
    for label, texts in TEXTS.items():
        for n, text in enumerate(texts):
            path = root / names.format(label=label, n=n, split=("train", "test")[n % 5 == 0])
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")


def read(path: Path, chosen: Chosen | None = None) -> sources.TextReading:
    return sources.read(Source("folder", str(path)), chosen or Chosen())


@pytest.mark.parametrize("names", ["{label}/{n}.txt", "all/{label}/{n}.txt", "{label}/{n}"])
def test_a_folder_for_each_class(tmp_path: Path, names: str):
    write(tmp_path, names)

    reading = read(tmp_path)

    assert reading.classes == COUNTS
    assert reading.parts == {}
    assert {item.text for item in reading.items} == {text for text, __ in ROWS}


@pytest.mark.parametrize("names", ["{split}/{label}/{n}.txt", "{label}/{split}/{n}.txt"])
def test_folders_with_splits(tmp_path: Path, names: str):
    write(tmp_path, names)

    reading = read(tmp_path)

    assert reading.classes == COUNTS
    assert reading.parts == {"train": 48, "test": 12}


def test_a_zip_of_folders(tmp_path: Path):
    write(tmp_path / "texts", "{label}/{n}.txt")
    with zipfile.ZipFile(tmp_path / "texts.zip", "w") as packed:
        for path in (tmp_path / "texts").rglob("*.txt"):
            packed.write(path, path.relative_to(tmp_path))

    assert read(tmp_path / "texts.zip").classes == COUNTS


def test_a_zip_of_a_table(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "archive.zip", "w") as packed:
        packed.writestr("data/messages.csv", table())

    reading = read(tmp_path / "archive.zip")

    assert reading.classes == COUNTS
    assert reading.items[0].source == "data/messages.csv:2"


def test_tables_named_after_splits_are_read_together(tmp_path: Path):
    (tmp_path / "shop_train.csv").write_text(table(ROWS[::2]), encoding="utf-8")
    (tmp_path / "shop_test.csv").write_text(table(ROWS[1::2]), encoding="utf-8")
    (tmp_path / "prices.csv").write_text("thing,kind\nred lamp here,a\nblue rug there,b\nred rug,a\n", encoding="utf-8")
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff")

    reading = read(tmp_path)

    assert reading.classes == COUNTS
    assert reading.parts == {"train": 30, "test": 30}
    assert {each.name for each in reading.left_out} == {"prices.csv", "photo.jpg"}
    assert reading.table
    assert reading.table.others == ("prices.csv", "shop_test.csv", "shop_train.csv")
    assert len(read(tmp_path, Chosen(table="shop_test.csv")).items) == 30


def test_an_upload_of_a_table(tmp_path: Path):
    (tmp_path / "1").write_text(table(), encoding="utf-8")
    (tmp_path / "names.jsonl").write_text(json.dumps({"name": "messages.csv", "file": "1"}) + "\n", encoding="utf-8")
    (tmp_path / "upload.json").write_text(json.dumps({"complete": True, "total": 1}), encoding="utf-8")

    assert sources.read(Source("upload", str(tmp_path))).classes == COUNTS


def test_files_in_folders_that_are_no_texts_are_left_out_and_named(tmp_path: Path):
    write(tmp_path, "{label}/{n}.txt")
    (tmp_path / "praise" / "empty.txt").write_bytes(b"")
    (tmp_path / "praise" / "picture.txt").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))
    (tmp_path / "praise" / ".hidden.txt").write_text("Hidden", encoding="utf-8")
    (tmp_path / "README.txt").write_text("About these texts", encoding="utf-8")

    reading = read(tmp_path)

    assert reading.classes == COUNTS
    assert {each.name for each in reading.left_out} == {
        "praise/empty.txt", "praise/picture.txt", "praise/.hidden.txt", "README.txt",
    }  # fmt: skip


def test_what_holds_no_texts_is_refused(tmp_path: Path):
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8\xff")

    with pytest.raises(InputError, match=r"holds no texts with labels. Give a table"):
        read(tmp_path)


def test_pasted_lines():
    reading = sources.pasted("".join(f"{label}\t{text}\n" for text, label in ROWS))

    assert reading.classes == COUNTS
    assert reading.name == "pasted lines"
    with pytest.raises(InputError, match="“pasted lines” has one column"):
        sources.pasted("Only a line\nand another\n")


def test_few_pasted_lines_lose_none():
    lines = "question\tWhere is it?\npraise\tGreat class\nquestion\tWhen does it come?\npraise\tThank you"

    assert sources.pasted(lines).classes == {"praise": 2, "question": 2}


def test_a_zip_of_a_table_without_an_ending(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "messages.zip", "w") as packed:
        packed.writestr("Messages", table([(label, text) for text, label in ROWS], "\t", head=()))
        packed.writestr("readme", "These are messages.\nThey are short, as you see.\n")

    reading = read(tmp_path / "messages.zip")

    assert reading.classes == COUNTS
    assert [each.name for each in reading.left_out] == ["readme"]
