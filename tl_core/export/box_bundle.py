"""What goes with the exported model of a run on boxes: its classes, how to run it, and a program that prints boxes."""

import json

from tl_core import wording
from tl_core.evaluation import box_record
from tl_core.export import page_file, picture_bundle, readme, refusal
from tl_core.export.formats import Format
from tl_core.language import SOURCE, written_in
from tl_core.metrics.overlap import MOST, OVERLAP
from tl_core.runs import RunFolder

PROGRAM, PAGE, LABELS = "example.py", "example.html", picture_bundle.LABELS


def contents(run: RunFolder, chosen: Format, proved: str) -> dict[str, str]:
    """Return what lies beside the model, by name; ``proved`` says how it answers."""
    answers = page(run) if chosen.in_browser else {PROGRAM: program(run, chosen)}
    return {LABELS: picture_bundle.labels(run.classes), **answers, "README.md": about(run, chosen, proved)}


def page(run: RunFolder) -> dict[str, str]:
    """Return a page that lists the boxes of a picture, the best first, and the non-maximum suppression that it has."""
    chosen = {"least": box_record.results_of(run).chosen.confidence, "most": MOST, "overlap": OVERLAP}
    (written,) = page_file.example("example_boxes.html").values()
    return {PAGE: written.replace("{{chosen}}", json.dumps(chosen)), "runtime/suppression.js": page_file.suppression()}


def program(run: RunFolder, chosen: Format) -> str:
    """Return a program that prints the boxes of a picture, the best first: non-maximum suppression is in it."""
    least = box_record.results_of(run).chosen.confidence
    return picture_bundle.program(
        run,
        chosen,
        PROGRAM,
        [
            f'labels = pathlib.Path("{LABELS}").read_text(encoding="utf-8").splitlines()',
            *(line.format(file=chosen.file, output=refusal.BOXES) for line in chosen.example),
            "answer = np.asarray(probabilities)  # at each place four edges, and the score of each class",
            "def share(box, others):  # of what a box and each of the others cover, how much both do",
            "    sides = np.minimum(box[2:], others[:, 2:]) - np.maximum(box[:2], others[:, :2])",
            "    both, area = sides.clip(0).prod(axis=1), lambda boxes: (boxes[:, 2:] - boxes[:, :2]).prod(axis=1)",
            "    return both / np.maximum(area(box[None]) + area(others) - both, 1e-12)",
            "found = []",
            "for number, label in enumerate(labels):",
            "    scores = answer[:, 4 + number]",
            '    left = np.argsort(-scores, kind="stable")',
            f"    left = left[scores[left] >= {least!r}]  # the confidence that validation pictures chose",
            "    while len(left):  # non-maximum suppression: of boxes around one thing the best stays",
            "        found.append((float(scores[left[0]]), label, answer[left[0], :4]))",
            f"        left = left[1:][share(answer[left[0], :4], answer[left[1:], :4]) <= {OVERLAP}]",
            f"for score, label, edges in sorted(found, key=lambda each: -each[0])[:{MOST}]:",
            '    print(f"{score:.4f} {label}", *(f"{edge:.4f}" for edge in edges))',
        ],
    )


@written_in(f"{SOURCE}@boxes")
def about(run: RunFolder, chosen: Format, proved: str) -> str:
    """Return what the bundle holds and how to use it."""
    name = PAGE if chosen.in_browser else PROGRAM
    shows = "a page that lists" if chosen.in_browser else "a program that prints"
    words = readme.Words(
        files={
            name: f"{shows} the boxes of a picture: score, class, left, upper, right, lower edge",
            LABELS: f"its {wording.classes(len(run.classes))}, one a line, in the order of the output",
            "card.md": picture_bundle.CARD,
        },
        takes=[
            *picture_bundle.takes(run, chosen),
            f"It returns `(n, places, {4 + len(run.classes)})`: a box at each place, and the score of each class.",
            "A box is its left, upper, right and lower edge, as shares of the width and height of the picture.",
            f"Many boxes lie around each thing. `{name}` keeps the one with the highest score of those that overlap "
            f"by more than {OVERLAP} (non-maximum suppression).",
            f"It shows boxes from a confidence of {box_record.results_of(run).chosen.confidence:.4f} on. "
            f"Validation pictures{' of the run before' if run.recipe.everything else ''} chose it by F1.",
        ],
        typed=picture_bundle.typed_for(chosen, PROGRAM),
        said=[] if chosen.in_browser else [picture_bundle.EXACT],
        refusal=["A picture that is unlike all others is not refused. It may get boxes around other things, or none."],
    )
    return readme.text(run, chosen, words, proved)
