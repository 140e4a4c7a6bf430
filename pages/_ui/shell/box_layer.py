"""The script that draws boxes over a picture, which several components share."""

from pathlib import Path

from tl_core.language import N_

SCRIPT = Path(__file__).with_name("box_layer.js")
#: What the lines of boxes say, by how they look.
LEGEND = {"there": N_("There, as a person has drawn it"), "found": N_("Found by the model")}
