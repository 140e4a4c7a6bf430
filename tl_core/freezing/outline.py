"""The blocks of each network as JSON in the workspace, for pages that do not load TensorFlow."""

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tl_core.networks import catalogue
from tl_core.workspace import Workspace, read_json, write_json

if TYPE_CHECKING:
    from tl_core.networks.cut import Block

#: Of the file's form and of the way in which blocks are found; a file of another version is drawn anew.
VERSION = 2
#: Fewer blocks than this are few, and the note says why.
FEW = 5


def kept(workspace: Workspace, backbone_id: str) -> dict[str, Any] | None:
    """Return the outline of a network as ``draw`` left it, None if it never ran or was of an older version.

    Returns:
        ``{"version", "size", "note", "blocks"}``: ``size`` is the side of the pictures in pixels for which shapes and
        multiply-adds hold; ``note`` is a sentence that says why there are few blocks, or None. ``blocks`` from the
        picture upwards are ``graph.Block`` as JSON, with two differences: ``layers`` are
        ``{"name", "type", "shape", "parameters"}`` each, ``type`` being the Keras class; and ``receptive_field`` is
        None as soon as it is not smaller than the picture.

    Raises:
        InputError: there is no such network.
    """
    path = _path(workspace, backbone_id)
    if not path.is_file():
        return None
    found = read_json(path)
    return found if found.get("version") == VERSION else None


def draw(workspace_root: str | Path, backbone_id: str) -> dict[str, Any]:
    """Build the network at its default size with random weights, keep its outline and return it. In a worker."""
    import keras

    from tl_core.networks import backbone, cut

    workspace = Workspace.open(workspace_root)
    spec = catalogue.get(backbone_id)
    network = backbone.build(spec, spec.default_size, weights="random", workspace=workspace)
    blocks, layers = cut.blocks(network), cut.layer_list(network)
    keras.backend.clear_session()
    outline = {
        "version": VERSION,
        "size": spec.default_size,
        "note": _note(spec.title, blocks),
        "blocks": [_block(block, layers, spec.default_size) for block in blocks],
    }
    write_json(_path(workspace, backbone_id), outline)
    return outline


def _block(block: "Block", layers: dict[str, dict[str, Any]], size: int) -> dict[str, Any]:
    seen = block.receptive_field
    return {
        **dataclasses.asdict(block),
        "shape": list(block.shape),
        "receptive_field": seen if seen and seen < size else None,
        "layers": [layers[name] for name in block.layers],
    }


def _note(title: str, blocks: list["Block"]) -> str | None:
    if len(blocks) >= FEW:
        return None
    lines = ", ".join(f"“{block.label}”" for block in blocks[:-1])
    return (
        f"{title} can be frozen up to {lines} or as a whole, nowhere between: each of its cells takes the outputs of "
        "the two cells before it, so there is no place where a single output is all that the layers behind it need."
    )


def _path(workspace: Workspace, backbone_id: str) -> Path:
    return workspace.root / "networks" / f"{catalogue.get(backbone_id).id}.json"
