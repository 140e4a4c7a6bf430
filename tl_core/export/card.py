"""The card of a model: what is known about it, as Markdown, with the metadata that model hubs read.

It goes into every bundle, and is a file of its own. The metadata follow
https://github.com/huggingface/hub-docs/blob/main/modelcard.md. What is not on the disk is left out: neither base model
nor data set have an id on a hub, and random weights have no licence.
"""

import time
from pathlib import Path

import yaml

from tl_core.dataset import manifest
from tl_core.dataset.names import plain
from tl_core.dataset.splits import SPLIT_NAMES, TEST
from tl_core.export import formats, freeze_drawing, measured, page_words, stored
from tl_core.export.markdown import escape
from tl_core.export.measured import Measured
from tl_core.files import write_bytes
from tl_core.language import SOURCE, written_in
from tl_core.networks import catalogue
from tl_core.progress import Progress
from tl_core.runs import RunFolder
from tl_core.wording import classes

TASK = "image-classification"
#: How a hub calls pictures that lie in a folder for each class.
DATA_SET = "imagefolder"


class _Typed(str):
    """A text that a person typed."""


# In quotes a class that is called ``null`` or ``1e3`` is a text to every reader of YAML.
yaml.add_representer(
    _Typed,
    lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", str(text), style='"'),
    Dumper=yaml.SafeDumper,
)


def make(run: RunFolder, target: Path, progress: Progress) -> None:
    """Write the card of a run. Raises StorageError."""
    write_bytes(target, text(run, proofs(run)).encode(errors="replace"))


@written_in(SOURCE)
def proofs(run: RunFolder) -> dict[str, str]:
    """Return how the model files answer that were made, in words, each by the title of its format."""
    made = [(formats.get(each.format), each) for each in stored.of_run(run)]
    return {row.title: each.sentence() for row, each in made if not row.document}


@written_in(SOURCE)
def text(run: RunFolder, proved: dict[str, str]) -> str:
    """Return the card of a run. It holds facts that are on the disk, and nothing else.

    Args:
        run: a run that has a model.
        proved: how each format answers, in words, by its title.
    """
    sentence = page_words.sentence(run)
    formats_table = [f"| {title} | {escape(proof)} |" for title, proof in proved.items()]
    return "\n".join(
        [
            *("---", metadata(run).rstrip(), "---", ""),
            *(f"# {escape(run.project.name)}", ""),
            *([escape(sentence), ""] if sentence else []),
            f"A classifier of pictures into {classes(len(run.classes))}.",
            *("", "## How good it is", "", *(f"- {line}" for line in _measured(run)), ""),
            *("## How it was made", "", *(f"- {line}" for line in _made(run)), ""),
            *("## Limits", "", *(f"- {line}" for line in page_words.limits(run)), ""),
            *("## Pictures", "", *_pictures(run), ""),
            *(["## Formats", "", "| format | proof |", "|---|---|", *formats_table, ""] if proved else []),
        ]
    )


def metadata(run: RunFolder) -> str:
    """Return what model hubs read of a model, as YAML."""
    recipe, spec = run.recipe, catalogue.get(run.recipe.backbone)
    pretrained = recipe.weights == "imagenet"
    found = measured.of(run)
    tags = [TASK, *(["transfer-learning"] if pretrained else []), spec.id, "thaw"]
    about = {
        **({"license": spec.licence.lower()} if pretrained else {}),
        "library_name": "keras",
        "pipeline_tag": TASK,
        "tags": tags,
        **({"metrics": ["accuracy"], "model-index": [_result(run, found)]} if found else {}),
    }
    dumped: str = yaml.safe_dump(about, sort_keys=False, allow_unicode=True, width=10_000)
    return dumped


def _result(run: RunFolder, found: Measured) -> dict[str, object]:
    """Return what was measured, as ``model-index`` holds it."""
    name, value = _Typed(plain(run.project.name) or run.project.slug), found.figures.accuracy
    task = {"type": TASK, "name": "Image Classification"}
    data = {"type": DATA_SET, "name": name, "split": found.split}
    metric = {"type": "accuracy", "value": value, "name": f"Accuracy on {found.figures.n} {found.split} pictures"}
    return {"name": name, "results": [{"task": task, "dataset": data, "metrics": [metric]}]}


def _made(run: RunFolder) -> list[str]:
    """Return when and from what the model was made."""
    recipe, spec, report = run.recipe, catalogue.get(run.recipe.backbone), run.report()
    everything = recipe.everything
    pretrained = recipe.weights == "imagenet"
    line = recipe.freeze if freeze_drawing.fine_tuned(run) else "all"
    frozen = {"all": "all of it is frozen", "none": "none of it is frozen"}.get(line, f"frozen up to {escape(line)}")
    return [
        f"Run: {run.reference}, {time.strftime('%Y-%m-%d', time.localtime(run.job.created))}",
        f"Network: {spec.title}, from {'its ImageNet' if pretrained else 'random'} weights; {frozen}",
        *([f"Licence of those weights: {spec.licence}"] if pretrained else []),
        f"Input: {recipe.image_size} × {recipe.image_size} pixels, RGB, values 0 to 255",
        "Output: the probability of each class, in the order of labels.txt",
        *([f"Temperature: {report.temperature:.3g}, in the model"] if report else []),
        *(
            [f"It repeats the run {escape(everything.run)} on more pictures, with its temperature."]
            if everything
            else []
        ),
    ]


def _measured(run: RunFolder) -> list[str]:
    """Return what the model is worth, and on which pictures that was measured."""
    every = measured.every(run)
    if not every:
        return [measured.not_measured(run)]
    lines = [f"{each.right()} {each.reliability()}" for each in every]
    if TEST in [each.split for each in every]:
        return lines
    sealed = len(manifest.of_run(run).split(TEST))
    return [*lines, "The test pictures are sealed: it was not measured on them." if sealed else "No test pictures."]


def _pictures(run: RunFolder) -> list[str]:
    counts = manifest.of_run(run).counts()
    names = " | ".join(f"{name} pictures" for name in SPLIT_NAMES.values())
    rows = [
        f"| {escape(str(label))} | {row.train} | {row.validation} | {row.test} |" for label, row in counts.iterrows()
    ]
    return [f"| class | {names} |", "|---|---|---|---|", *rows]
