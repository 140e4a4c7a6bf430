"""The code of a run with all that it needs, as a zip: program or notebook, pictures in folders, network, versions."""

import json
import zipfile
from collections.abc import Sequence
from pathlib import Path

from tl_core import wording
from tl_core.dataset import folders, manifest
from tl_core.dataset.folders import Filed
from tl_core.export import card, formats, notebook, stock_network, templates, walkthrough
from tl_core.files import storage_errors
from tl_core.language import SOURCE, written_in
from tl_core.networks import backbone, keras_private
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
    data, stock = manifest.of_run(run), stock_network.of(run.recipe)
    pictures = folders.require(folders.arrange(run.project, data.table))
    network = None if stock else _network(run, progress)
    plan = walkthrough.plan(run, stock)
    program, file = walkthrough.script(run.recipe, plan), "train.py"
    if kind == "notebook":
        program, file = notebook.of(program), "train.ipynb"
    with written_in(SOURCE):
        about = {
            "plan": plan,
            "file": file,
            "counted": wording.pictures(len(pictures)),
            "size": wording.size(sum(each.path.stat().st_size for each in pictures)),
            "backbone_size": wording.size(len(network or b"")),
        }
    texts = {
        file: program,
        "README.md": templates.render("README.md.jinja", **about),
        "requirements.txt": "".join(f"{each}\n" for each in formats.get(kind).pinned(_regression(plan))),
        "classes.json": classes(data.classes, pictures),
        "card.md": card.text(run, card.proofs(run)),
    }
    with storage_errors(), folders.new_zip(target, zipfile.ZIP_DEFLATED) as bundle:
        for name, text in texts.items():
            bundle.writestr(name, text.encode(errors="replace"))
        if network:
            bundle.writestr("backbone.keras", network, zipfile.ZIP_STORED)
        folders.write(bundle, pictures, progress, "data/")


def _regression(plan: walkthrough.Plan) -> list[str]:
    return [] if plan.l2 is None else ["scikit-learn"]


def _network(run: RunFolder, progress: Progress) -> bytes:
    """Return the network that the run began with, as the content of a ``.keras`` file."""
    return keras_private.model_bytes(backbone.of_recipe(run.recipe, run.project.workspace, progress))


def classes(names: list[str], pictures: Sequence[Filed]) -> str:
    """Return the name of each class by its folder, in the order of the model's output, as JSON."""
    folder = {each.label: each.name.split("/")[1] for each in pictures}
    return json.dumps({folder[name]: name for name in names}, ensure_ascii=False, indent=2) + "\n"
