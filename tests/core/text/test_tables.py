import contextlib
import csv
import io
import json
import random
import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest
from PIL import Image

from tests.core.text.messages import ROWS, TEXTS, table
from tl_core.errors import InputError
from tl_core.ingest.sources import Source
from tl_core.paths import MAX_BYTES
from tl_core.text import sources, tables
from tl_core.text.cleaning import clean
from tl_core.text.guess import Chosen

COUNTS = {label: len(texts) for label, texts in sorted(TEXTS.items())}


def workbook(rows: list[tuple[object, ...]], merged: str = "", others: int = 0) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(row)
    if merged:
        sheet.merge_cells(merged)
    for number in range(others):
        book.create_sheet(f"more {number}").append(("a", "b"))
    data = io.BytesIO()
    book.save(data)
    return data.getvalue()


FORMS: dict[str, Callable[[], bytes]] = {
    "csv": lambda: table().encode(),
    "semicolons": lambda: table(separator=";").encode(),
    "tabs": lambda: table(separator="\t").encode(),
    "bars": lambda: table(separator="|").encode(),
    "windows": lambda: table().replace("\n", "\r\n").encode("utf-8-sig"),
    "utf-16": lambda: table(separator="\t").encode("utf-16"),
    "utf-16 without a mark": lambda: table().encode("utf-16-le"),
    "json lines": lambda: "\n".join(json.dumps({"text": text, "label": label}) for text, label in ROWS).encode(),
    "json": lambda: json.dumps([{"text": text, "label": label} for text, label in ROWS], indent=1).encode(),
    "json in an object": lambda: json.dumps({"data": [{"text": one, "label": two} for one, two in ROWS]}).encode(),
    "excel": lambda: workbook([("text", "label"), *ROWS]),
}


@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_table_reads_the_same(form: str):
    reading = tables.read(FORMS[form](), f"any.{form}")

    assert reading.classes == COUNTS
    assert (reading.text and reading.text.value, reading.label and reading.label.value) == ("text", "label")
    assert [(item.text, item.label) for item in reading.items] == ROWS
    assert reading.doubt == ""
    assert reading.left_out == []


@pytest.mark.parametrize("separator", ["\t", ",", ";"])
def test_a_table_without_names_of_columns_keeps_its_first_row(separator: str):
    rows = [(label, text) for text, label in ROWS]

    reading = tables.read(table(rows, separator, head=()).encode(), "messages.csv")

    assert reading.header
    assert reading.header.value == "no"
    assert reading.classes == COUNTS
    assert reading.items[0].source == "messages.csv:1"


def test_what_was_guessed_says_why_and_what_else_there_is():
    rows = [
        (str(n), text, label, f"https://a.b/{n}", f"2024-05-{n % 28 + 1:02d}") for n, (text, label) in enumerate(ROWS)
    ]

    reading = tables.read(table(rows, head=("id", "message", "kind", "link", "date")).encode(), "mails.csv")

    assert reading.text
    assert reading.text.value == "message"
    assert "60 different cells in 60 rows" in reading.text.why
    assert reading.label
    assert reading.label.value == "kind"
    assert reading.label.others == ()
    assert reading.encoding
    assert reading.encoding.value == "utf-8"
    assert reading.separator
    assert reading.separator.value == ","
    assert "100%" in reading.separator.why
    assert reading.header
    assert reading.header.value == "yes"
    assert "“message”" in reading.header.why
    assert reading.summary() == "60 texts, 3 classes: complaint (20), praise (20), question (20)."
    assert reading.first(1)[0].source == "mails.csv:2"


def test_every_guess_can_be_corrected():
    rows = [(f"Note {n}: {label}", text, label, str(n % 2), f"u{n % 7}") for n, (text, label) in enumerate(ROWS)]
    data = table(rows, head=("subject", "body", "topic", "urgent", "who")).encode("cp1252")

    reading = tables.read(
        data, "mails.csv", Chosen(text="subject", label="urgent", group="who", encoding="cp1252", separator=",")
    )

    assert reading.classes == {"0": 30, "1": 30}
    assert reading.items[0].text == "Note 0: question"
    assert {item.group for item in reading.items} == {f"u{n}" for n in range(7)}
    assert reading.encoding
    assert reading.encoding.why == "You chose it."


def test_the_header_can_be_corrected():
    data = table([("good", "1"), *[(text, str(n % 2)) for n, (text, __) in enumerate(ROWS)]], head=()).encode()

    assert len(tables.read(data, "a.csv", Chosen(header=False)).items) == 61
    assert len(tables.read(data, "a.csv", Chosen(header=True)).items) == 60


