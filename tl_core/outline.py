"""The blocks of each network as JSON in the workspace, for pages that do not load TensorFlow."""

import dataclasses
from pathlib import Path
from typing import Any

from tl_core import catalogue
from tl_core.workspace import Workspace, read_json, write_json


def kept(workspace: Workspace, backbone_id: str) -> list[dict[str, Any]] | None:
    """Return the blocks of a network from the picture upwards as ``draw`` left them, None if it never ran.

    Each is ``{"id", "layers", "parameters", "shape"}``, see ``graph.Block``.
    """
    path = _path(workspace, backbone_id)
    return list(read_json(path)["blocks"]) if path.is_file() else None


def draw(workspace_root: str | Path, backbone_id: str) -> list[dict[str, Any]]:
    """Build the network at its default size with random weights, keep its blocks and return them. In a worker."""
    import keras

    from tl_core import backbone, graph

    workspace = Workspace.open(workspace_root)
    spec = catalogue.get(backbone_id)
    network = backbone.build(spec, spec.default_size, weights="random", workspace=workspace)
    blocks = [dataclasses.asdict(block) for block in graph.blocks(network)]
    keras.backend.clear_session()
    write_json(_path(workspace, backbone_id), {"blocks": blocks})
    return blocks


def _path(workspace: Workspace, backbone_id: str) -> Path:
    return workspace.root / "networks" / f"{catalogue.get(backbone_id).id}.json"
