"""The card of a model: what is known about it, as Markdown, with the metadata that model hubs read.

It goes into every bundle, and is a file of its own. The metadata follow
https://github.com/huggingface/hub-docs/blob/main/modelcard.md. What is not on the disk is left out: neither base model
nor data set have an id on a hub, and random weights have no licence.
"""

import time
from collections.abc import Sequence
from pathlib import Path

import yaml

from tl_core import wording
from tl_core.dataset import manifest
from tl_core.dataset.names import plain
from tl_core.dataset.splits import SPLIT_NAMES, TEST
from tl_core.export import formats, freeze_drawing, measured, page_words, stored, subjects
from tl_core.export.markdown import escape
from tl_core.export.measured import Measured
from tl_core.files import write_bytes
from tl_core.networks import tables
from tl_core.progress import Progress
from tl_core.runs import RunFolder


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


def proofs(run: RunFolder) -> dict[str, str]:
    """Return how the model files answer that were made, in words, each by the title of its format."""
    made = [(formats.get(each.format), each) for each in stored.of_run(run)]
    with subjects.english(run):
        return {row.title: each.sentence() for row, each in made if not row.document}


def text(run: RunFolder, proved: dict[str, str]) -> str:
    """Return the card of a run. It holds facts that are on the disk, and nothing else.

    Args:
        run: a run that has a model.
        proved: how each format answers, in words, by its title.
    """
    with subjects.english(run):
        return _text(run, proved)


def _text(run: RunFolder, proved: dict[str, str]) -> str:
    sentence, subject = page_words.sentence(run), subjects.of(run)
    formats_table = [f"| {title} | {escape(proof)} |" for title, proof in proved.items()]
    return "\n".join(
        [
            *("---", metadata(run).rstrip(), "---", ""),
            *(f"# {escape(run.project.name)}", ""),
            *([escape(sentence), ""] if sentence else []),
            subject.does.format(answers=subject.answers(len(run.classes))),
            *("", "## How good it is", "", *(f"- {line}" for line in _measured(run)), ""),
            *_each(run),
            *("## How it was made", "", *(f"- {line}" for line in _made(run)), ""),
            *("## Limits", "", *(f"- {line}" for line in page_words.limits(run)), ""),
            *(f"## {subject.things.capitalize()}", "", *_pictures(run), ""),
            *(["## Formats", "", "| format | proof |", "|---|---|", *formats_table, ""] if proved else []),
        ]
    )


def metadata(run: RunFolder) -> str:
    """Return what model hubs read of a model, as YAML."""
    recipe, spec, subject = run.recipe, tables.get(run.recipe.backbone), subjects.of(run)
    pretrained = recipe.weights == "imagenet"
    found = measured.of(run)
    result = {"metrics": [kind for kind, *_ in found.metrics()], "model-index": [_result(run, found)]} if found else {}
    about = {
        **({"license": spec.licence.lower()} if pretrained and spec.licence else {}),
        "library_name": "keras",
        "pipeline_tag": subject.task,
        "tags": [subject.task, *subject.tags, *(["transfer-learning"] if pretrained else []), spec.id, "thaw"],
        **result,
    }
    dumped: str = yaml.safe_dump(about, sort_keys=False, allow_unicode=True, width=10_000)
    return dumped


def _result(run: RunFolder, found: Measured) -> dict[str, object]:
    """Return what was measured, as ``model-index`` holds it."""
    name, subject = _Typed(plain(run.project.name) or run.project.slug), subjects.of(run)
    pictures = f"{found.n} {found.split} {subject.things}"
    task = {"type": subject.task, "name": subject.task.replace("-", " ").title()}
    data = {"type": subject.data_set, "name": name, "split": found.split}
    metrics = [
        {"type": kind, "value": value, "name": f"{title} on {pictures}"} for kind, title, value in found.metrics()
    ]
    return {"name": name, "results": [{"task": task, "dataset": data, "metrics": metrics}]}


def _made(run: RunFolder) -> list[str]:
    """Return when and from what the model was made."""
    recipe, spec, report = run.recipe, tables.get(run.recipe.backbone), run.report()
    everything, subject = recipe.everything, subjects.of(run)
    pretrained = recipe.weights == "imagenet"
    line = recipe.freeze if freeze_drawing.fine_tuned(run) else "all"
    frozen = {"all": "all of it is frozen", "none": "none of it is frozen"}.get(line, f"frozen up to {escape(line)}")
    began = subject.began.format(source=subjects.source(spec)) if pretrained else "random"
    return [
        f"Run: {run.reference}, {time.strftime('%Y-%m-%d', time.localtime(wording.on_calendar(run.job.created)))}",
        f"Network: {escape(spec.title)}, from {began} weights; {frozen}",
        *([f"Licence of those weights: {spec.licence}"] if pretrained and spec.licence else []),
        f"Input: {subject.takes.format(size=recipe.image_size)}",
        f"Output: {subject.gives.format(order=subject.order)}",
        *([f"Temperature: {report.temperature:.3g}, in the model"] if report and subject.calibrated else []),
        *(
            [f"It repeats the run {escape(everything.run)} on more {subject.things}, with its {subject.handed_on}."]
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
    sealed, things = len(manifest.of_run(run).split(TEST)), subjects.of(run).things
    return [*lines, f"The test {things} are sealed: it was not measured on them." if sealed else f"No test {things}."]


def _each(run: RunFolder) -> list[str]:
    """Return what each tag is worth, as a table; nothing of runs that give one label."""
    rows = [row for found in measured.every(run)[:1] for row in found.each()]
    if not rows:
        return []
    head, *body = rows
    return [_row(head), _row(["---"] * len(head)), *(_row([escape(row[0]), *row[1:]]) for row in body), ""]


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _pictures(run: RunFolder) -> list[str]:
    counts, subject = manifest.of_run(run).counts(), subjects.of(run)
    names = " | ".join(f"{name} {subject.things}" for name in SPLIT_NAMES.values())
    rows = [
        f"| {escape(str(label))} | {row.train} | {row.validation} | {row.test} |" for label, row in counts.iterrows()
    ]
    return [f"| {subject.label} | {names} |", "|---|---|---|---|", *rows]
