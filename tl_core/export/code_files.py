"""The code of a run with all that it needs, as a zip: program or notebook, pictures in folders, network, versions."""

import csv
import io
import json
import zipfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tl_core import keras_private, wording
from tl_core.about import Things
from tl_core.dataset import folders, kinds, manifest, tags
from tl_core.dataset.folders import Filed
from tl_core.dataset.splits import SPLITS
from tl_core.export import (
    card,
    formats,
    notebook,
    stock_network,
    subjects,
    tag_bundle,
    templates,
    text_bundle,
    walkthrough,
)
from tl_core.files import storage_errors
from tl_core.networks import backbone
from tl_core.progress import Progress
from tl_core.runs import RunFolder


def make_script(run: RunFolder, target: Path, progress: Progress) -> None:
    """Write the zip with a script. Errors are those of ``_write``."""
    _write(run, "script", target, progress)


def make_notebook(run: RunFolder, target: Path, progress: Progress) -> None:
    """Write the zip with a notebook. Errors are those of ``_write``."""
    _write(run, "notebook", target, progress)


def _write(run: RunFolder, kind: str, target: Path, progress: Progress) -> None:
    """Write the zip.

    Raises:
        InputError: pictures of the run are missing.
        MissingWeightsError: its network has to come as a file, and the weights are not on this machine.
        StorageError: the disk is full.
        Stopped: a person pressed Stop.
    """
    stock = stock_network.of(run.recipe)
    material = MATERIAL.get(kinds.of(run.project), _pictures)(run)
    network = None if stock else _network(run, progress)
    plan = walkthrough.plan(run, stock)
    program, file = walkthrough.script(run.recipe, plan), "train.py"
    if kind == "notebook":
        program, file = notebook.of(program), "train.ipynb"
    with subjects.english(run):
        about = {
            "plan": plan,
            "file": file,
            "counted": material.counted,
            "size": wording.size(material.bytes),
            "backbone_size": wording.size(len(network or b"")),
        }
    texts = {
        file: program,
        "README.md": templates.render("README.md.jinja", **about),
        "requirements.txt": "".join(f"{each}\n" for each in _packages(kind, plan)),
        **material.texts,
        "card.md": card.text(run, card.proofs(run)),
    }
    with storage_errors(), folders.new_zip(target, zipfile.ZIP_DEFLATED) as bundle:
        for name, text in texts.items():
            bundle.writestr(name, text.encode(errors="replace"))
        if network:
            bundle.writestr("backbone.keras", network, zipfile.ZIP_STORED)
        folders.write(bundle, material.pictures, progress, "data/")


def _packages(kind: str, plan: walkthrough.Plan) -> list[str]:
    """Return the packages that the program needs, in their versions."""
    every = formats.get(kind).pinned([] if plan.l2 is None else ["scikit-learn"])
    return [each for each in every if not (plan.texts and each.startswith("pillow"))]


@dataclass(frozen=True, kw_only=True)
class Material:
    """What the program learns from.

    Attributes:
        texts: the contents of files, by name.
        counted: how many examples there are, in words.
        bytes: of all of them.
        pictures: those that lie in folders.
    """

    texts: dict[str, str]
    counted: str
    bytes: int
    pictures: Sequence[Filed] = ()


def _pictures(run: RunFolder) -> Material:
    """Return the pictures of a run. Raises InputError if some are missing."""
    data = manifest.of_run(run)
    pictures = folders.require(folders.arrange(run.project, data.table))
    return Material(
        texts={"classes.json": classes(data.classes, pictures)},
        counted=wording.plural(len(pictures), "picture", "pictures"),
        bytes=sum(each.path.stat().st_size for each in pictures),
        pictures=pictures,
    )


def _tags(run: RunFolder) -> Material:
    """Return the pictures of a run, and the labels of each. Raises InputError if some are missing."""
    data = manifest.of_run(run)
    pictures = folders.require(folders.arrange(run.project, data.table))
    listed = io.StringIO()
    rows = csv.writer(listed)
    rows.writerow(["file", "split", *run.classes])
    has = tags.matrix([each.label for each in pictures], run.classes).astype(int).tolist()
    rows.writerows([each.name, each.split, *row] for each, row in zip(pictures, has, strict=True))
    return Material(
        texts={"labels.csv": listed.getvalue(), "labels.json": tag_bundle.listed(run)},
        counted=wording.plural(len(pictures), "picture", "pictures"),
        bytes=sum(each.path.stat().st_size for each in pictures),
        pictures=pictures,
    )


def _texts(run: RunFolder) -> Material:
    """Return the texts of a run, and how they are read."""
    data = manifest.of_run(run).table
    used = data[data["split"].isin(SPLITS)]
    listed = io.StringIO()
    rows = csv.writer(listed)
    rows.writerow(["split", "class", "text"])
    rows.writerows(used[["split", "label", "text"]].itertuples(index=False))
    return Material(
        texts={"texts.csv": listed.getvalue(), **text_bundle.reads(run)},
        counted=wording.texts(len(used)),
        bytes=len(listed.getvalue().encode()),
    )


#: What a program learns from that does not take pictures with one label.
MATERIAL: dict[Things, Callable[[RunFolder], Material]] = {"tags": _tags, "texts": _texts}


def _network(run: RunFolder, progress: Progress) -> bytes:
    """Return the network that the run began with, as the content of a ``.keras`` file."""
    return keras_private.model_bytes(backbone.of_recipe(run.recipe, run.project.workspace, progress))


def classes(names: list[str], pictures: Sequence[Filed]) -> str:
    """Return the name of each class by its folder, in the order of the model's output, as JSON."""
    folder = {each.label: each.name.split("/")[1] for each in pictures}
    return json.dumps({folder[name]: name for name in names}, ensure_ascii=False, indent=2) + "\n"
