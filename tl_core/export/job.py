"""The job that exports a run in one format: make the file, prove it, bundle it, keep it with the run."""

import errno
import logging
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

from tl_core import arrays, registry
from tl_core.about import Things
from tl_core.dataset import kinds
from tl_core.errors import InputError, NotFoundError, Stopped, StorageError, TLError
from tl_core.evaluation import inference
from tl_core.export import box_proof, bundle, formats, proof, stored
from tl_core.export.formats import Format
from tl_core.export.proof import NotProvedError, Proof
from tl_core.export.stored import Export
from tl_core.features.onnx_graph import CannotConvertError
from tl_core.files import NEW, remove_leftovers, staging, storage_errors
from tl_core.language import N_, SOURCE, _, written_in
from tl_core.progress import Progress
from tl_core.runs import RunFolder

#: What proves a file that gives something else than labels.
_PROVES: Mapping[Things, Callable[[RunFolder, Format, Path, Path, Progress], Proof]] = {"boxes": box_proof.prove}
#: What is done, one after the other.
STEPS = (N_("Making the file"), N_("Running it without Thaw"), N_("Packing it"))


def run(folder: Path, progress: Progress, *, run: str, format: str) -> Export:  # noqa: A002 - the word of the option
    """The ``export`` job: make the run in the folder ``run`` into a format.

    Raises:
        NotFoundError: the run has no model yet, or was deleted meanwhile.
        InputError: there is no such format, or its converter does not know the network.
        StorageError: the disk is full.
        Stopped: a person pressed Stop. In each case an earlier export is as it was.
    """
    source = RunFolder(Path(run))
    chosen = formats.require(source.project, format)
    source.require_model()
    remove_leftovers(folder, NEW)
    try:
        return _export(source, chosen, folder, progress)
    except (TLError, OSError) as exc:
        if source.ready or isinstance(exc, Stopped):
            raise
        raise NotFoundError(
            _("The run {run} was deleted meanwhile. Restore it from the trash, then export it again.").format(
                run=source.reference
            )
        ) from exc


def _export(run: RunFolder, chosen: Format, folder: Path, progress: Progress) -> Export:
    model = arrays.model_of(run)
    inference.ensure(run, progress)
    with staging(folder, NEW) as made, staging(folder, NEW) as room, staging(folder, NEW) as filled:
        file = made / chosen.file
        _step(progress, 0)
        _make(run, chosen, file, progress)
        if not chosen.document:
            _step(progress, 1)
        proved, not_proved = _proved(run, chosen, file, room, progress)
        _step(progress, 2)
        name = chosen.name or f"{run.project.slug}-{run.id}-{chosen.id}{'.zip' if chosen.bundled else file.suffix}"
        if chosen.bundled:
            with written_in(f"{SOURCE}@{kinds.of(run.project)}"):
                words = proof.in_words(proved, not_proved)
                bundle.write(run, chosen, file, words, filled / name)
        else:
            file.rename(filled / name)
        export = Export(
            format=chosen.id,
            file=name,
            bytes=(filled / name).stat().st_size,
            made=time.time(),
            model=model,
            proof=proved,
            not_proved=not_proved,
        )
        _go_on(progress)
        stored.put(run, export, filled)
    progress.emit("progress", what="steps", done=len(STEPS), total=len(STEPS))
    return export


def _step(progress: Progress, number: int) -> None:
    _go_on(progress)
    progress.emit("progress", what="steps", done=number, total=len(STEPS))
    progress.emit("message", text=_(STEPS[number]))


def _go_on(progress: Progress) -> None:
    if progress.stopped():
        raise Stopped(_("Stopped before the file was ready. Nothing was saved."))


def _make(run: RunFolder, chosen: Format, file: Path, progress: Progress) -> None:
    """Call the maker; converters raise errors of any kind, and on a full disk some of their own."""
    try:
        with storage_errors():
            registry.load(chosen.maker)(run, file, progress)
    except (TLError, MemoryError, FileNotFoundError):
        raise
    except CannotConvertError as problem:
        text = _("{format} cannot be made: {problem} Choose another format: {formats}.")
        said = text.format(format=_(chosen.title), problem=_(str(problem)), formats=formats.others(run.project, chosen))
        raise InputError(said) from problem
    except Exception as problem:
        if chosen.document:
            raise
        if os.strerror(errno.ENOSPC) in str(problem):
            raise StorageError(_("The disk is full. Free some space and try again. Nothing was saved.")) from problem
        logging.getLogger(__name__).info("no %s of %s", chosen.id, run.reference, exc_info=True)
        raise InputError(
            _("{format} does not know every operation of this network. Choose another format: {formats}.").format(
                format=_(chosen.title), formats=formats.others(run.project, chosen)
            )
        ) from problem


def _proved(
    run: RunFolder, chosen: Format, file: Path, folder: Path, progress: Progress
) -> tuple[Proof | None, str | None]:
    """Return the proof, or why there is none."""
    try:
        proved = _PROVES.get(kinds.of(run.project), proof.prove)(run, chosen, file, folder, progress)
    except NotProvedError as problem:
        return None, str(problem)
    if proved.warns:
        text = " ".join([proved.others(_(chosen.title)), _("Look at them before you use it.")])
        progress.emit("warning", text=text)
    return proved, None
