"""The properties other than the subject by which the shortcut test tries to tell classes apart, in one table.

A new property is one row; its columns are those of ``measures.COLUMNS``, the image's ``width`` and ``height``, and
what ``columns_of`` derives from them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

ALL = "all"


@dataclass(frozen=True)
class Property:
    """Something other than the subject.

    Attributes:
        id: stable, for instance ``"border"``.
        title: as a sentence begins with it.
        columns: what it goes by, each with its title on a chart.
        advice: what to do if it tells the classes apart.
    """

    id: str
    title: str
    columns: Mapping[str, str]
    advice: str


_SAME = "Use pictures of all classes that were"
PROPERTIES = (
    Property("type", "The kind of file", {"png": "Came without loss (1: PNG …) or with (0: JPEG …)"},
             f"{_SAME} saved alike, all with or all without loss."),
    Property("saturation", "The colourfulness", {"saturation": "Colourfulness, 0 to 1"},
             f"{_SAME} taken with the same camera and settings, colour and grey in every class."),
    Property("border", "The border",
             {"border_red": "Border: mean red, 0 to 1", "border_green": "Border: mean green, 0 to 1",
              "border_blue": "Border: mean blue, 0 to 1",
              "border_spread": "Border: spread of its pixels (0: one colour)",
              "border_colour": "Border: colourfulness, 0 to 1"},
             "Cut off frames and margins, or have the same ones in every class."),
    Property("size", "The size in pixels", {"width": "Width in pixels", "height": "Height in pixels"},
             f"{_SAME} taken at about the same size."),
    Property("shape", "The aspect ratio", {"aspect": "Width divided by height"},
             f"{_SAME} cut alike, upright and wide ones in every class."),
    Property("brightness", "The brightness", {"brightness": "Mean brightness, 0 to 1"},
             f"{_SAME} taken in the same light."),
    Property("contrast", "The contrast", {"contrast": "Contrast, 0 to 1"},
             f"{_SAME} taken in the same light with the same camera."),
    Property("sharpness", "The sharpness", {"blurriness": "Sharpness (higher is sharper)"},
             f"{_SAME} taken with the same camera and focus."),
    Property("density", "The file size per pixel", {"density": "Bytes per pixel of the stored file"},
             f"It grows with detail and falls with compression. {_SAME} saved alike."),
    Property("bytes", "The file size", {"bytes": "Bytes of the stored file"},
             f"{_SAME} of about the same size and saved alike."),
)  # fmt: skip
TOGETHER = Property(
    ALL,
    "Size, light, border and the like together",
    {column: title for each in PROPERTIES for column, title in each.columns.items()},
    "Look at the classes side by side: what differs besides the subject?",
)


def columns_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows that have ``width``, ``height`` and ``measures.COLUMNS`` with the derived columns, too."""
    border = rows[["border_red", "border_green", "border_blue"]]
    return rows.assign(
        aspect=rows["width"] / rows["height"],
        density=rows["bytes"] / (rows["width"] * rows["height"]),
        border_colour=border.max(axis="columns") - border.min(axis="columns"),
    )
