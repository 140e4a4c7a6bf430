"""The card of a model: what is known about it, as Markdown."""

import time
from collections.abc import Mapping

from tl_core.accuracy import Accuracy
from tl_core.dataset import manifest
from tl_core.evaluation import predictions
from tl_core.files import read_stored
from tl_core.networks import catalogue
from tl_core.runs import RunFolder
from tl_core.wording import classes


def text(run: RunFolder, proofs: Mapping[str, str]) -> str:
    """Return the card of a run. It holds facts that are on the disk, and nothing else.

    Args:
        run: a run that has a model.
        proofs: of each format by its title, for people.
    """
    counts = manifest.load(run.project, run.recipe.manifest).counts()
    rows = [f"| {label} | {row.train} | {row.validation} | {row.test} |" for label, row in counts.iterrows()]
    return "\n".join(
        [
            f"# {run.project.name}",
            "",
            f"A classifier of pictures into {classes(len(run.classes))}.",
            "",
            *(f"- {line}" for line in (*_made(run), *_measured(run, int(counts["test"].sum())))),
            "",
            "| class | training pictures | validation pictures | test pictures |",
            "|---|---|---|---|",
            *rows,
            "",
            "| format | proof |",
            "|---|---|",
            *(f"| {title} | {proof} |" for title, proof in proofs.items()),
            "",
        ]
    )


def _made(run: RunFolder) -> list[str]:
    """Return when and from what the model was made."""
    recipe, spec = run.recipe, catalogue.get(run.recipe.backbone)
    began = "its ImageNet weights" if recipe.weights == "imagenet" else "random weights"
    lines = {"all": "all of it is frozen", "none": "none of it is frozen"}
    return [
        f"Run: {run.reference}, {time.strftime('%Y-%m-%d', time.localtime(run.job.created))}",
        f"Network: {spec.title}, from {began}; {lines.get(recipe.freeze, f'frozen up to {recipe.freeze}')}",
        f"Licence of the weights: {spec.licence}",
        f"Input: {recipe.image_size} × {recipe.image_size} pixels, RGB",
    ]


def _measured(run: RunFolder, test_pictures: int) -> list[str]:
    """Return what the model is worth, and on which pictures that was measured."""
    lines, report = [], run.report()
    if report:
        lines = [f"Validation: {report.validation.sentence()}", f"Temperature: {report.temperature:.3g}, in the model"]
    tested = read_stored(run.folder / "test.json", Accuracy)
    if tested and predictions.is_stored(run, "test"):
        return [*lines, f"Test: {tested.sentence()}"]
    return [*lines, "Test: not measured; the test pictures are sealed." if test_pictures else "Test: no pictures."]
