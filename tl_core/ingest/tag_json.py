"""Pictures with their labels as JSON: ``[{"image": "1.jpg", "annotations": ["cat", "dog"]}, …]``, as Create ML has it.

Source: https://developer.apple.com/documentation/createml/building-a-multi-label-image-classifier-data-source
"""

import json
from collections.abc import Mapping
from typing import Any

#: What names the picture, and what holds its labels.
_PICTURE = ("image", "imagefilename", "filename", "file_name", "file")
_LABELS = ("annotations", "annotation", "labels", "label", "tags")


def read(data: bytes) -> list[tuple[str, list[str]]]:
    """Return the name of each picture with its labels; empty for any other JSON.

    >>> read(b'[{"image": "1.jpg", "annotations": ["cat", "dog"]}, {"image": "2.jpg", "annotations": []}]')
    [('1.jpg', ['cat', 'dog']), ('2.jpg', [])]
    """
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return []
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        return []
    rows = [_row({str(key).lower(): entry for key, entry in each.items()}) for each in value]
    return [row for row in rows if row is not None] if all(rows) else []


def _row(entry: Mapping[str, Any]) -> tuple[str, list[str]] | None:
    name = next((entry[key] for key in _PICTURE if isinstance(entry.get(key), str)), None)
    said = next((entry[key] for key in _LABELS if key in entry), None)
    if name is None or said is None:
        return None
    labels = [_label(each) for each in (said if isinstance(said, list) else [said])]
    return None if None in labels else (name, [label for label in labels if label])


def _label(value: object) -> str | None:
    """Return a label: a text, or that of a box of something that is seen in the picture."""
    if isinstance(value, Mapping):
        value = value.get("label", value.get("identifier"))
    return value if isinstance(value, str) else None
