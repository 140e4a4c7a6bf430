"""What other programs write down as boxes is read as it was meant, and what is wrong with it is counted by name."""

import io
import json
from pathlib import Path

import pytest
from PIL import Image

from tl_core.boxes import matching, putting_right, reading, writing
from tl_core.boxes.annotations import Annotated, Drawn, Tally
from tl_core.boxes.putting_right import Shape
from tl_core.boxes.reading import Read
from tl_core.boxes.writing import Sheet
from tl_core.dataset.boxes import Box
from tl_core.errors import InputError
from tl_core.ingest.entries import Entry
from tl_core.ingest.sources import Source, open_files


def picture(width: int = 200, height: int = 100, orientation: int = 1) -> bytes:
    buffer, exif = io.BytesIO(), Image.Exif()
    if orientation != 1:
        exif[0x0112] = orientation
    Image.new("RGB", (width, height), "teal").save(buffer, "JPEG", exif=exif)
    return buffer.getvalue()


def read(folder: Path, files: dict[str, str | bytes]) -> Read:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with open_files(Source("folder", str(folder))) as opened:
        return reading.read(opened.items, opened.name)


def boxes_of(folder: Path, files: dict[str, str | bytes]) -> tuple[dict[str, list[Box]], dict[str, int]]:
    """Return the boxes of each picture by its name, and how often each defect was met."""
    found = read(folder, files)
    tally = found.annotations.tally
    matched = matching.match(found.annotations.pictures, found.pictures, tally)
    made = {}
    for entry in found.pictures:
        shape = putting_right.shape_of(entry.read())
        assert shape is not None
        made[entry.name] = putting_right.boxes_on(shape, matched.get(entry.name, []), entry.name, tally)
    tally.sentences()
    return made, {defect: times for defect, times in tally.counts.items() if times}


HALF = Box("cat", 0.0, 0.0, 0.5, 0.5)


def coco(annotations: list[dict[str, object]], file: str = "a.jpg", **image: object) -> str:
    return json.dumps(
        {
            "images": [{"id": 70, "file_name": file, "width": 200, "height": 100, **image}],
            "categories": [{"id": 18, "name": "cat"}, {"id": 3, "name": "dog"}],
            "annotations": [{"image_id": 70, **each} for each in annotations],
        }
    )


def test_coco_ids_may_begin_anywhere_and_crowds_are_left_out(tmp_path: Path):
    every = [
        {"category_id": 18, "bbox": [0, 0, 100, 50]},
        {"category_id": 3, "bbox": [100, 50, 50, 25], "iscrowd": 0},
        {"category_id": 18, "bbox": [0, 0, 200, 100], "iscrowd": 1},
        {"category_id": 99, "bbox": [0, 0, 20, 10]},
        {"category_id": 18, "bbox": None},
        {"category_id": 18, "segmentation": [[20, 10, 60, 10, 40, 30]]},
    ]
    made, wrong = boxes_of(tmp_path, {"train/_annotations.coco.json": coco(every), "train/a.jpg": picture()})

    assert made["train/a.jpg"] == [HALF, Box("dog", 0.5, 0.5, 0.75, 0.75), Box("cat", 0.1, 0.1, 0.3, 0.3)]
    assert wrong == {"crowd": 1, "unknown": 1, "unreadable": 1, "polygon": 1}


def test_boxes_that_are_off_empty_or_double_are_counted(tmp_path: Path):
    every = [
        {"category_id": 18, "bbox": box}
        for box in ([150, 50, 100, 100], [250, 10, 20, 20], [10, 10, 0, 30], [30, 20, 10, 10], [30, 20, 10, 10])
    ]
    made, wrong = boxes_of(tmp_path, {"boxes.json": coco(every), "a.jpg": picture()})

    assert made["a.jpg"] == [Box("cat", 0.75, 0.5, 1.0, 1.0), Box("cat", 0.15, 0.2, 0.2, 0.3)]
    assert wrong == {"clipped": 1, "outside": 1, "empty": 1, "double": 1}


