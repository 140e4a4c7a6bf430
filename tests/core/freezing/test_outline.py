import pytest

from tests.core.networks import bert_files
from tl_core.errors import InputError
from tl_core.files import read_json, write_json
from tl_core.freezing import outline
from tl_core.freezing.outline import Outline
from tl_core.networks import text_catalogue
from tl_core.networks.structure import Block, Layer

DEFAULT = "efficientnet-lite0"


def test_an_outline_is_drawn_once_and_saved(workspace):
    assert outline.load(workspace, DEFAULT) is None
    drawn = outline.draw(workspace.root, DEFAULT)
    assert outline.load(workspace, DEFAULT) == drawn
    assert (drawn.version, drawn.size, drawn.note) == (2, 224, None)
    assert len(drawn.blocks) == 18
    assert drawn.blocks[15].id == "block_14_add"


def test_a_block_says_what_is_in_it(workspace):
    stem, *_, last = outline.draw(workspace.root, DEFAULT).blocks
    assert (stem.label, stem.shape, stem.parameters, stem.receptive_field) == (
        "Stem",
        (112, 112, 32),
        992,
        3,
    )
    assert stem.multiply_adds == 112 * 112 * 3 * 3 * 3 * 32
    assert Layer(name="stem_conv", type="Conv2D", shape=(112, 112, 32), parameters=864) in stem.layers
    assert last.receptive_field is None


def test_an_outline_of_an_older_version_does_not_count(workspace):
    outline.draw(workspace.root, DEFAULT)
    path = workspace.root / "networks" / f"{DEFAULT}.json"
    write_json(path, {"blocks": read_json(path)["blocks"]})
    assert outline.load(workspace, DEFAULT) is None


def test_a_bert_of_two_blocks_can_be_cut_after_each(workspace, tmp_path):
    network = text_catalogue.local(bert_files.write(tmp_path / "tiny", bert_files.BERT))
    drawn = outline.draw(workspace.root, network.id)
    assert (drawn.lines, drawn.note) == (["none", "embeddings_out", "block_01_out", "all"], None)


@pytest.mark.slow
def test_a_short_list_says_why_it_is_short(workspace):
    drawn = outline.draw(workspace.root, "nasnet-mobile")
    assert len(drawn.blocks) == 2
    assert "reads the two cells before it" in drawn.note


def test_a_damaged_outline_does_not_count(workspace):
    (workspace.root / "networks").mkdir()
    (workspace.root / "networks" / f"{DEFAULT}.json").write_text('{"version": 2, "blo')
    assert outline.load(workspace, DEFAULT) is None


def test_the_file_of_an_earlier_workspace_is_read(workspace):
    layer = {"name": "conv", "type": "Conv2D", "shape": [4, 4, 2], "parameters": 8}
    block = {"id": "conv", "label": "Stem", "layers": [layer], "parameters": 8, "multiply_adds": 32}
    block |= {"shape": [4, 4, 2], "receptive_field": None}
    path = workspace.root / "networks" / f"{DEFAULT}.json"
    write_json(path, {"version": 2, "size": 8, "note": None, "blocks": [block]})
    stored = outline.load(workspace, DEFAULT)
    assert stored.blocks[0].layers == (Layer(name="conv", type="Conv2D", shape=(4, 4, 2), parameters=8),)


def stack(count):
    """An outline of blocks that nobody looks into."""
    one = {"label": "", "layers": (), "parameters": 0, "multiply_adds": 0, "shape": (1, 1, 1), "receptive_field": None}
    return Outline(size=8, note=None, blocks=tuple(Block(id=f"block{number}", **one) for number in range(count)))


def test_a_line_is_a_number_of_blocks_and_a_value_of_the_recipe():
    three = stack(3)
    assert three.lines == ["none", "block0", "block1", "all"]
    assert [three.frozen_blocks(value) for value in three.lines] == [0, 1, 2, 3]


def test_a_line_of_another_network_counts_as_all():
    assert stack(3).frozen_blocks("block_14_add") == 3


@pytest.mark.parametrize(("blocks", "frozen"), [(1, 0), (2, 1), (3, 2), (18, 12), (30, 20)])
def test_the_top_third_leaves_a_third_of_the_blocks_and_at_least_one(blocks, frozen):
    assert stack(blocks).top_third == frozen


def test_drawing_a_network_leaves_the_names_of_other_layers_alone(workspace):
    """Another thread of the worker may be building a model whose layers Keras names."""
    import keras

    first = keras.layers.Dense(1)
    outline.draw(workspace.root, DEFAULT)
    assert keras.layers.Dense(1).name != first.name


def test_an_unknown_network_is_an_error_with_the_nearest_names(workspace):
    with pytest.raises(InputError, match="efficientnet-lite0"):
        outline.load(workspace, "efficientnet-lite9")
