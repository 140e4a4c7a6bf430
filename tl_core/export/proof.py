"""Prove what was made: run the file where nothing of this program is, and compare it with what the app predicts."""

import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tl_core import wording
from tl_core.dataset import manifest
from tl_core.dataset.splits import SPLIT_PICTURES, VALIDATION
from tl_core.errors import DamagedError, NotFoundError, Stopped
from tl_core.evaluation import unknowns
from tl_core.export import page_proof, pictures, prover, reference, refusal, text_bundle
from tl_core.export.chromium import BrowserError
from tl_core.export.formats import Format
from tl_core.export.reference import Reference
from tl_core.files import storage_errors
from tl_core.language import _
from tl_core.metrics import intervals
from tl_core.networks import examples
from tl_core.progress import Progress
from tl_core.runs import RunFolder
from tl_core.storage import size

#: Pictures that a file is run over.
MOST = 200
#: Below this share of the same answers a person is warned.
ENOUGH = 0.99
#: A file that is not through by then, in seconds, is not proved.
LONGEST = 600.0
#: How often Stop is looked for, in seconds.
STEP = 0.2


@dataclass(frozen=True, kw_only=True)
class Proof:
    """How a file answers beside the app, on pictures of one split.

    Attributes:
        agree: pictures for which it names the same class.
        n: pictures.
        interval: 95% interval of the share that agrees, low and high, 0 to 1.
        max_difference: the largest difference of a probability, 0 to 1.
        milliseconds: median time of one picture, on this machine.
        bytes: of the file.
        changed: ids of the pictures for which it names another class.
        changed_to: the classes that it names for them, in the same order.
        refusals: pictures for which “none of these” is said as by the app; None where the file does not hold that rule.
        ready: seconds from opening a page until it can answer; None for other files.
        split: of the pictures: validation, or training where a run has learned from all. Whether a file answers as its
            model does can be seen on any picture.
        several: whether a picture may have several tags: then the same means exactly the same ones.
        least_overlap: of boxes that belong together, intersection over union, 0 to 1; None for labels. The same then
            means the same boxes (``box_proof``), and ``max_difference`` is of their confidence.
        precisions: mAP@50 of the file and of the app on these pictures, 0 to 1; None where all boxes are the same, and
            for labels.
    """

    agree: int
    n: int
    interval: tuple[float, float]
    max_difference: float
    milliseconds: float
    bytes: int
    changed: tuple[str, ...]
    changed_to: tuple[str, ...] = ()
    refusals: int | None = None
    ready: float | None = None
    split: str = VALIDATION
    several: bool = False
    least_overlap: float | None = None
    precisions: tuple[float, float] | None = None

    @property
    def warns(self) -> bool:
        """Whether so many pictures changed that a person should look at them."""
        return self.agree < ENOUGH * self.n

    def others(self, file: str) -> str:
        """Return for how many pictures a file answers otherwise, a sentence; ``file`` is its title."""
        if self.least_overlap is not None:
            said = _("{file} finds other boxes in {pictures} of {number}.")
            return said.format(file=file, pictures=wording.pictures(len(self.changed)), number=self.n)
        said = (
            _("{file} gives other labels to {pictures} of {number}.")
            if self.several
            else _("{file} names another class for {pictures} of {number}.")
        )
        return said.format(file=file, pictures=wording.pictures(len(self.changed)), number=self.n)

    def sentence(self) -> str:
        """Return the proof, for people.

        >>> proof = Proof(agree=2, n=3, interval=(0.2, 0.9), max_difference=0.01, milliseconds=5, bytes=1, changed=())
        >>> proof.sentence()[:60]
        'The same class for 2 of 3 validation pictures (95% interval '
        """
        said = (
            _("The same labels for {some} {pictures} ({level} interval {interval}).")
            if self.several
            else _("The same class for {some} {pictures} ({level} interval {interval}).")
        )
        if self.least_overlap is not None:
            said = _("The same boxes for {some} {pictures} ({level} interval {interval}).")
            differs = _(
                "Boxes that belong together overlap by at least {overlap}, and their confidence differs by at most "
                "{difference}."
            )
        else:
            differs = _("The largest difference of a probability is {difference}.")
        same = said.format(
            some=wording.out_of(self.agree, self.n),
            pictures=_(SPLIT_PICTURES[self.split]),
            level=wording.level(),
            interval=wording.interval(*self.interval, self.n),
        )
        difference = differs.format(
            difference=wording.fraction(self.max_difference), overlap=wording.decimal(self.least_overlap or 0, 4)
        )
        speed = _("One picture takes {time}.").format(time=wording.milliseconds(self.milliseconds))
        return " ".join([same, difference, *self._more(), speed])

    def _more(self) -> list[str]:
        lines = []
        if self.precisions is not None:
            own, app = (wording.decimal(each, 3) for each in self.precisions)
            lines.append(_("Its mAP@50 on these pictures is {own}, that of the app {app}.").format(own=own, app=app))
        if self.refusals is not None:
            lines.append(
                _("“None of these” is the same for {some}.").format(some=wording.out_of(self.refusals, self.n))
            )
        if self.ready is not None:
            lines.append(
                _("It is ready after {time} and asks nobody for anything.").format(time=wording.duration(self.ready))
            )
        return lines