def test_what_was_wrong_is_said_by_number_and_name():
    tally = Tally()
    tally.add("clipped", "a.jpg", 2)
    tally.add("negative", "b.jpg")

    assert tally.sentences() == [
        "2 boxes reaching beyond the edge of the picture: cut off there. For instance in a.jpg.",
        "1 picture without a box, to teach the network where nothing is. For instance b.jpg.",
    ]


@pytest.mark.parametrize(
    "name",
    ["a.jpg", "data\\images\\a.jpg", "C:\\data\\images\\A.JPG", "/home/me/images/a.jpg", "./images/a.jpg", "a"],
)
def test_pictures_are_found_by_paths_of_other_machines(tmp_path: Path, name: str):
    annotated = coco([{"category_id": 18, "bbox": [0, 0, 100, 50]}], name)
    made, wrong = boxes_of(tmp_path, {"annotations/boxes.json": annotated, "images/a.jpg": picture()})

    assert made == {"images/a.jpg": [HALF]}
    assert wrong == {}


def test_the_picture_beside_the_annotations_is_meant(tmp_path: Path):
    files = {
        f"{split}/{split}.json": coco([{"category_id": 18, "bbox": [0, 0, 100, 50]}]) for split in ("train", "val")
    }
    made, wrong = boxes_of(tmp_path, {**files, "train/a.jpg": picture(), "val/a.jpg": picture()})

    assert made == {"train/a.jpg": [HALF], "val/a.jpg": [HALF]}
    assert wrong == {}


def test_pictures_that_are_not_there_or_there_twice_are_said(tmp_path: Path):
    files = {"all.json": coco([], "a.jpg"), "x/a.jpg": picture(), "y/a.jpg": picture()}
    files["more.json"] = coco([], "gone.jpg")
    made, wrong = boxes_of(tmp_path, files)

    assert made == {"x/a.jpg": [], "y/a.jpg": []}
    assert wrong == {"ambiguous": 1, "missing": 1, "negative": 2}


def test_yolo_numbers_of_classes_may_have_gaps(tmp_path: Path):
    files = {
        "data.yaml": "nc: 3\nnames:\n  0: cat\n  7: dog\n",
        "train/labels/a.txt": "0 0.25 0.25 0.5 0.5\n7 0,5 0,5 0,5 0,5\n3 0.5 0.5 0.1 0.1\n",
        "train/labels/b.txt": "",
        "train/images/a.jpg": picture(),
        "train/images/b.jpg": picture(),
    }
    made, wrong = boxes_of(tmp_path, files)

    assert made["train/images/a.jpg"] == [HALF, Box("dog", 0.25, 0.25, 0.75, 0.75)]
    assert wrong == {"unknown": 1, "negative": 1}


def test_yolo_shares_beyond_1_are_cut_off_and_outlines_get_a_box(tmp_path: Path):
    lines = "0 0.9 0.5 0.4 0.2\n0 1.5 0.5 0.1 0.1\n0 0.1 0.1 0.3 0.1 0.2 0.4\n"
    files = {"classes.txt": "\ufeffcat\n", "labels/val/a.txt": lines, "images/val/a.png": picture()}
    made, wrong = boxes_of(tmp_path, files)

    assert made["images/val/a.png"] == [Box("cat", 0.7, 0.4, 1.0, 0.6), Box("cat", 0.1, 0.1, 0.3, 0.4)]
    assert wrong == {"clipped": 1, "outside": 1, "polygon": 1}


def test_yolo_without_names_says_so(tmp_path: Path):
    found = read(tmp_path, {"labels/a.txt": "2 0.5 0.5 1 1", "images/a.jpg": picture()})

    assert found.annotations.classes == ["class 2"]
    assert "No data.yaml or classes.txt" in found.annotations.remarks[0]


