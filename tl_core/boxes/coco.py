"""COCO's JSON: lists of images, of categories and of annotations that name both by their ids.

The format: https://cocodataset.org/#format-data. A box is ``[x, y, width, height]`` in pixels from the top left corner.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tl_core.boxes.annotations import Annotated, Annotations, Drawn, Tally
from tl_core.boxes.numbers import around, number, numbers
from tl_core.dataset.split_words import split_of

_Object = Mapping[str, Any]
FIELDS = ("images", "annotations", "categories")


def fits(value: object) -> bool:
    """Return whether a JSON value has COCO's form."""
    return isinstance(value, Mapping) and all(isinstance(value.get(name), list) for name in FIELDS)


def read(files: Iterable[tuple[str, Mapping[str, Any]]]) -> Annotations:
    """Return what COCO files say, given by their names and content."""
    tally, pictures, classes = Tally(), [], dict[str, None]()
    for place, value in files:
        names = {each.get("id"): str(each.get("name", "")) for each in _objects(value["categories"])}
        classes |= dict.fromkeys(name for name in names.values() if name)
        split = split_of(_stem(place))
        boxes = _boxes(value, names, tally)
        for image in _objects(value["images"]):
            file = str(image.get("file_name", ""))
            size = numbers([image.get("width"), image.get("height")]) or [0, 0]
            drawn = tuple(boxes.pop(image.get("id"), ()))
            if file:
                pictures.append(
                    Annotated(name=file, boxes=drawn, place=place, width=size[0], height=size[1], split=split)
                )
        for id_, lost in boxes.items():
            tally.add("missing", f"image {id_}")
            del lost
    return Annotations(form="coco", pictures=pictures, classes=list(classes), tally=tally)


def _boxes(value: Mapping[str, Any], names: Mapping[Any, str], tally: Tally) -> dict[Any, list[Drawn]]:
    files = {image.get("id"): str(image.get("file_name", "")) for image in _objects(value["images"])}
    boxes: dict[Any, list[Drawn]] = {}
    for each in _objects(value["annotations"]):
        id_ = each.get("image_id")
        where = files.get(id_, f"image {id_}")
        if number(each.get("iscrowd", 0)) == 1:
            tally.add("crowd", where)
        elif not (label := names.get(each.get("category_id"), "")):
            tally.add("unknown", where)
        elif edges := _edges(each, where, tally):
            boxes.setdefault(id_, []).append(Drawn(label, *edges))
    return boxes


def _edges(each: Mapping[str, Any], where: str, tally: Tally) -> tuple[float, float, float, float] | None:
    box, outline = each.get("bbox"), each.get("segmentation")
    if isinstance(box, Sequence) and len(box) == 4 and (read := numbers(box)):
        x, y, width, height = read
        return x, y, x + width, y + height
    if isinstance(outline, list) and outline and all(isinstance(part, list) and len(part) > 1 for part in outline):
        points = numbers([value for part in outline for value in part[: len(part) // 2 * 2]])
        if points:
            tally.add("polygon", where)
            return around(points)
    tally.add("unreadable", where)
    return None


def _objects(values: object) -> list[_Object]:
    return [each for each in values if isinstance(each, Mapping)] if isinstance(values, list) else []


def _stem(place: str) -> str:
    """Return what of a file's name may be a split: ``instances_val2017.json``, ``train.json``."""
    return place.rpartition("/")[2].rpartition(".")[0].removeprefix("instances_").removeprefix("_annotations.coco")
