"""The blocks of each network as a file in the workspace, for pages that do not load TensorFlow."""

import dataclasses
from dataclasses import dataclass
from pathlib import Path

from tl_core.files import read_stored, write_record
from tl_core.language import _
from tl_core.networks import tables
from tl_core.networks.structure import Block, Layer, spoken
from tl_core.wording import quoted
from tl_core.workspace import Workspace

#: Of the file's form and of the way in which blocks are made; a file of another version is drawn again.
VERSION = 2
#: Fewer blocks than this are few, and the note says why.
FEW = 5


@dataclass(frozen=True, kw_only=True)
class Outline:
    """The blocks of a network.

    Attributes:
        size: side of the pictures in pixels for which shapes and multiply-adds hold.
        note: a sentence that says why there are few blocks, or None.
        blocks: from the picture upwards. Their receptive field is None as soon as it is not smaller than the picture.
        version: of the file.
    """

    size: int
    note: str | None
    blocks: tuple[Block, ...]
    version: int = 0

    def __post_init__(self) -> None:
        if not self.blocks or not all(each.shape for each in self.blocks):
            raise ValueError("a network has blocks, and each of them a shape")

    @property
    def lines(self) -> list[str]:
        """The values of ``recipe.freeze`` by number of frozen blocks, from ``"none"`` to ``"all"``."""
        return ["none", *(block.id for block in self.blocks[:-1]), "all"]

    def frozen_blocks(self, freeze: str) -> int:
        """Return how many blocks a value of ``recipe.freeze`` freezes; one of another network counts as ``"all"``."""
        return self.lines.index(freeze) if freeze in self.lines else len(self.blocks)

    @property
    def top_third(self) -> int:
        """How many blocks are frozen if about the top third of them trains, at least one."""
        return len(self.blocks) - max(1, round(len(self.blocks) / 3))

    @property
    def layers(self) -> list[Layer]:
        """All layers, from the picture upwards."""
        return [layer for block in self.blocks for layer in block.layers]


def load(workspace: Workspace, backbone_id: str) -> Outline | None:
    """Return the outline of a network as ``draw`` left it, None if it has to be drawn (again).

    Raises:
        InputError: there is no such network.
    """
    outline = read_stored(_path(workspace, backbone_id), Outline)
    if outline is None or outline.version != VERSION or not outline.blocks:
        return None
    note = _note(backbone_id, outline.blocks)  # in the language of who reads it, not of who drew
    return dataclasses.replace(outline, note=note)


def draw(workspace_root: str | Path, backbone_id: str) -> Outline:
    """Build the network at its default size with random weights, save its outline and return it. In a worker."""
    from tl_core.networks import backbone, cut

    workspace = Workspace.open(workspace_root)
    spec = tables.get(backbone_id)
    network = backbone.of_row(spec, spec.default_size, weights="random", workspace=workspace)
    blocks = tuple(_on_a_picture(block, spec.default_size) for block in cut.blocks(network))
    outline = Outline(version=VERSION, size=spec.default_size, note=_note(backbone_id, blocks), blocks=blocks)
    write_record(_path(workspace, backbone_id), outline)
    return outline


def _on_a_picture(block: Block, size: int) -> Block:
    field = block.receptive_field
    return dataclasses.replace(block, receptive_field=field if field and field < size else None)


def _note(backbone_id: str, blocks: tuple[Block, ...]) -> str | None:
    if len(blocks) >= FEW or tables.takes_texts(backbone_id):  # those can be cut after each block, however few
        return None
    lines = ", ".join(quoted(spoken(block.label)) for block in blocks[:-1])
    return _(
        "{network} can be frozen up to {blocks}, or completely. Each of its cells reads the two cells before "
        "it, so it cannot be cut anywhere else."
    ).format(network=tables.title(backbone_id), blocks=lines)


def _path(workspace: Workspace, backbone_id: str) -> Path:
    tables.title(backbone_id)  # there is such a network
    return workspace.shared / "networks" / f"{tables.file_name(backbone_id)}.json"
