import pytest

from tl_core.errors import InputError
from tl_core.freezing import outline
from tl_core.workspace import read_json, write_json

DEFAULT = "efficientnet-lite0"


def test_an_outline_is_drawn_once_and_kept(workspace):
    assert outline.kept(workspace, DEFAULT) is None
    drawn = outline.draw(workspace.root, DEFAULT)
    assert outline.kept(workspace, DEFAULT) == drawn
    assert (drawn["version"], drawn["size"], drawn["note"]) == (2, 224, None)
    assert len(drawn["blocks"]) == 18
    assert drawn["blocks"][15]["id"] == "block_14_add"


def test_a_block_says_what_is_in_it(workspace):
    stem, *_, last = outline.draw(workspace.root, DEFAULT)["blocks"]
    assert (stem["label"], stem["shape"], stem["parameters"], stem["receptive_field"]) == (
        "Stem",
        [112, 112, 32],
        992,
        3,
    )
    assert stem["multiply_adds"] == 112 * 112 * 3 * 3 * 3 * 32
    assert {"name": "stem_conv", "type": "Conv2D", "shape": [112, 112, 32], "parameters": 864} in stem["layers"]
    assert last["receptive_field"] is None


def test_an_outline_of_an_older_version_does_not_count(workspace):
    outline.draw(workspace.root, DEFAULT)
    path = workspace.root / "networks" / f"{DEFAULT}.json"
    write_json(path, {"blocks": read_json(path)["blocks"]})
    assert outline.kept(workspace, DEFAULT) is None


def test_a_short_list_says_why_it_is_short(workspace):
    drawn = outline.draw(workspace.root, "nasnet-mobile")
    assert len(drawn["blocks"]) == 2
    assert "the outputs of the two cells before it" in drawn["note"]


def test_an_unknown_network_is_told(workspace):
    with pytest.raises(InputError, match="efficientnet-lite0"):
        outline.kept(workspace, "efficientnet-lite9")