def test_authors_stay_together_unless_a_person_says_otherwise():
    rows = [(text, label, f"person {n % 9}") for n, (text, label) in enumerate(ROWS)]
    data = table(rows, head=("text", "label", "author")).encode()

    assert tables.read(data, "a.csv").items[10].group == "person 1"
    assert {item.group for item in tables.read(data, "a.csv", Chosen(group="")).items} == {""}


def test_a_column_of_splits_is_taken():
    rows = [(text, label, ("train", "dev", "test")[n % 3]) for n, (text, label) in enumerate(ROWS)]

    reading = tables.read(table(rows, head=("text", "label", "split")).encode(), "a.csv")

    assert reading.parts == {"train": 20, "validation": 20, "test": 20}


@pytest.mark.parametrize("labels", [("1", "0"), ("yes", "no"), ("5", "1")])
def test_numbers_and_yes_or_no_can_be_labels(labels: tuple[str, str]):
    rows = [(str(1000 + n), text, labels[n % 2], str(n / 7)) for n, (text, __) in enumerate(ROWS)]

    reading = tables.read(table(rows, head=("nr", "words", "good", "score")).encode(), "a.csv")

    assert reading.label
    assert reading.label.value == "good"
    assert set(reading.classes) == set(labels)


def test_two_columns_that_may_be_the_label_are_named():
    rows = [(text, label, ("north", "south")[n % 2]) for n, (text, label) in enumerate(ROWS)]

    reading = tables.read(table(rows, head=("text", "what", "where")).encode(), "a.csv")

    assert reading.doubt == "The labels may stand in “what” or in “where”. Choose the column."


@pytest.mark.parametrize("encoding", ["windows-1252", "iso-8859-1", "mac-roman", "cp850"])
def test_few_foreign_letters_are_read_in_the_code_page_they_are_in(encoding: str):
    text = "The café sent me a crème brûlée and a soufflé, très bon"
    data = table([(text, "praise"), *ROWS]).encode(encoding)

    assert tables.read(data, "a.csv").items[0].text == text


def test_quotation_marks_of_office_programs_are_read():
    text = "I don’t know – it’s “broken”… and £5 too dear"
    reading = tables.read(table([(text, "complaint"), *ROWS]).encode("cp1252"), "a.csv")

    assert reading.items[0].text == text
    assert reading.encoding
    assert reading.encoding.value == "windows-1252"


def test_another_script_is_read_in_its_code_page():
    rows = [("Где мой заказ? Я жду его уже неделю", "вопрос"), ("Всё очень плохо, верните деньги", "жалоба")] * 20
    data = table([(f"{text} {n}", label) for n, (text, label) in enumerate(rows)], "\t").encode("cp1251")

    assert tables.read(data, "a.tsv").items[0].text == "Где мой заказ? Я жду его уже неделю 0"


def test_a_quotation_mark_in_a_message_is_none_of_the_table():
    rows = [(label, text) for text, label in ROWS]
    rows[3:5] = [("question", 'Is "blue a colour?'), ("praise", '"Great!')]
    data = "".join(f"{label}\t{text}\n" for label, text in rows).encode()

    reading = tables.read(data, "sms.tsv")

    assert len(reading.items) == len(ROWS)
    assert reading.items[4].text == '"Great!'


def test_a_text_of_several_lines_is_one_text():
    rows = [(f"Dear shop,\n{text}\nYours", label) for text, label in ROWS]

    assert [item.text for item in tables.read(table(rows).encode(), "a.csv").items] == [text for text, __ in rows]


def test_texts_of_several_lines_are_read_from_a_column_alone():
    wanted = ["Where is it?", "One\nline\nafter\nthe\nother", "Yes, of course", 'It said "no"', "Thanks"] * 4
    written = io.StringIO()
    csv.writer(written).writerows([["text"], *([text] for text in wanted)])
    assert tables.texts(written.getvalue().encode(), "a.csv") == wanted


def broken_in(line: int) -> bytes:
    lines = table([(f"{text}, {n}", label) for n, (text, label) in enumerate(ROWS * 20)]).splitlines()
    lines[line - 1] = '"Here a mark is missing, I fear,question'
    return "\n".join(lines).encode()


