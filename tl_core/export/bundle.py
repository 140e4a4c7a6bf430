"""The bundle of an exported model: a zip with the file, its labels, how to run it, an example, and the card."""

import zipfile
from pathlib import Path

from tl_core import wording
from tl_core.evaluation import everything, unknowns
from tl_core.export import card, formats, page_file, refusal, text_bundle
from tl_core.export.formats import Format
from tl_core.export.markdown import escape
from tl_core.files import storage_errors
from tl_core.language import SOURCE, written_in
from tl_core.runs import RunFolder

#: What every example needs beside the runtime.
_SHARED = ("numpy", "pillow")


def write(run: RunFolder, chosen: Format, file: Path, proved: str, target: Path) -> None:
    """Write the bundle.

    Args:
        run: what the file was made of.
        chosen: its format.
        file: what was made; a folder goes in with all that is in it.
        proved: how it answers, or why that is not known; for people.
        target: the zip.

    Raises:
        StorageError: the disk is full.
    """
    beside = text_bundle.lay_out(run, chosen, file.parent) if text_bundle.is_for(run) else []
    texts = (
        {
            "README.md": text_bundle.readme(run, chosen, proved),
            "card.md": card.text(run, card.proofs(run) | {chosen.title: proved}),
        }
        if beside
        else {
            "labels.txt": labels(run.classes),
            "README.md": readme(run, chosen, proved),
            "card.md": card.text(run, card.proofs(run) | {chosen.title: proved}),
            **({"example.py": example(run, chosen)} if chosen.example else {}),
        }
    )
    carried = page_file.carried() if chosen.in_browser else {}
    with storage_errors(), zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as bundle:
        for path in [*(sorted(file.rglob("*")) if file.is_dir() else [file]), *beside]:
            bundle.write(path, path.relative_to(file.parent))
        for name, path in carried.items():
            bundle.write(path, name)
        for name, text in texts.items():
            bundle.writestr(name, text)


def labels(classes: list[str]) -> str:
    """Return class names as a file, one a line, in the order of the model's output.

    >>> labels(["cat", "dog"])
    'cat\\ndog\\n'
    """
    return "".join(f"{' '.join(name.splitlines())}\n" for name in classes)


def example(run: RunFolder, chosen: Format) -> str:
    """Return a program of at most 25 lines that prints the probabilities of a picture.

    It prepares a picture of 8 bits in sRGB as an import does, so that the answers are those of the app.
    """
    rule = refusal.of(run) if chosen.familiarity else None
    lines = chosen.example if rule is None else (*chosen.example, chosen.familiarity)
    refuses = [f'print("none of these" if familiarity < {rule.threshold:.4f} else "one of these:")'] if rule else []
    return "\n".join(
        [
            f"# python -m pip install {' '.join(chosen.pinned(_SHARED))}",
            "# python example.py new.jpg",
            "import io, pathlib, sys",
            "import numpy as np",
            chosen.imports,
            "from PIL import Image, ImageOps",
            f"side, picture = {run.recipe.image_size}, Image.open(sys.argv[1])",
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
            'labels = pathlib.Path("labels.txt").read_text(encoding="utf-8").splitlines()',
            *(line.format(file=chosen.file) for line in lines),
            *refuses,
            "for label, probability in zip(labels, probabilities):",
            '    print(f"{probability:.4f} {label}")',
            "",
        ]
    )


@written_in(SOURCE)
def readme(run: RunFolder, chosen: Format, proved: str) -> str:
    """Return what the bundle holds and how to use it."""
    side = run.recipe.image_size
    typed = [f"python -m pip install {' '.join(chosen.pinned(_SHARED))}", "python example.py new.jpg"]
    if chosen.in_browser:
        typed = ["python -m http.server --bind 127.0.0.1", "# then open http://127.0.0.1:8000/example.html"]
    exact = "It answers as the app does for pictures of 8 bits in sRGB. Grey of more bits is prepared in another way."
    run_it = ["## Run it", "", *(f"    {line}" for line in typed), "", *([exact, ""] if chosen.example else [])]
    return "\n".join(
        [
            f"# {escape(run.project.name)}: {chosen.title}",
            "",
            chosen.purpose,
            "",
            f"- `{chosen.file}`: the model. {chosen.note}".rstrip(),
            f"- `labels.txt`: its {wording.classes(len(run.classes))}, one a line, in the order of the output",
            "- `card.md`: what it was trained on and what it is worth; model hubs read it as `README.md`",
            "",
            "## Input and output",
            "",
            f"Give it an RGB picture of {side} × {side} pixels as {chosen.takes.format(side=side)}.",
            "All other preparation is inside the model.",
            f"It returns {len(run.classes)} numbers for a picture: the probability of each class.",
            "",
            *(run_it if chosen.example or chosen.in_browser else []),
            *_unmeasured(run),
            "## None of these",
            "",
            *none_of_these(run, chosen),
            "",
            "## Proof",
            "",
            proved,
            "",
        ]
    )


def _unmeasured(run: RunFolder) -> list[str]:
    return ["## How good it is", "", everything.unmeasured(run), ""] if everything.is_unmeasured(run) else []


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
