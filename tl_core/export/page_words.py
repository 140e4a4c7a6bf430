"""What the page of a model says of it, from facts alone. Loads no TensorFlow."""

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from tl_core import wording
from tl_core.accuracy import Accuracy
from tl_core.dataset import deep_grey
from tl_core.evaluation import predictions, unknowns
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
    """Return the author's sentence for a run, "" if there is none."""
    stored = read_stored(_path(run), AuthorWords)
    return stored.sentence if stored else ""


def write_sentence(run: RunFolder, words: str) -> None:
    """Store the author's sentence for a run, at most LONGEST characters of it."""
    write_record(_path(run), AuthorWords(sentence=" ".join(words.split())[:LONGEST]))


def changed(run: RunFolder) -> float:
    """Return when the author's sentence was written last, in seconds since the epoch; 0 if it never was."""
    return _path(run).stat().st_mtime if _path(run).is_file() else 0.0


def accuracy(run: RunFolder) -> str:
    """Return how good the model is, in words: by its test if that was opened, else by its validation pictures."""
    tested, report = read_stored(run.folder / "test.json", Accuracy), run.report()
    if tested is not None and tested.accuracy is not None and predictions.is_stored(run, "test"):
        return _measured(tested, "test pictures", "They were kept aside until the end.")
    if report is None or report.validation.accuracy is None:
        return "How often it is right was not measured."
    why = "It was not trained on them, but they chose the epoch, so this may be a little too good."
    return _measured(report.validation, "validation pictures", why)


def _measured(figures: Accuracy, pictures: str, why: str) -> str:
    right = f"Right {wording.number(figures.correct)} times of {figures.n:,} {pictures}"
    if not figures.is_counted:
        right = f"Right for {wording.percent(figures.accuracy or 0, figures.n)} of {figures.n:,} {pictures}"
    truth = f"Its true accuracy is probably {wording.interval(*figures.interval, figures.n)}."
    guess = ""
    if figures.baseline is not None:
        guess = f"; guessing would be right {wording.number(figures.baseline * figures.n)} times"
    return " ".join(each for each in (f"{right}{guess}.", truth, figures.grouped(), why) if each)


def facts(run: RunFolder) -> list[str]:
    """Return what else a person should know of the model and of the page, as sentences."""
    return [
        _made(run),
        f"It sees a picture as {run.recipe.image_size} × {run.recipe.image_size} pixels, whatever its shape.",
        _refusal(run),
        *_deep_grey(run),
        "A probability says how sure the model is. It may be sure and wrong.",
        "Everything runs on this device, without a network. Pictures are neither sent nor stored.",
        f"The model runs on TensorFlow.js {TFJS} by Google (Apache-2.0).",
    ]


def _made(run: RunFolder) -> str:
    row, report = catalogue.get(run.recipe.backbone), run.report()
    day = datetime.fromtimestamp(run.model_path.stat().st_mtime)
    when, classes = f"{day.day} {day:%B %Y}", wording.classes(len(run.classes))
    pictures = f"{wording.pictures(report.counts.train)} of {classes}" if report else classes
    if run.recipe.weights == "random":
        return f"Made with Thaw on {when}: {row.title}, trained from scratch on {pictures}."
    return f"Made with Thaw on {when}: {row.title}, trained on ImageNet ({row.licence}) and then on {pictures}."


def _refusal(run: RunFolder) -> str:
    known, share = unknowns.of(run), unknowns.refused(run)
    if known is None or known.threshold(share) <= unknowns.ALL:
        return "It always answers with one of its classes, for pictures of other things, too."
    own = wording.percent(share)
    return f"“None of these” also refuses about {own} of pictures of its own classes, and misses some other things."


def _deep_grey(run: RunFolder) -> list[str]:
    if not deep_grey.load(run.project.folder):
        return []
    return ["It learned from grey pictures of more than 8 bits. A browser shows those in its own way."]


def _path(run: RunFolder) -> Path:
    return run.folder / "author.json"
