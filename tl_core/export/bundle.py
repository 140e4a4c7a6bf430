"""The bundle of an exported model: a zip with the file, how to run it, a program that does, and the card."""

import zipfile
from collections.abc import Callable
from pathlib import Path

from tl_core.about import Things
from tl_core.dataset import kinds
from tl_core.export import box_bundle, card, page_file, picture_bundle, tag_bundle, text_bundle
from tl_core.export.formats import Format
from tl_core.files import storage_errors
from tl_core.runs import RunFolder

#: What lies beside a model, by kind of task: texts by their names, given a run, the format and how the file answers.
CONTENTS: dict[Things, Callable[[RunFolder, Format, str], dict[str, str]]] = {
    "pictures": picture_bundle.contents,
    "tags": tag_bundle.contents,
    "boxes": box_bundle.contents,
    "texts": text_bundle.contents,
}


def write(run: RunFolder, chosen: Format, file: Path, proved: str, target: Path) -> None:
    """Write the bundle.

    Args:
        run: what the file was made of.
        chosen: its format.
        file: what was made; a folder goes in with all that is in it.
        proved: how it answers, or why that is not known; for people.
        target: the zip.

    Raises:
        MissingWeightsError: the vocabulary of a network for texts is not on this machine.
        StorageError: the disk is full.
    """
    texts = {
        **CONTENTS[kinds.of(run.project)](run, chosen, proved),
        "card.md": card.text(run, card.proofs(run) | {chosen.title: proved}),
    }
    carried = page_file.carried() if chosen.in_browser else {}
    with storage_errors(), zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bundle:
        for path in sorted(file.rglob("*")) if file.is_dir() else [file]:
            bundle.write(path, path.relative_to(file.parent))
        for name, path in carried.items():
            bundle.write(path, name)
        for name, text in texts.items():
            bundle.writestr(name, text)