def in_words(proved: Proof | None, not_proved: str | None) -> str:
    """Return a proof for people, or why there is none."""
    return proved.sentence() if proved else _("Not proved: {reason}").format(reason=_(not_proved) if not_proved else "")


class NotProvedError(Exception):
    """A file could not be run; says why, in a sentence."""


def prove(run: RunFolder, chosen: Format, file: Path, folder: Path, progress: Progress) -> Proof:
    """Run a file over pictures of its run in a process of its own and compare it with the predictions of the run.

    They are validation pictures, or training pictures where there are no others.

    Args:
        run: whose predictions for its validation and training pictures are stored.
        chosen: the format of the file.
        file: what was made.
        folder: an empty folder to run it in.
        progress: is asked whether to stop.

    Raises:
        NotProvedError: it could not be run.
        Stopped: a person pressed Stop.
    """
    if chosen.runtime is None:
        raise NotProvedError(chosen.not_proved)
    every = reference.of(run)
    if not every:
        raise NotProvedError(_("The run has no pictures to compare with."))
    app = every.at(pictures.spread(len(every), MOST))
    if chosen.runtime in page_proof.RUNTIMES:
        return _in_browser(run, chosen.runtime, file, app, folder, progress)
    try:
        asked = _asked(run, chosen, file, app)
    except (NotFoundError, DamagedError) as exc:
        raise NotProvedError(
            _("The {pictures} cannot be read. {problem}").format(pictures=_(SPLIT_PICTURES[app.split]), problem=exc)
        ) from exc
    runtime = prover.TEXTS if text_bundle.is_for(run) else chosen.runtime
    given, milliseconds = answers(runtime, file, asked, folder, progress)
    proof = compare(app, given[0], milliseconds, size(file))
    rule = refusal.of(run)
    if rule is None or len(given) == 1:
        return proof
    return replace(proof, refusals=_same_refusals(run, app, given[1] < rule.threshold))


def _asked(run: RunFolder, chosen: Format, file: Path, app: Reference) -> NDArray[np.generic]:
    """Return what a file is asked: pixels; or texts, and then the program that reads them lies beside it."""
    if not text_bundle.is_for(run):
        return pictures.pixels(run, app.ids)
    text_bundle.lay_out(run, chosen, file.parent)
    return np.array(examples.of_ids(run.project, run.recipe, app.ids).items)


def _bare(run: RunFolder, app: Reference) -> Sequence[str | bytes]:
    """Return texts, or the files of pictures."""
    if text_bundle.is_for(run):
        return examples.of_ids(run.project, run.recipe, app.ids).items
    return [manifest.image_path(run.project, id_).read_bytes() for id_ in app.ids]


def _in_browser(run: RunFolder, runtime: str, file: Path, app: Reference, folder: Path, progress: Progress) -> Proof:
    """Prove what runs in a browser: it is given pictures as files, or texts, since it prepares them itself."""
    try:
        page = page_proof.page_of(runtime, file, run, folder)
        found = page_proof.answers(page, _bare(run, app), progress)
    except OSError as exc:
        raise NotProvedError(
            _("The {pictures} cannot be read ({problem}).").format(
                pictures=_(SPLIT_PICTURES[app.split]), problem=exc.strerror
            )
        ) from exc
    except BrowserError as exc:
        raise NotProvedError(str(exc)) from exc
    proof = compare(app, found.probabilities, found.milliseconds, size(file))
    if np.isnan(found.familiarity).any():
        return replace(proof, ready=found.ready)
    return replace(proof, ready=found.ready, refusals=_same_refusals(run, app, found.refused))


