"""The card of a model: what is known about it, as Markdown."""

import time

from tl_core.accuracy import Accuracy
from tl_core.dataset import manifest
from tl_core.files import read_stored
from tl_core.networks import catalogue
from tl_core.runs import RunFolder
from tl_core.wording import classes, pictures


def text(run: RunFolder) -> str:
    """Return the card of a run. It holds facts that are on the disk, and nothing else."""
    recipe, spec = run.recipe, catalogue.get(run.recipe.backbone)
    counts = manifest.load(run.project, recipe.manifest).counts()
    rows = [f"| {label} | {row.train} | {row.validation} | {row.test} |" for label, row in counts.iterrows()]
    frozen = {"all": "all of it is frozen", "none": "none of it is frozen"}.get(
        recipe.freeze, f"frozen up to {recipe.freeze}"
    )
    began = "its ImageNet weights" if recipe.weights == "imagenet" else "random weights"
    return "\n".join(
        [
            f"# {run.project.name}",
            "",
            f"A classifier of pictures into {classes(len(run.classes))}.",
            "",
            f"- Run: {run.reference}, {time.strftime('%Y-%m-%d', time.localtime(run.job.created))}",
            f"- Network: {spec.title}, from {began}; {frozen}; licence of the weights: {spec.licence}",
            f"- Input: {recipe.image_size} × {recipe.image_size} pixels, RGB",
            *(f"- {line}" for line in _measured(run)),
            "",
            "| class | training pictures | validation pictures | test pictures |",
            "|---|---|---|---|",
            *rows,
            "",
        ]
    )


def _measured(run: RunFolder) -> list[str]:
    """Return what the model is worth, and on which pictures that was measured."""
    lines, report = [], run.report()
    if report:
        lines = [f"Validation: {report.validation.sentence()}", f"Temperature: {report.temperature:.3g}, in the model"]
    if test := read_stored(run.folder / "test.json", Accuracy):
        lines.append(f"Test: {test.sentence()}")
    else:
        lines.append(f"Test: {pictures(0)} asked; the test pictures are sealed.")
    return lines
