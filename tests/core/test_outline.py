import pytest

from tl_core import outline
from tl_core.errors import InputError


def test_blocks_are_drawn_once_and_kept(workspace):
    assert outline.kept(workspace, "efficientnet-lite0") is None
    drawn = outline.draw(workspace.root, "efficientnet-lite0")
    assert 2 <= len(drawn) <= 30
    assert [block["id"] for block in outline.kept(workspace, "efficientnet-lite0")] == [block["id"] for block in drawn]
    assert "block_14_add" in [block["id"] for block in drawn]


def test_an_unknown_network_is_told(workspace):
    with pytest.raises(InputError, match="efficientnet-lite0"):
        outline.kept(workspace, "efficientnet-lite9")