def _same_refusals(run: RunFolder, app: Reference, refused: NDArray[np.bool_]) -> int:
    """Return for how many pictures a file says “none of these”, or does not, as the app."""
    judged = unknowns.judge(run, app.features, app.probabilities)
    said = np.array([each is not None and each.refused for each in judged])
    return int((said == refused).sum())


def compare(
    app: Reference, probabilities: NDArray[np.floating], milliseconds: NDArray[np.floating], bytes_: int
) -> Proof:
    """Return what a file is worth, given its probabilities ``(n, classes)`` and its times ``(n,)``.

    Raises:
        NotProvedError: it answers with something else.
    """
    if probabilities.shape != app.probabilities.shape or not np.isfinite(probabilities).all():
        raise NotProvedError(_("The file runs, and does not answer with a probability for each class."))
    named = app.named(probabilities)
    same = (named == app.named(app.probabilities)).all(axis=1)
    changed, counted = np.flatnonzero(~same).tolist(), intervals.share(same, app.groups)
    return Proof(
        agree=int(same.sum()),
        n=len(same),
        interval=counted.interval,
        max_difference=float(np.abs(probabilities - app.probabilities).max()),
        milliseconds=statistics.median(milliseconds.tolist()),
        bytes=bytes_,
        changed=tuple(app.ids[row] for row in changed),
        changed_to=tuple(app.words(named[row]) for row in changed),
        split=app.split,
        several=app.thresholds is not None,
    )


def answers(
    runtime: str, file: Path, asked: NDArray[np.generic], folder: Path, progress: Progress
) -> tuple[list[NDArray[np.floating]], NDArray[np.floating]]:
    """Run the file in a process that is isolated from this program: ``python -I`` sees installed packages alone.

    Returns:
        What it gives, each ``(n, …)``, the probabilities first; and milliseconds ``(n,)``.
    """
    script, questions, answered, said = (
        folder / name for name in ("prover.py", "asked.npz", "answers.npz", "said.txt")
    )
    with storage_errors():
        shutil.copyfile(prover.__file__, script)
        np.savez(questions, asked=asked)
        command = [sys.executable, "-I", str(script), runtime, str(file), str(questions), str(answered)]
        with said.open("wb") as output, _running(command, folder, output.fileno()) as process:
            _wait(process, progress)
    if process.returncode or not answered.is_file():
        raise NotProvedError(
            _("Its runtime could not run the file: {problem}.").format(problem=_last_line(said) or process.returncode)
        )
    with np.load(answered, allow_pickle=False) as answers:
        return [answers[str(place)] for place in range(len(answers.files) - 1)], answers["milliseconds"]


@contextmanager
def _running(command: list[str], folder: Path, output: int) -> Iterator[subprocess.Popen[bytes]]:
    """Give the process; it does not outlive the block."""
    process = subprocess.Popen(command, cwd=folder, env=_environment(folder), stdout=output, stderr=output)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _environment(folder: Path) -> dict[str, str]:
    """Return the environment without what would change how a runtime works."""
    own = {"KERAS_BACKEND": "tensorflow", "KERAS_HOME": str(folder), "TF_CPP_MIN_LOG_LEVEL": "3"}
    return {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")} | own


def _wait(process: "subprocess.Popen[bytes]", progress: Progress) -> None:
    for _again in range(round(LONGEST / STEP)):
        try:
            process.wait(STEP)
        except subprocess.TimeoutExpired:
            if progress.stopped():
                raise Stopped(_("Stopped before the file was proved. Nothing was saved.")) from None
        else:
            return
    raise NotProvedError(_("The file was not through after {time}.").format(time=wording.duration(LONGEST)))


def _last_line(path: Path) -> str:
    lines = [line.strip() for line in path.read_text(encoding="utf-8", errors="replace").splitlines()]
    return next((line for line in reversed(lines) if line), "")[:300].rstrip(".")
