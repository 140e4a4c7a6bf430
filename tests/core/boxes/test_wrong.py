"""What is wrong in files with boxes is said, and never makes a picture one on which there is nothing."""

import csv
import json
from pathlib import Path

import pytest

from tests.core.boxes.test_forms import HALF, boxes_of, coco, picture, read, voc
from tests.core.pictures import png_header
from tl_core.boxes import importer, reading
from tl_core.dataset import manifest
from tl_core.dataset.boxes import Box
from tl_core.errors import InputError
from tl_core.ingest.sources import Source, open_files
from tl_core.workspace import Workspace

ONE = [{"category_id": 18, "bbox": [0, 0, 100, 50]}]
BROKEN = {
    "no number": [{"category_id": 18, "bbox": [float("nan"), 0, 9, 9]}],
    "a crowd": [{"category_id": 18, "bbox": [0, 0, 100, 50], "iscrowd": 1}],
    "a class that nobody named": [{"category_id": 4, "bbox": [0, 0, 100, 50]}],
    "runs of pixels": [{"category_id": 18, "segmentation": {"counts": [0, 9], "size": [100, 200]}}],
    "a list for an id": [{"category_id": [18], "bbox": [0, 0, 100, 50]}],
}


@pytest.mark.parametrize("annotations", BROKEN.values(), ids=BROKEN)
def test_a_picture_whose_boxes_cannot_be_read_is_not_one_without_a_box(
    tmp_path: Path, annotations: list[dict[str, object]]
):
    made, wrong = boxes_of(tmp_path, {"boxes.json": coco(annotations), "a.jpg": picture()})

    assert made == {"a.jpg": []}
    assert wrong["lost"] == 1
    assert "negative" not in wrong


@pytest.mark.parametrize(
    "files",
    [
        {"a.xml": voc((1, 1, 9, 9)).replace("<name>cat</name>", "<name></name>")},
        {"boxes.csv": "file,xmin,ymin,xmax,ymax,label\na.jpg,1,1,nine,9,cat\n"},
        {"boxes.csv": "file,xmin,ymin,xmax,ymax,label\na.jpg,1,1,9,9,\n"},
        {"a.txt": "3 0.5 0.5 0.1 0.1", "classes.txt": "cat"},
        {"boxes.json": '[{"image": "a.jpg", "annotations": [{"label": "cat", "coordinates": {"x": NaN}}]}]'},
    ],
)
def test_that_holds_for_every_form(tmp_path: Path, files: dict[str, str | bytes]):
    wrong = boxes_of(tmp_path, {**files, "a.jpg": picture()})[1]

    assert wrong["lost"] == 1
    assert "negative" not in wrong


def test_coco_ids_may_be_texts_in_one_place_and_numbers_in_another(tmp_path: Path):
    made, wrong = boxes_of(
        tmp_path, {"boxes.json": coco(ONE).replace('"image_id": 70', '"image_id": "70"'), "a.jpg": picture()}
    )

    assert (made, wrong) == ({"a.jpg": [HALF]}, {})


def test_coco_images_with_the_same_id_are_left_out(tmp_path: Path):
    value = json.loads(coco(ONE))
    value["images"] += [{"id": 70, "file_name": "b.jpg"}, {"id": 71, "file_name": "c.jpg"}]
    made, wrong = boxes_of(tmp_path, {"boxes.json": json.dumps(value), "c.jpg": picture()})

    assert (made, wrong) == ({"c.jpg": []}, {"same": 2, "negative": 1})


@pytest.mark.parametrize(("width", "height"), [(0.4, 50), (-200, -100), (1e308, 1e-300), ("wide", None)])
def test_a_size_that_cannot_be_meant_is_that_of_the_picture(tmp_path: Path, width: object, height: object):
    files = {"boxes.json": coco(ONE, width=width, height=height), "a.jpg": picture()}

    assert boxes_of(tmp_path, files) == ({"a.jpg": [HALF]}, {})


def test_boxes_beyond_the_size_that_is_said_are_in_pixels_of_the_picture(tmp_path: Path):
    far = [{"category_id": 18, "bbox": [100, 50, 100, 50]}]
    files = {"boxes.json": coco(far, width=100, height=50), "a.jpg": picture()}

    assert boxes_of(tmp_path, files) == ({"a.jpg": [Box("cat", 0.5, 0.5, 1.0, 1.0)]}, {"size": 1})


@pytest.mark.parametrize(
    "files",
    [
        {"boxes.json": coco([{"category_id": 18, "bbox": [0, 0, 0.5, 0.5]}])},
        {
            "boxes.json": json.dumps(
                [
                    {
                        "image": "a.jpg",
                        "annotations": [
                            {"label": "cat", "coordinates": {"x": 0.25, "y": 0.25, "width": 0.5, "height": 0.5}}
                        ],
                    }
                ]
            )
        },
        {"boxes.csv": "file,xmin,ymin,xmax,ymax,label\na.jpg,-0.0004,0,0.5,0.5,cat\n"},
    ],
)
def test_shares_where_pixels_are_usual_are_shares(tmp_path: Path, files: dict[str, str | bytes]):
    made, wrong = boxes_of(tmp_path, {**files, "a.jpg": picture()})

    assert (made, wrong) == ({"a.jpg": [HALF]}, {})


def test_yolo_pixels_are_said_to_be_no_shares_and_one_bad_line_does_not_lose_the_others(tmp_path: Path):
    files = {
        "classes.txt": "cat",
        "a.txt": "0 60 40 50 50\n",
        "b.txt": "0 nan 0.5 0.1 0.1\n0,0.25,0.25,0.5,0.5\r\n",
        "a.jpg": picture(),
        "b.jpg": picture(),
    }
    made, wrong = boxes_of(tmp_path, files)

    assert made == {"a.jpg": [], "b.jpg": [HALF]}
    assert wrong == {"pixels": 1, "unreadable": 1, "lost": 1}