def picture() -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (8, 8)).save(data, "PNG")
    return data.getvalue()


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "one column": (lambda: b"text\n" + b"only words here\n" * 9, "one column"),
    "a label for each": (
        lambda: table([(text, f"label {n}x") for n, (text, __) in enumerate(ROWS)]).encode(),
        "every row has a label of its own in “label”",
    ),
    "10,000 labels": (
        lambda: table([(f"text number {n} of many", f"label {n % 10_000}") for n in range(20_000)]).encode(),
        "10,000 labels; at most 1,000",
    ),
    "broken quotes": (lambda: broken_in(731), "The quotation marks in line 731 of “a.csv” do not fit"),
    "merged cells": (lambda: workbook([("text", "label"), *ROWS], merged="B2:B5"), "merged cells (B2:B5)"),
    "nothing": (lambda: b"", "“a.csv” is empty"),
    "blank": (lambda: b"\xef\xbb\xbf \r\n\r\n", "“a.csv” is empty"),
    "names of columns only": (lambda: b"text,label\n", "one row"),
    "a picture": (picture, "is a PNG picture, not a table of texts"),
    "bytes": (lambda: bytes(range(256)) * 20, "bytes that no text has"),
    "an old workbook": (lambda: b"\xd0\xcf\x11\xe0" + bytes(600), "such as .xls"),
    "half a workbook": (lambda: workbook([("text", "label"), *ROWS])[:3000], "a zip or a document"),
    "a broken line of JSON": (
        lambda: b'{"text": "a b", "label": "x"}\n{"text": "c d", "lab\n',
        "Line 2 of “a.csv” is no JSON object",
    ),
    "no objects": (lambda: b'[{"text": "a"}, 3]', "no list of JSON objects"),
    "no label": (lambda: table([(text, str(n / 7)) for n, (text, __) in enumerate(ROWS)]).encode(), "label"),
    "commas in texts": (
        lambda: "".join(f"{n} a,b{',c' * (n % 3 == 0)},{n}\n" for n in range(60)).encode(),
        "cells, and most have",
    ),
    "numbers": (lambda: table([(f"{n}", f"{n % 3}") for n in range(60)]).encode(), "no column of texts"),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_read_is_refused_by_one_sentence_that_says_why(case: str):
    make, said = BAD[case]

    with pytest.raises(InputError) as refused:
        tables.read(make(), "a.csv")

    assert said in str(refused.value)
    assert str(refused.value).endswith(".")


@pytest.mark.parametrize(
    ("chosen", "said"),
    [
        (Chosen(text="body"), "has no column “body”. Columns: text, label."),
        (Chosen(label="text", text="text"), "Choose two columns"),
        (Chosen(encoding="klingon"), "There is no encoding “klingon”"),
        (Chosen(separator=", "), "A separator is one character"),
    ],
)
def test_a_correction_that_cannot_be_is_refused(chosen: Chosen, said: str):
    with pytest.raises(InputError, match=said):
        tables.read(table().encode(), "a.csv", chosen)


def test_an_encoding_that_does_not_fit_names_the_line():
    data = table([("The café", "praise"), *ROWS]).encode("cp1252")

    with pytest.raises(InputError, match="not in the encoding utf-8: line 2 has other bytes"):
        tables.read(data, "a.csv", Chosen(encoding="utf-8"))


def test_a_huge_file_is_refused_before_it_is_read(tmp_path: Path):
    path = tmp_path / "huge.csv"
    with path.open("wb") as file:
        file.truncate(2 * 10**9)  # takes no room on the disk

    with pytest.raises(InputError, match=r"“huge.csv” has 2.0 GB; at most 268 MB are read"):
        sources.read(Source("folder", str(path)))
    assert MAX_BYTES < 2 * 10**9


def test_of_several_sheets_one_is_read_and_the_others_are_named():
    data = workbook([("text", "label", "date"), *((*row, 5.0) for row in ROWS)], others=2)

    reading = tables.read(data, "book.xlsx")

    assert reading.remarks == ("The sheet “Sheet” was read, not more 0, more 1.",)
    with pytest.raises(InputError, match=r"has no sheet “nowhere”. Sheets: Sheet, more 0, more 1"):
        tables.read(data, "book.xlsx", Chosen(table="nowhere"))


def test_what_no_program_would_write_is_refused_with_its_name():
    book, parts = io.BytesIO(), zipfile.ZipFile(io.BytesIO(workbook(ROWS)))
    with zipfile.ZipFile(book, "w") as made:
        for name in parts.namelist():
            row = b'<row r="99"><c r="A99" t="s"><v>99999999</v></c></row></sheetData>'
            made.writestr(name, parts.read(name).replace(b"</sheetData>", row))
    with pytest.raises(InputError, match=r"“book.xlsx” cannot be opened"):
        tables.read(book.getvalue(), "book.xlsx")

    line = json.dumps(dict(zip(("text", "label"), ROWS[0], strict=True)))
    huge = line.replace('"}', '", "id": ' + "9" * 5000 + "}")
    with pytest.raises(InputError, match=r"Line 2 of “a.jsonl” is no JSON object"):
        tables.read(f"{line}\n{huge}\n".encode(), "a.jsonl")


def test_a_row_with_too_many_cells_is_left_out_and_named():
    data = table().encode() + b"one,two,three\n"

    reading = tables.read(data, "a.csv")

    assert [(each.name, each.reason) for each in reading.left_out] == [
        ("a.csv:62", "It has 3 cells, and the others have 2.")
    ]


