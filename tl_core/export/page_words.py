"""What the page of a model says of it, from facts alone. Loads no TensorFlow."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tl_core import wording
from tl_core.dataset import deep_grey
from tl_core.errors import InputError
from tl_core.evaluation import everything, unknowns
from tl_core.export import freeze_drawing, measured
from tl_core.export.page_file import TFJS
from tl_core.files import read_stored, write_record
from tl_core.networks import catalogue
from tl_core.runs import RunFolder

#: A sentence of the author's has at most so many characters.
LONGEST = 300


@dataclass(frozen=True, kw_only=True)
class AuthorWords:
    """What the author says of a model: one ``sentence`` or two."""

    sentence: str = ""


def sentence(run: RunFolder) -> str:
    """Return the author's sentence for a run, else that for the run which it repeats, "" if there is none."""
    stored = read_stored(_path(run), AuthorWords)
    if stored is None and (before := everything.source(run)):
        return sentence(before)
    return stored.sentence if stored else ""


def problem(words: str) -> str:
    """Return why a sentence cannot be stored, "" if it can."""
    length = len(" ".join(words.split()))
    if length <= LONGEST:
        return ""
    return f"Your sentence has {length:,} characters and may have {LONGEST}. It is not saved. Shorten it."


def write_sentence(run: RunFolder, words: str) -> None:
    """Store the author's sentence for a run. Raises InputError if it is longer than LONGEST."""
    if why := problem(words):
        raise InputError(why)
    write_record(_path(run), AuthorWords(sentence=" ".join(words.split())))


@contextlib.contextmanager
def trying(run: RunFolder, words: str) -> Iterator[None]:
    """Use a sentence for what is made in the block; if that fails, the one before stays. Errors: ``write_sentence``."""
    before = read_stored(_path(run), AuthorWords)
    write_sentence(run, words)
    try:
        yield
    except BaseException:
        if run.ready:
            write_record(_path(run), before) if before else _path(run).unlink(missing_ok=True)
        raise


def changed(run: RunFolder) -> float:
    """Return when the author's sentence or the result of the test was written last, in seconds since the epoch."""
    written = [path.stat().st_mtime for path in (_path(run), run.folder / "test.json") if path.is_file()]
    return max(written, default=0.0)


def accuracy(run: RunFolder) -> str:
    """Return how good the model is, in words: by its test if that was opened, else by its validation pictures."""
    found = measured.of(run)
    return f"{found.right()} {found.reliability()}" if found else measured.not_measured(run)


def facts(run: RunFolder) -> list[str]:
    """Return what else a person should know of the model and of the page, as sentences."""
    grey = ["A browser shows such grey pictures in its own way."] if deep_grey.load(run.project.folder) else []
    return [
        made(run),
        *limits(run),
        *grey,
        "Everything runs on this device, without a network. Pictures are neither sent nor stored.",
        f"The model runs on TensorFlow.js {TFJS} by Google (Apache-2.0).",
    ]


def limits(run: RunFolder) -> list[str]:
    """Return what a person should know of the answers of the model, as sentences."""
    side = run.recipe.image_size
    grey = "It learned from grey pictures of more than 8 bits, scaled to 8 bits as in its project."
    return [
        f"It sees a picture as {side} × {side} pixels, whatever its shape.",
        refusal(run),
        "A probability says how sure the model is. It may be sure and wrong.",
        *([grey] if deep_grey.load(run.project.folder) else []),
    ]


def made(run: RunFolder) -> str:
    """Return when and of what the model was made, a sentence."""
    row, report = catalogue.get(run.recipe.backbone), run.report()
    day = datetime.fromtimestamp(run.job.created)
    when, classes = f"{day.day} {day:%B %Y}", wording.classes(len(run.classes))
    pictures = f"{wording.pictures(report.counts.train)} of {classes}" if report else classes
    if run.recipe.weights == "random":
        learned = "trained from scratch" if freeze_drawing.fine_tuned(run) else "with random weights, its head trained"
        return f"Made with Thaw on {when}: {row.title}, {learned} on {pictures}."
    return f"Made with Thaw on {when}: {row.title}, trained on ImageNet ({row.licence}) and then on {pictures}."


def refusal(run: RunFolder) -> str:
    """Return what is refused, a sentence."""
    known, share = unknowns.of(run), unknowns.refused(run)
    if known is None or known.threshold(share) <= unknowns.ALL:
        return "It always answers with one of its classes, for pictures of other things, too."
    own = wording.percent(share)
    return f"“None of these” also refuses about {own} of pictures of its own classes, and misses some other things."


def _path(run: RunFolder) -> Path:
    return run.folder / "author.json"
