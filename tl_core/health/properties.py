"""The properties other than the subject by which the shortcut test tries to tell classes apart, in one table.

A new property is one row; its columns are those of ``measures.COLUMNS``, the image's ``width`` and ``height``, and
what ``columns_of`` derives from them.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pandas as pd

from tl_core.language import N_

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


PROPERTIES = (
    Property("type", N_("The kind of file"), {"png": N_("Came without loss (1: PNG …) or with (0: JPEG …)")},
             N_("Use pictures of all classes that were saved alike, all with or all without loss.")),
    Property("saturation", N_("The colourfulness"), {"saturation": N_("Colourfulness, 0 to 1")},
             N_("Use pictures of all classes that were taken with the same camera and settings, colour and grey in "
                "every class.")),
    Property("border", N_("The border"),
             {"border_red": N_("Border: mean red, 0 to 1"), "border_green": N_("Border: mean green, 0 to 1"),
              "border_blue": N_("Border: mean blue, 0 to 1"),
              "border_spread": N_("Border: spread of its pixels (0: one colour)"),
              "border_colour": N_("Border: colourfulness, 0 to 1")},
             N_("Cut off frames and margins, or have the same ones in every class.")),
    Property("size", N_("The size in pixels"), {"width": N_("Width in pixels"), "height": N_("Height in pixels")},
             N_("Use pictures of all classes that were taken at about the same size.")),
    Property("shape", N_("The aspect ratio"), {"aspect": N_("Width divided by height")},
             N_("Use pictures of all classes that were cut alike, upright and wide ones in every class.")),
    Property("brightness", N_("The brightness"), {"brightness": N_("Mean brightness, 0 to 1")},
             N_("Use pictures of all classes that were taken in the same light.")),
    Property("contrast", N_("The contrast"), {"contrast": N_("Contrast, 0 to 1")},
             N_("Use pictures of all classes that were taken in the same light with the same camera.")),
    Property("sharpness", N_("The sharpness"), {"blurriness": N_("Sharpness (higher is sharper)")},
             N_("Use pictures of all classes that were taken with the same camera and focus.")),
    Property("density", N_("The file size per pixel"), {"density": N_("Bytes per pixel of the stored file")},
             N_("It grows with detail and falls with compression. Use pictures of all classes that were saved alike.")),
    Property("bytes", N_("The file size"), {"bytes": N_("Bytes of the stored file")},
             N_("Use pictures of all classes that were of about the same size and saved alike.")),
)  # fmt: skip
TOGETHER = Property(
    ALL,
    N_("Size, light, border and the like together"),
    {column: title for each in PROPERTIES for column, title in each.columns.items()},
    N_("Look at the classes side by side: what differs besides the subject?"),
)


def columns_of(rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows that have ``width``, ``height`` and ``measures.COLUMNS`` with the derived columns, too."""
    border = rows[["border_red", "border_green", "border_blue"]]
    return rows.assign(
        aspect=rows["width"] / rows["height"],
        density=rows["bytes"] / (rows["width"] * rows["height"]),
        border_colour=border.max(axis="columns") - border.min(axis="columns"),
    )