LINES = {
    "label first": "{label},{text}, and more, please",
    "label last": "{text}, and more, please,{label}",
    "colon": "{label}: {text}",
    "fastText": "__label__{label} {text}",
}


@pytest.mark.parametrize("form", LINES)
def test_lines_that_hold_the_separator_are_divided_once(form: str):
    data = "".join(LINES[form].format(text=text, label=label) + "\n" for text, label in ROWS).encode()

    reading = tables.read(data, "lines.txt")

    assert reading.classes == COUNTS
    assert reading.items[0].text.startswith(ROWS[0][0])
    assert reading.separator
    assert reading.separator.why.startswith("Each line is divided at its")


def test_empty_columns_and_short_names_do_not_mislead():
    """As spreadsheets export them: ``v1,v2,,,``."""
    data = table([(label, text, "", "", "") for text, label in ROWS], head=("v1", "v2", "", "", "")).encode()

    reading = tables.read(data, "spam.csv")

    assert reading.classes == COUNTS
    assert reading.columns == ("v1", "v2", "C", "D", "E")


def test_the_number_of_an_author_is_no_label():
    records = [{"user_id": f"u{n % 6}", "stars": float(n % 2), "text": text} for n, (text, __) in enumerate(ROWS)]

    reading = tables.read("\n".join(map(json.dumps, records)).encode(), "reviews.jsonl")

    assert reading.classes == {"0": 30, "1": 30}
    assert reading.group
    assert reading.group.value == "user_id"


def test_codes_can_be_labels_where_there_are_few():
    rows = [(f"A{10_000 + n}", text, f"class{n % 3}") for n, (text, __) in enumerate(ROWS)]

    reading = tables.read(table(rows, "\t", head=()).encode(), "coded.tsv")

    assert reading.classes == {"class0": 20, "class1": 20, "class2": 20}


def test_signs_that_some_programs_take_for_the_end_of_a_line_are_none():
    records = [{"text": f"{text}\u2028Thanks\x85", "label": label} for text, label in ROWS]
    data = "\n".join(json.dumps(each, ensure_ascii=False) for each in records).encode()

    assert tables.read(data, "a.jsonl").items[-1].source == "a.jsonl:60"


def test_whatever_bytes_come_they_are_read_or_refused():
    chance = random.Random(3)
    pieces = [*'ab ,\t;"\n1{}[]:é\0\u2028😀', "\r\n", "label", "text"]
    for number in range(60):
        text = "".join(chance.choices(pieces, k=chance.randint(0, 120)))
        encoding = ("utf-8", "utf-16", "cp1252")[number % 3]
        data = text.encode(encoding, "replace") if number % 4 else chance.randbytes(150)
        with contextlib.suppress(InputError):
            assert clean(tables.read(data, "any.csv")).notes is not None


@pytest.mark.parametrize("above", ["Messages of 2024\n\n", "sep=;\n"])
def test_a_title_above_the_table_is_left_out_and_named(above: str):
    reading = tables.read((above + table(separator=";")).encode(), "a.csv")

    assert reading.classes == COUNTS
    assert reading.columns == ("text", "label")
    assert [(each.name, each.reason) for each in reading.left_out] == [
        ("a.csv:1", "It stands alone in its row, above the table.")
    ]


def test_texts_without_labels_are_read_or_refused():
    assert tables.texts(table([(text,) for text, __ in ROWS], head=("message",)).encode(), "new.csv") == [
        text for text, __ in ROWS
    ]
    with pytest.raises(InputError, match="has no column of texts"):
        tables.texts(b",\n,\n", "new.csv")


def test_a_nul_byte_is_dropped_and_its_row_named():
    data = table(ROWS).encode().replace(b"parcel", b"par\0cel", 1)
    row = data[: data.index(b"\0")].count(b"\n") + 1
    reading = tables.read(data, "shop.csv")
    assert len(reading.items) == len(ROWS)
    assert not any("\0" in item.text for item in reading.items)
    assert f"Row {row} held bytes that are no characters (NUL). They were dropped." in reading.remarks


def test_all_texts_may_have_one_label_and_then_need_no_column_of_labels():
    lines = "\n".join(text.replace("\n", " ") for text, __ in ROWS)
    reading = tables.read(lines.encode(), "thanks.txt", Chosen(one_label="praise", separator="", header=False))
    assert reading.classes == {"praise": len(ROWS)}
    assert reading.separator is not None
    assert reading.separator.value == ""


def test_a_table_without_texts_or_labels_still_shows_its_columns():
    data = b"a;b\n1;2\n3;4\n5;6\n"
    with pytest.raises(InputError):
        tables.read(data, "numbers.csv")
    look = tables.look(data, "numbers.csv", Chosen(header=True))
    assert look.columns == ("a", "b")
    assert look.rows[0] == ["1", "2"]
