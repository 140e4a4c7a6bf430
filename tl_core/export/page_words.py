"""What the page of a model says of it, from facts alone. Loads no TensorFlow."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tl_core import wording
from tl_core.about import Things
from tl_core.dataset import deep_grey, kinds
from tl_core.errors import InputError
from tl_core.evaluation import everything, unknowns
from tl_core.export import freeze_drawing, measured, subjects
from tl_core.export.page_file import TFJS
from tl_core.files import read_stored, write_record
from tl_core.language import N_, _
from tl_core.networks import tables
from tl_core.runs import RunFolder

#: What is said of a model that refuses nothing; of one that gives tags.
ALWAYS = N_("It always answers with one of its classes, for pictures of other things, too.")
NEVER: dict[Things, str] = {
    "tags": N_("It refuses no picture: other things, too, get the labels that reach their thresholds, or none."),
    "boxes": N_("It refuses no picture: it draws boxes around other things, too, or none."),
}
#: How the model sees an example, and what it began from: of pictures, and of other kinds of task.
SEES_PICTURES = N_("It sees a picture as {side} × {side} pixels, whatever its shape.")
SEES: dict[Things, str] = {"texts": N_("It reads at most {side} word pieces of a text, and leaves out the rest.")}
BEGAN_ON_IMAGENET = N_("Made with Thaw on {day}: {network}, trained on ImageNet ({licence}) and then on {pictures}.")
BEGAN: dict[Things, str] = {
    "texts": N_(
        "Made with Thaw on {day}: {network}, which others have published with its weights ({licence}), then trained "
        "on {pictures}."
    )
}
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
    return _("Your sentence has {length} characters and may have {most}. It is not saved. Shorten it.").format(
        length=wording.number(length), most=LONGEST
    )


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
    grey = [_("A browser shows such grey pictures in its own way.")] if deep_grey.load(run.project.folder) else []
    return [
        made(run),
        *limits(run),
        *grey,
        _("Everything runs on this device, without a network. Pictures are neither sent nor stored."),
        _("The model runs on TensorFlow.js {version} by Google (Apache-2.0).").format(version=TFJS),
    ]


def limits(run: RunFolder) -> list[str]:
    """Return what a person should know of the answers of the model, as sentences."""
    side, sees = run.recipe.image_size, SEES.get(kinds.of(run.project), SEES_PICTURES)
    grey = _("It learned from grey pictures of more than 8 bits, scaled to 8 bits as in its project.")
    return [
        _(sees).format(side=side),
        refusal(run),
        _("A probability says how sure the model is. It may be sure and wrong."),
        *([grey] if deep_grey.load(run.project.folder) else []),
    ]


def made(run: RunFolder) -> str:
    """Return when and of what the model was made, a sentence."""
    row, report = tables.get(run.recipe.backbone), run.report()
    when, classes = wording.day(run.job.created), subjects.of(run).answers(len(run.classes))
    pictures = (
        _("{pictures} of {classes}").format(pictures=wording.pictures(report.counts.train), classes=classes)
        if report
        else classes
    )
    if run.recipe.weights == "random":
        said = (
            _("Made with Thaw on {day}: {network}, trained from scratch on {pictures}.")
            if freeze_drawing.fine_tuned(run)
            else _("Made with Thaw on {day}: {network}, with random weights, its head trained on {pictures}.")
        )
        return said.format(day=when, network=row.title, pictures=pictures)
    said = _(BEGAN.get(kinds.of(run.project), BEGAN_ON_IMAGENET))
    return said.format(day=when, network=row.title, licence=row.licence or _("licence unknown"), pictures=pictures)


def refusal(run: RunFolder) -> str:
    """Return what is refused, a sentence."""
    known, share = unknowns.of(run), unknowns.refused(run)
    if known is None or known.threshold(share) <= unknowns.ALL:
        return _(NEVER.get(kinds.of(run.project), ALWAYS))
    own = wording.percent(share)
    return _(
        "“None of these” also refuses about {share} of pictures of its own classes, and misses some other things."
    ).format(share=own)


def _path(run: RunFolder) -> Path:
    return run.folder / "author.json"