def test_what_stands_for_the_class_in_yolo_is_named_where_it_is_no_number(tmp_path: Path):
    line = "0.25 0.25 0.5 0.5"
    files: dict[str, str | bytes] = {
        "classes.txt": "cat",
        "a.txt": f"0.0 {line}\n-1 {line}\n0 {line.replace('5', '4')}",
        "b.txt": f"cat {line}",
        "a.jpg": picture(),
        "b.jpg": picture(),
    }
    for name, content in files.items():
        (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
    remarks = importer.read(Source("folder", str(tmp_path))).remarks

    assert "1 box of which the class is no whole number from 0 on: left out. For instance “-1”, a." in remarks
    assert any("“b.txt” was not read" in each and "Received: “cat”" in each for each in remarks)


def test_the_preview_counts_no_picture_that_is_too_large_and_says_which_classes_differ_by_case(tmp_path: Path):
    rows = ["file,xmin,ymin,xmax,ymax,label", *(f"{n}.png,1,1,9,9,{label}" for n, label in ((1, "Cat"), (2, "cat")))]
    (tmp_path / "boxes.csv").write_text("\n".join([*rows, "3.png,1,1,9,9,cat"]))
    for name, data in (("1.png", picture()), ("2.png", picture()), ("3.png", png_header(20_000, 20_000))):
        (tmp_path / name).write_bytes(data)
    found = importer.read(Source("folder", str(tmp_path)))

    assert (len(found.tasks), found.classes) == (2, {"Cat": 1, "cat": 1})
    assert [(each.name, "million pixels" in each.reason) for each in found.left_out] == [("3.png", True)]
    assert any("differ only by case" in each for each in found.remarks)


@pytest.mark.parametrize("name", ["e\u0301t\u00e9.jpg", "%C3%A9t%C3%A9.jpg"])
def test_letters_with_accents_and_addresses_find_their_picture(tmp_path: Path, name: str):
    made, _ = boxes_of(tmp_path, {"boxes.json": coco(ONE, name), "\u00e9t\u00e9.jpg": picture()})

    assert made == {"\u00e9t\u00e9.jpg": [HALF]}


def test_a_broken_file_is_named_with_the_reason(tmp_path: Path):
    files: dict[str, str | bytes] = {"boxes.json": coco(ONE)[:-9], "a.jpg": picture()}
    with pytest.raises(InputError, match=r"“boxes\.json” was not read: .*Expecting"):
        read(tmp_path, files)
    with open_files(Source("folder", str(tmp_path))) as opened:
        later = reading.read(opened.items, opened.name, drawn_later=True)

    assert "“boxes.json” was not read" in later.annotations.remarks[0]


NESTED = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 9)}]\n" for at in range(1, 10)
)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("boxes.json", coco(ONE).replace("100", "9" * 5000, 1)),
        ("boxes.json", "[" * 100_000),
        ("a.xml", '<?xml version="1.0" encoding="nonsense"?><annotation/>'),
        ("a.xml", '<?xml version="1.0" encoding="base64"?><annotation/>'),
        ("data.yaml", f"{NESTED}names: *a9"),  # 9 to the power of 10 names
        ("data.yaml", f"{NESTED}names: {{0: *a9}}"),
        ("data.yaml", "names: " + "[" * 20_000 + "]" * 20_000),
        ("data.yaml", "names: [2001-99-99]"),
        ("data.yaml", "names: {" + "9" * 5000 + ": x}"),
        ("data.yaml", "names: !!python/object/apply:os.getcwd []"),
        ("data.yaml", "x: 1\n" * 300_000),
    ],
)
def test_a_file_that_is_made_to_do_harm_is_named_in_a_moment(tmp_path: Path, name: str, text: str):
    with pytest.raises(InputError, match=f"“{name}” was not read"):
        read(tmp_path, {name: text, "a.jpg": picture()})


def test_xml_in_an_eastern_encoding_is_read(tmp_path: Path):
    text = voc((1, 1, 100, 50)).replace("cat", "猫")
    data = f'<?xml version="1.0" encoding="Shift_JIS"?>\n{text}'.encode("shift_jis")
    made, _ = boxes_of(tmp_path, {"a.xml": data, "a.jpg": picture()})

    assert [box.label for box in made["a.jpg"]] == ["猫"]


def test_half_a_character_in_a_name_is_replaced(tmp_path: Path):
    text = coco(ONE).replace('"cat"', '"cat\\ud800"')
    for name, content in {"boxes.json": text.encode(), "a.jpg": picture()}.items():
        (tmp_path / name).write_bytes(content)
    project = Workspace.open(tmp_path / "work").create_project("Cats")
    importer.import_boxes(project, Source("folder", str(tmp_path)))

    assert manifest.load(project).classes == ["cat\N{REPLACEMENT CHARACTER}"]


def test_a_table_that_cannot_be_read_to_its_end_is_named(tmp_path: Path):
    table = "file,xmin,ymin,xmax,ymax,label\n" + "a.jpg,1,1,9,9,cat\n" * 600 + f"a.jpg,1,1,9,9,{'c' * 3000}\n"
    before = csv.field_size_limit(2000)
    try:
        with pytest.raises(InputError, match=r"“boxes\.csv” cannot be read as a table"):
            read(tmp_path, {"boxes.csv": table, "a.jpg": picture()})
    finally:
        csv.field_size_limit(before)
