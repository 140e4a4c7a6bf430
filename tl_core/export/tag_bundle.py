"""What goes with the exported model of a run on pictures with several labels: its tags, from when on each is given."""

import json

from tl_core import wording
from tl_core.evaluation import tags
from tl_core.export import page_file, picture_bundle, readme, refusal
from tl_core.export.formats import Format
from tl_core.language import SOURCE, written_in
from tl_core.runs import RunFolder

PROGRAM, TAGS = "predict.py", "tags.json"


def contents(run: RunFolder, chosen: Format, proved: str) -> dict[str, str]:
    """Return what lies beside the model, by name; ``proved`` says how it answers."""
    answers = page_file.example("example_tags.html") if chosen.in_browser else {PROGRAM: program(run, chosen)}
    return {TAGS: listed(run), **answers, "README.md": about(run, chosen, proved)}


def listed(run: RunFolder) -> str:
    """Return the tags in the order of the model's output, each with its threshold, as JSON."""
    thresholds = tags.thresholds_of(run).of
    rows = [{"tag": tag, "threshold": thresholds[tag]} for tag in run.classes]
    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"


def program(run: RunFolder, chosen: Format) -> str:
    """Return a program that prints the tags of a picture, and before them the probability of each tag."""
    return picture_bundle.program(
        run,
        chosen,
        PROGRAM,
        [
            *(line.format(file=chosen.file, output=refusal.PROBABILITIES) for line in chosen.example),
            f'rows = list(zip(json.loads(pathlib.Path("{TAGS}").read_text(encoding="utf-8")), probabilities))',
            "for row, probability in rows:",
            "    print(f\"{probability:.4f} {row['tag']} (from {row['threshold']:.4f} on)\")",
            'given = [row["tag"] for row, probability in rows if probability >= row["threshold"]]',
            'print(", ".join(given) or "no label")',
        ],
        modules="io, json, os, pathlib, sys",
    )


@written_in(f"{SOURCE}@tags")
def about(run: RunFolder, chosen: Format, proved: str) -> str:
    """Return what the bundle holds and how to use it."""
    chosen_on = tags.thresholds_of(run).chosen_on
    words = readme.Words(
        files={
            **({} if chosen.in_browser else {PROGRAM: "a program that prints the labels of a picture"}),
            TAGS: f"its {wording.tags(len(run.classes))} in the order of the output, each with its threshold",
            "card.md": picture_bundle.CARD,
        },
        takes=[
            *picture_bundle.takes(run, chosen),
            f"It returns {len(run.classes)} numbers for a picture: the probability of each label, by itself.",
            f"A label is given where its probability reaches its threshold in `{TAGS}`. A picture may get no label.",
            _thresholds(chosen_on),
        ],
        typed=picture_bundle.typed_for(chosen, PROGRAM),
        said=[] if chosen.in_browser else [picture_bundle.EXACT],
        refusal=["A picture that is unlike all others is not refused. It gets the labels that reach their thresholds."],
    )
    return readme.text(run, chosen, words, proved)


def _thresholds(chosen_on: int) -> str:
    if not chosen_on:
        return "There were no validation pictures to choose them, so each is 0.5."
    return f"The thresholds have the highest F1 on {wording.of_split(chosen_on, 'validation')}."
