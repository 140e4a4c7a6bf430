"""COCO's JSON: lists of images, of categories and of annotations that name both by their ids.

The format: https://cocodataset.org/#format-data. A box is ``[x, y, width, height]`` in pixels from the top left corner.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tl_core.boxes.annotations import SHARES, Annotated, Annotations, Drawn, Tally
from tl_core.boxes.numbers import are_shares, around, number, numbers
from tl_core.dataset.split_words import split_of
from tl_core.language import _

_Object = Mapping[str, Any]
FIELDS = ("images", "annotations", "categories")


def fits(value: object) -> bool:
    """Return whether a JSON value has COCO's form."""
    return isinstance(value, Mapping) and all(isinstance(value.get(name), list) for name in FIELDS)


def read(files: Iterable[tuple[str, Mapping[str, Any]]]) -> Annotations:
    """Return what COCO files say, given by their names and content."""
    tally, pictures, classes, remarks = Tally(), [], dict[str, None](), list[str]()
    for place, value in files:
        names = {_id(each.get("id")): str(each.get("name") or "") for each in _objects(value["categories"])}
        classes |= dict.fromkeys(name for name in names.values() if name)
        split = split_of(_stem(place))
        boxes = _boxes(value, names, tally)
        images = [each for each in _objects(value["images"]) if each.get("file_name")]
        often = Counter(_id(image.get("id")) for image in images)
        found = []
        for image in images:
            file, id_ = str(image["file_name"]), _id(image.get("id"))
            if often[id_] > 1:
                tally.add("same", file)
                continue
            size = numbers([image.get("width"), image.get("height")])
            found.append(Annotated.of(file, place, boxes.get(id_, []), size=size, split=split))
        for id_ in boxes.keys() - often.keys():
            tally.add("missing", f"image {id_}")
        shares = are_shares([edge for each in found for box in each.boxes for edge in box.edges])
        remarks += [_(SHARES).format(name=place)] if shares else []
        pictures += [each.in_shares() for each in found] if shares else found
    return Annotations(form="coco", pictures=pictures, classes=list(classes), tally=tally, remarks=remarks)


def _boxes(value: Mapping[str, Any], names: Mapping[str, str], tally: Tally) -> dict[str, list[Drawn | None]]:
    """Return the boxes of each image by its id, None for one that cannot be used."""
    files = {_id(image.get("id")): str(image.get("file_name", "")) for image in _objects(value["images"])}
    boxes: dict[str, list[Drawn | None]] = {}
    for each in _objects(value["annotations"]):
        id_ = _id(each.get("image_id"))
        boxes.setdefault(id_, []).append(_box(each, names, files.get(id_, f"image {id_}"), tally))
    return boxes


def _box(each: _Object, names: Mapping[str, str], where: str, tally: Tally) -> Drawn | None:
    label = names.get(_id(each.get("category_id")), "")
    if number(each.get("iscrowd", 0)) == 1 or not label:
        tally.add("unknown" if not label else "crowd", where)
        return None
    edges = _edges(each, where, tally)
    return Drawn(label, *edges) if edges else None


def _id(value: object) -> str:
    """Return an id as a text: some programs write a number in one place and a text in another."""
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


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