def voc(*boxes: tuple[float, float, float, float], size: tuple[int, int] = (200, 100), file: str = "a.jpg") -> str:
    objects = "".join(
        f"<object><name>cat</name><bndbox><xmin>{x1}</xmin><ymin>{y1}</ymin><xmax>{x2}</xmax><ymax>{y2}</ymax>"
        "</bndbox></object>"
        for x1, y1, x2, y2 in boxes
    )
    sized = f"<size><width>{size[0]}</width><height>{size[1]}</height><depth>3</depth></size>"
    return f"<annotation><filename>{file}</filename>{sized}{objects}</annotation>"


def test_voc_counts_from_1_unless_an_edge_is_at_0(tmp_path: Path):
    one, zero = tmp_path / "one", tmp_path / "zero"

    assert boxes_of(one, {"a.xml": voc((1, 1, 100, 50)), "a.jpg": picture()}) == ({"a.jpg": [HALF]}, {})
    assert boxes_of(zero, {"a.xml": voc((0, 0, 100, 50)), "a.jpg": picture()}) == ({"a.jpg": [HALF]}, {})


def test_voc_finds_a_picture_by_the_name_of_its_own_file_and_its_split(tmp_path: Path):
    files = {
        "Annotations/a.xml": voc((1, 1, 100, 50), file="export_17.bmp"),
        "JPEGImages/a.jpg": picture(),
        "ImageSets/Main/test.txt": "a\n",
    }

    assert boxes_of(tmp_path, files) == ({"JPEGImages/a.jpg": [HALF]}, {})
    assert read(tmp_path, {}).annotations.pictures[0].split == "test"


def test_voc_with_entities_is_refused_and_read_by_nobody(tmp_path: Path):
    bomb = '<!DOCTYPE a [<!ENTITY b "bbbbbbbb"><!ENTITY c SYSTEM "file:///etc/passwd">]>' + voc((1, 1, 9, 9))
    found = read(tmp_path, {"a.xml": bomb, "b.xml": voc((1, 1, 9, 9), file="b.jpg"), "c.xml": "<annotation><broken"})

    assert [item.name for item in found.left_out] == ["a.xml", "c.xml"]
    assert "document type" in found.left_out[0].reason
    assert len(found.annotations.pictures) == 1


def test_create_ml_has_the_centre(tmp_path: Path):
    at = {"x": 50, "y": 25, "width": 100, "height": 50}
    value = [{"image": "a.jpg", "annotations": [{"label": "cat", "coordinates": at}, {"label": "cat"}]}]
    made, wrong = boxes_of(tmp_path, {"boxes.json": json.dumps(value), "a.jpg": picture()})

    assert made == {"a.jpg": [HALF]}
    assert wrong == {"unreadable": 1}


@pytest.mark.parametrize(
    "table",
    [
        "file,xmin,ymin,xmax,ymax,label\na.jpg,0,0,100,50,cat\n",
        "\ufefffilename,width,height,class,xmin,ymin,xmax,ymax\na.jpg,200,100,cat,0,0,100,50\n",
        "image;x;y;width;height;class\na.jpg;0,0;0,0;100,0;50,0;cat\n",
        "a.jpg\t0\t0\t100\t50\tcat\n",
        "ImageID,LabelName,XMin,YMin,XMax,YMax\na,cat,0,0,0.5,0.5\n",
    ],
    ids=["edges", "with the size", "corner and size, decimal commas", "no header", "shares"],
)
def test_tables_of_many_programs_read_the_same(tmp_path: Path, table: str):
    made, wrong = boxes_of(tmp_path, {"boxes.csv": table, "a.jpg": picture()})

    assert made == {"a.jpg": [HALF]}
    assert wrong == {}


def test_a_row_without_a_box_is_a_picture_without_one(tmp_path: Path):
    table = "a.jpg,0,0,100,50,cat\nb.jpg,,,,,\na.jpg,1,x,100,50,cat\n"
    made, wrong = boxes_of(tmp_path, {"boxes.csv": table, "a.jpg": picture(), "b.jpg": picture()})

    assert made == {"a.jpg": [HALF], "b.jpg": []}
    assert wrong == {"unreadable": 1, "negative": 1}


