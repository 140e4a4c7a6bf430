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
from tl_core.export import formats, freeze_drawing, measured, page_words, stored, text_bundle
from tl_core.export.markdown import escape
from tl_core.export.measured import Measured
from tl_core.files import write_bytes
from tl_core.language import SOURCE, written_in
from tl_core.networks import tables
from tl_core.progress import Progress
from tl_core.runs import RunFolder
from tl_core.wording import classes

TASK, TEXT_TASK = "image-classification", "text-classification"
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
            f"A classifier of {_things(run)} into {classes(len(run.classes))}.",
            *("", "## How good it is", "", *(f"- {line}" for line in _measured(run)), ""),
            *("## How it was made", "", *(f"- {line}" for line in _made(run)), ""),
            *("## Limits", "", *(f"- {line}" for line in page_words.limits(run)), ""),
            *(f"## {_things(run).capitalize()}", "", *_pictures(run), ""),
            *(["## Formats", "", "| format | proof |", "|---|---|", *formats_table, ""] if proved else []),
        ]
    )


def metadata(run: RunFolder) -> str:
    """Return what model hubs read of a model, as YAML."""
    recipe, spec = run.recipe, tables.get(run.recipe.backbone)
    pretrained = recipe.weights == "imagenet"
    found = measured.of(run)
    task = TEXT_TASK if text_bundle.is_for(run) else TASK
    tags = [
        task,
        *(["bert"] if text_bundle.is_for(run) else []),
        *(["transfer-learning"] if pretrained else []),
        spec.id,
        "thaw",
    ]
    about = {
        **({"license": spec.licence.lower()} if pretrained and spec.licence else {}),
        "library_name": "keras",
        "pipeline_tag": task,
        "tags": tags,
        **({"metrics": ["accuracy"], "model-index": [_result(run, found)]} if found else {}),
    }
    dumped: str = yaml.safe_dump(about, sort_keys=False, allow_unicode=True, width=10_000)
    return dumped


def _result(run: RunFolder, found: Measured) -> dict[str, object]:
    """Return what was measured, as ``model-index`` holds it."""
    name, value = _Typed(plain(run.project.name) or run.project.slug), found.figures.accuracy
    kind = TEXT_TASK if text_bundle.is_for(run) else TASK
    task = {"type": kind, "name": kind.replace("-", " ").title()}
    data = {"type": "text" if text_bundle.is_for(run) else DATA_SET, "name": name, "split": found.split}
    metric = {"type": "accuracy", "value": value, "name": f"Accuracy on {found.figures.n} {found.split} {_things(run)}"}
    return {"name": name, "results": [{"task": task, "dataset": data, "metrics": [metric]}]}


def _things(run: RunFolder) -> str:
    return "texts" if text_bundle.is_for(run) else "pictures"


def _made(run: RunFolder) -> list[str]:
    """Return when and from what the model was made."""
    recipe, spec, report = run.recipe, tables.get(run.recipe.backbone), run.report()
    everything = recipe.everything
    pretrained = recipe.weights == "imagenet"
    line = recipe.freeze if freeze_drawing.fine_tuned(run) else "all"
    frozen = {"all": "all of it is frozen", "none": "none of it is frozen"}.get(line, f"frozen up to {escape(line)}")
    texts = text_bundle.is_for(run)
    began = f"the published ({escape(spec.source)})" if texts else "its ImageNet"
    pixels = f"{recipe.image_size} × {recipe.image_size} pixels, RGB, values 0 to 255"
    return [
        f"Run: {run.reference}, {time.strftime('%Y-%m-%d', time.localtime(run.job.created))}",
        f"Network: {escape(spec.title)}, from {began if pretrained else 'random'} weights; {frozen}",
        *([f"Licence of those weights: {spec.licence}"] if pretrained and spec.licence else []),
        f"Input: {f'at most {recipe.image_size} word pieces of a text' if texts else pixels}",
        f"Output: the probability of each class, in the order of {'classes.json' if texts else 'labels.txt'}",
        *([f"Temperature: {report.temperature:.3g}, in the model"] if report else []),
        *(
            [f"It repeats the run {escape(everything.run)} on more {_things(run)}, with its temperature."]
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
    return [
        *lines,
        f"The test {_things(run)} are sealed: it was not measured on them." if sealed else f"No test {_things(run)}.",
    ]


def _pictures(run: RunFolder) -> list[str]:
    counts = manifest.of_run(run).counts()
    names = " | ".join(f"{name} {_things(run)}" for name in SPLIT_NAMES.values())
    rows = [
        f"| {escape(str(label))} | {row.train} | {row.validation} | {row.test} |" for label, row in counts.iterrows()
    ]
    return [f"| class | {names} |", "|---|---|---|---|", *rows]
