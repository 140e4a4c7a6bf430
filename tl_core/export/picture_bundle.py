"""What goes with the exported model of a run on pictures: its labels, how to run it, and an example."""

from collections.abc import Sequence

from tl_core import wording
from tl_core.evaluation import unknowns
from tl_core.export import formats, page_file, readme, refusal
from tl_core.export.formats import Format
from tl_core.language import SOURCE, written_in
from tl_core.runs import RunFolder

#: What every example needs beside the runtime.
SHARED = ("numpy", "pillow")
LABELS = "labels.txt"
CARD = "what it was trained on and what it is worth; model hubs read it as `README.md`"


def contents(run: RunFolder, chosen: Format, proved: str) -> dict[str, str]:
    """Return what lies beside the model, by name; ``proved`` says how it answers."""
    texts = {LABELS: labels(run.classes), "README.md": about(run, chosen, proved)}
    if chosen.in_browser:
        return {**texts, **page_file.example()}
    return {**texts, "example.py": example(run, chosen)}


def labels(classes: list[str]) -> str:
    """Return class names as a file, one a line, in the order of the model's output.

    >>> labels(["cat", "dog"])
    'cat\\ndog\\n'
    """
    return "".join(f"{' '.join(name.splitlines())}\n" for name in classes)


def example(run: RunFolder, chosen: Format) -> str:
    """Return a program of at most 26 lines that prints the probabilities of a picture."""
    rule = refusal.of(run) if chosen.familiarity else None
    more = [] if rule is None else [chosen.familiarity]
    refuses = [f'print("none of these" if familiarity < {rule.threshold:.4f} else "one of these:")'] if rule else []
    return program(
        run,
        chosen,
        "example.py",
        [
            f'labels = pathlib.Path("{LABELS}").read_text(encoding="utf-8").splitlines()',
            *(line.format(file=chosen.file, output=refusal.PROBABILITIES) for line in (*chosen.example, *more)),
            *refuses,
            "for label, probability in zip(labels, probabilities):",
            '    print(f"{probability:.4f} {label}")',
        ],
    )


def program(
    run: RunFolder, chosen: Format, name: str, answers: Sequence[str], modules: str = "io, os, pathlib, sys"
) -> str:
    """Return a program that answers for a picture.

    It prepares a picture of 8 bits in sRGB as an import does, so that the answers are those of the app.

    Args:
        run: whose model it asks.
        chosen: the format of the model.
        name: of the program's file.
        answers: its last lines, which have ``pixels``, ``(1, side, side, 3)`` float32.
        modules: of Python's own that it imports.
    """
    return "\n".join(
        [
            f"# python -m pip install {' '.join(chosen.pinned(SHARED))}",
            f"# python {name} new.jpg",
            f"import {modules}",
            "import numpy as np",
            chosen.imports,
            "from PIL import Image, ImageOps",
            f"side, picture = {run.recipe.image_size}, Image.open(sys.argv[1])",
            "os.chdir(pathlib.Path(__file__).resolve().parent)  # the model lies beside this program",
            'lossy = picture.format not in ("PNG", "BMP", "TIFF", "GIF")',
            "picture.draft(None, (1024, 1024))",
            'picture = ImageOps.exif_transpose(picture).convert("RGBA")',
            'picture = Image.alpha_composite(Image.new("RGBA", picture.size, "white"), picture).convert("RGB")',
            "picture.thumbnail((1024, 1024), Image.Resampling.BICUBIC, reducing_gap=2.0)",
            "if lossy:  # an import stores it as JPEG",
            '    picture.save(stored := io.BytesIO(), "JPEG", quality=95, subsampling=0)',
            "    picture = Image.open(stored)",
            "    picture.draft(None, (2 * side, 2 * side))",
            "picture = picture.resize((side, side), Image.Resampling.BILINEAR, reducing_gap=2.0)",
            "pixels = np.asarray(picture, np.float32)[None]",
            *answers,
            "",
        ]
    )


@written_in(SOURCE)
def about(run: RunFolder, chosen: Format, proved: str) -> str:
    """Return what the bundle holds and how to use it."""
    words = readme.Words(
        files={
            LABELS: f"its {wording.classes(len(run.classes))}, one a line, in the order of the output",
            "card.md": CARD,
        },
        takes=[
            *takes(run, chosen),
            f"It returns {len(run.classes)} numbers for a picture: the probability of each class.",
        ],
        typed=typed_for(chosen, "example.py"),
        said=[] if chosen.in_browser else [EXACT],
        refusal=none_of_these(run, chosen),
    )
    return readme.text(run, chosen, words, proved)


EXACT = "It answers as the app does for pictures of 8 bits in sRGB. Grey of more bits is prepared in another way."


def typed_for(chosen: Format, program: str) -> list[str]:
    """Return what is typed to run a program on a picture, or to open the page that does it."""
    if chosen.in_browser:
        return ["python -m http.server --bind 127.0.0.1", "# then open http://127.0.0.1:8000/example.html"]
    return [f"python -m pip install {' '.join(chosen.pinned(SHARED))}", f"python {program} new.jpg"]


def takes(run: RunFolder, chosen: Format) -> list[str]:
    """Return what the model of a run takes, as lines."""
    side = run.recipe.image_size
    return [
        f"Give it an RGB picture of {side} × {side} pixels as {chosen.takes.format(side=side)}.",
        "All other preparation is inside the model.",
    ]


def none_of_these(run: RunFolder, chosen: Format) -> list[str]:
    """Return what the file holds of the calibration, and the rule by which the app refuses, which not all can hold."""
    report, rule = run.report(), refusal.of(run)
    lines = []
    if report:
        lines.append(f"The temperature, {report.temperature:.3g}, is inside the model: its probabilities are final.")
    if run.recipe.everything:
        lines.append("It and the limit below are those of the run before: no picture was left to measure them.")
    if rule is None:
        return [*lines, "The app refuses no picture for this model."]
    holds = [
        "This file does not hold the rule by which the app refuses strange pictures.",
        f"These do: {formats.holding_the_rule()}.",
        "The app answers “none of these” if",
        "",
        f"    similarity × √probability < {rule.threshold:.4f}",
    ]
    if chosen.familiarity:
        holds = [
            "Beside the probabilities it gives `familiarity`, one number for a picture. Answer “none of these” if",
            "",
            f"    familiarity < {rule.threshold:.4f}",
            "",
            "It is similarity × √probability.",
        ]
    return [
        *lines,
        *holds,
        "",
        "`probability` is the largest one. "
        "`similarity` is the mean cosine similarity of what the head sees to the nearest training pictures, "
        f"{unknowns.NEAREST} of them.",
        f"About {wording.percent(unknowns.refused(run))} of new pictures of the classes are refused by mistake.",
    ]