@pytest.mark.parametrize("orientation", range(2, 9))
def test_boxes_drawn_on_a_picture_on_its_side_are_turned_with_it(orientation: int):
    stored = Image.new("L", (200, 100), 0)
    stored.paste(255, (0, 0, 50, 50))
    buffer, exif = io.BytesIO(), Image.Exif()
    exif[0x0112] = orientation
    stored.save(buffer, "PNG", exif=exif)
    upright = Image.open(io.BytesIO(buffer.getvalue()))
    from PIL import ImageOps

    shown = ImageOps.exif_transpose(upright)
    left, top, right, bottom = shown.getbbox() or (0, 0, 0, 0)
    wanted = Box("cat", left / shown.width, top / shown.height, right / shown.width, bottom / shown.height)
    shape, tally = putting_right.shape_of(buffer.getvalue()), Tally()
    drawn = Annotated(name="a", place="a", boxes=(Drawn("cat", 0, 0, 50, 50),), width=200, height=100)

    assert shape == Shape(200, 100, orientation)
    if orientation in putting_right.ON_ITS_SIDE:
        assert putting_right.boxes_on(shape, [drawn], "a", tally) == [wanted]
        assert tally.counts == {"turned": 1}
    else:  # the sizes are the same either way: taken as shown, and said
        putting_right.boxes_on(shape, [drawn], "a", tally)
        assert tally.counts == {"upright": 1}


def test_boxes_drawn_on_the_upright_picture_stay(tmp_path: Path):
    annotated = coco([{"category_id": 18, "bbox": [0, 0, 50, 100]}], width=100, height=200)

    assert boxes_of(tmp_path, {"a.json": annotated, "a.jpg": picture(orientation=6)}) == ({"a.jpg": [HALF]}, {})


def test_annotations_of_a_larger_picture_are_scaled(tmp_path: Path):
    annotated = coco([{"category_id": 18, "bbox": [0, 0, 200, 100]}], width=400, height=200)

    assert boxes_of(tmp_path, {"a.json": annotated, "a.jpg": picture()}) == ({"a.jpg": [HALF]}, {})


@pytest.mark.parametrize("form", reading.FORMS)
def test_what_is_written_reads_the_same(tmp_path: Path, form: str):
    boxes = [Box("cat", 0.0, 0.1, 0.5, 0.6), Box("big dog", 0.25, 0.2, 1.0, 0.9)]
    sheets = [Sheet(name="a.jpg", width=200, height=100, boxes=boxes)]
    sheets += [Sheet(name="b.jpg", width=100, height=200, boxes=[])]
    files = writing.write(form, sheets, ["big dog", "cat"])
    made, wrong = boxes_of(tmp_path, {**files, "a.jpg": picture(), "b.jpg": picture(100, 200)})

    assert made == {"a.jpg": boxes, "b.jpg": []}
    assert wrong == {"negative": 1}


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a.jpg": b""}, "has no file with boxes"),
        ({"a.json": coco([]), "a.xml": voc()}, "boxes in several forms: COCO (JSON), Pascal VOC (XML)"),
    ],
)
def test_a_folder_without_boxes_or_with_two_forms_is_refused(tmp_path: Path, files: dict[str, str | bytes], said: str):
    with pytest.raises(InputError, match="boxes") as failed:
        read(tmp_path, files)

    assert said in str(failed.value)


def test_2000_boxes_and_boxes_of_one_pixel_are_boxes(tmp_path: Path):
    rows = [f"a.jpg,{at % 200},{at // 200 * 2},{at % 200 + 1},{at // 200 * 2 + 1},cat\n" for at in range(2000)]
    made, wrong = boxes_of(tmp_path, {"boxes.csv": "".join(rows), "a.jpg": picture()})

    assert len(made["a.jpg"]) == 2000
    assert wrong == {"tiny": 2000}


def test_an_entry_is_matched_whatever_it_is_called():
    entry = Entry("Photos/IMG.1.jpg", lambda: b"")
    found = matching.match([Annotated(name="img.1", boxes=(), place="x.csv")], [entry], Tally())

    assert list(found) == ["Photos/IMG.1.jpg"]
