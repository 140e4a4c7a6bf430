"""Boxes written down as other programs read them: the same forms as in ``reading``."""

import csv
import io
import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tl_core.dataset.boxes import Box
from tl_core.dataset.names import safe_cell


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """A picture to be written: its file's name, its size in pixels, its boxes."""

    name: str
    width: int
    height: int
    boxes: Sequence[Box]

    def pixels(self, box: Box) -> tuple[float, float, float, float]:
        """Return the edges of a box in pixels, to a hundredth."""
        across, down = self.width, self.height
        edges = (box.x1 * across, box.y1 * down, box.x2 * across, box.y2 * down)
        x1, y1, x2, y2 = (round(edge, 2) for edge in edges)
        return x1, y1, x2, y2


def write(form: str, sheets: Sequence[Sheet], classes: Sequence[str]) -> dict[str, bytes]:
    """Return the annotation files of some pictures by their names.

    Args:
        form: a key of ``reading.FORMS``.
        sheets: the pictures; those without a box are written, too, where the form has a place for them.
        classes: in the order in which they are numbered.

    Raises:
        KeyError: there is no such form.
    """
    return _WRITERS[form](sheets, classes)


def _coco(sheets: Sequence[Sheet], classes: Sequence[str]) -> dict[str, bytes]:
    ids = {label: at for at, label in enumerate(classes, 1)}
    images = [
        {"id": at, "file_name": sheet.name, "width": sheet.width, "height": sheet.height}
        for at, sheet in enumerate(sheets, 1)
    ]
    annotations: list[dict[str, object]] = []
    for at, sheet in enumerate(sheets, 1):
        for box in sheet.boxes:
            x1, y1, x2, y2 = sheet.pixels(box)
            side = [round(x2 - x1, 2), round(y2 - y1, 2)]
            annotations.append(
                {
                    "id": len(annotations) + 1,
                    "image_id": at,
                    "category_id": ids[box.label],
                    "bbox": [x1, y1, *side],
                    "area": round(side[0] * side[1], 2),
                    "iscrowd": 0,
                }
            )
    categories = [{"id": at, "name": label} for label, at in ids.items()]
    return {"annotations.json": _json({"images": images, "annotations": annotations, "categories": categories})}


def _createml(sheets: Sequence[Sheet], classes: Sequence[str]) -> dict[str, bytes]:
    def coordinates(sheet: Sheet, box: Box) -> dict[str, float]:
        x1, y1, x2, y2 = sheet.pixels(box)
        return {"x": (x1 + x2) / 2, "y": (y1 + y2) / 2, "width": x2 - x1, "height": y2 - y1}

    value = [
        {
            "image": sheet.name,
            "annotations": [{"label": box.label, "coordinates": coordinates(sheet, box)} for box in sheet.boxes],
        }
        for sheet in sheets
    ]
    return {"annotations.json": _json(value)}


def _voc(sheets: Sequence[Sheet], classes: Sequence[str]) -> dict[str, bytes]:
    files = {}
    for sheet in sheets:
        root = ET.Element("annotation")
        ET.SubElement(root, "filename").text = sheet.name.rpartition("/")[2]
        size = ET.SubElement(root, "size")
        for name, value in (("width", sheet.width), ("height", sheet.height), ("depth", 3)):
            ET.SubElement(size, name).text = str(value)
        for box in sheet.boxes:
            thing = ET.SubElement(root, "object")
            ET.SubElement(thing, "name").text = box.label
            for name in ("truncated", "difficult"):
                ET.SubElement(thing, name).text = "0"
            edges, at = sheet.pixels(box), ET.SubElement(thing, "bndbox")
            first = (1, 1, 0, 0)  # pixels are counted from 1, and the last ones belong to the box
            for name, edge, more in zip(("xmin", "ymin", "xmax", "ymax"), edges, first, strict=True):
                ET.SubElement(at, name).text = f"{edge + more:g}"
        ET.indent(root)
        files[f"{_stem(sheet.name)}.xml"] = ET.tostring(root, encoding="utf-8")
    return files


def _yolo(sheets: Sequence[Sheet], classes: Sequence[str]) -> dict[str, bytes]:
    import yaml

    numbers = {label: at for at, label in enumerate(classes)}
    files = {"data.yaml": yaml.safe_dump({"names": dict(enumerate(classes))}, allow_unicode=True).encode()}
    for sheet in sheets:
        lines = [
            f"{numbers[box.label]} {(box.x1 + box.x2) / 2:.6f} {(box.y1 + box.y2) / 2:.6f} "
            f"{box.x2 - box.x1:.6f} {box.y2 - box.y1:.6f}\n"
            for box in sheet.boxes
        ]
        files[f"{_stem(sheet.name)}.txt"] = "".join(lines).encode()
    return files


def _csv(sheets: Sequence[Sheet], classes: Sequence[str]) -> dict[str, bytes]:
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\r\n")
    rows.writerow(("filename", "width", "height", "xmin", "ymin", "xmax", "ymax", "class"))
    for sheet in sheets:
        size = (safe_cell(sheet.name), sheet.width, sheet.height)
        rows.writerows((*size, *sheet.pixels(box), safe_cell(box.label)) for box in sheet.boxes)
        if not sheet.boxes:
            rows.writerow((*size, "", "", "", "", ""))
    return {"boxes.csv": text.getvalue().encode()}


_WRITERS: dict[str, Callable[[Sequence[Sheet], Sequence[str]], dict[str, bytes]]] = {
    "coco": _coco,
    "createml": _createml,
    "voc": _voc,
    "yolo": _yolo,
    "csv": _csv,
}


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()


def _stem(name: str) -> str:
    return name.rpartition(".")[0] or name
