"""The command that exports a model: make, prove and bundle it, and copy the result to a folder."""

import argparse
import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tl_core import jobs, language, runs, wording
from tl_core.cli.output import Show
from tl_core.cli.terminal import Terminal
from tl_core.cli.train import stoppable
from tl_core.dataset import kinds
from tl_core.errors import InputError, Stopped, TLError
from tl_core.export import formats, page_words, stored
from tl_core.export.stored import Export
from tl_core.files import to_json
from tl_core.paths import target_folder, typed
from tl_core.runs import RunFolder
from tl_core.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class LeftOut:
    """A format that could not be made where all were asked for.

    Attributes:
        format: its id.
        why: a sentence.
    """

    format: str
    why: str


def add_options(command: argparse.ArgumentParser) -> None:
    """Add what ``export`` takes."""
    ids = [each.id for each in formats.FORMATS]
    command.add_argument("--format", choices=[*ids, formats.ALL], required=True, help="what to make, or all of it")
    command.add_argument("--to", metavar="DIR", required=True, help="folder for the files; made if need be")
    command.add_argument("--sentence", metavar="TEXT", help="yours, below the title of page, report and card")


def export(options: argparse.Namespace, show: Show) -> None:
    """Export a run in one format, or in all that its network can be made into."""
    run, folder = runs.find(Workspace.open(options.workspace), options.run), typed(options.to)
    language.speak_of(kinds.of(run.project))
    run.require_model()
    fitting = [each.id for each in formats.of(run.project)]
    asked = fitting if options.format == formats.ALL else [formats.require(run.project, options.format).id]
    target_folder(folder)
    with contextlib.nullcontext() if options.sentence is None else page_words.trying(run, options.sentence):
        _export(run, asked, folder, show)


def _export(run: RunFolder, asked: Sequence[str], folder: Path, show: Show) -> None:
    """Export a run in each format that is asked for, and show what was made."""
    files, left_out, lines = [], list[LeftOut](), list[str]()
    with stoppable() as (terminal, _):
        for name in asked:
            try:
                made = _made(run, name, terminal)
            except TLError as problem:
                if len(asked) == 1 or isinstance(problem, Stopped):
                    raise
                left_out.append(LeftOut(format=name, why=str(problem)))
                continue
            path = stored.copy(run, made, folder)
            files.append(as_json(made, path))
            lines += _lines(made, path)
    if not files:
        raise InputError(" ".join(each.why for each in left_out))
    more = {"left_out": left_out} if left_out else {}
    show({"files": files, **more}, [*lines, *(f"left out: {each.format}: {each.why}" for each in left_out)])


def _made(run: RunFolder, name: str, terminal: Terminal) -> Export:
    job = jobs.create_in(run.project.workspace, "export", run=str(run.folder), format=name)
    result = jobs.execute(job.folder, jobs.this_process(), terminal)
    assert isinstance(result, Export), "what the job of an export returns"
    return result


def as_json(made: Export, path: Path) -> dict[str, object]:
    """Return an export as a JSON object; ``not_proved`` is there where ``proof`` is null."""
    proof = to_json(made.proof) if made.proof else None
    why = {} if made.proof else {"not_proved": made.not_proved}
    return {"format": made.format, "path": str(path), "bytes": made.bytes, "proof": proof, **why}


def _lines(made: Export, path: Path) -> list[str]:
    changed = made.proof.changed if made.proof else ()
    other = "other boxes" if made.proof and made.proof.least_overlap is not None else "another class"
    other = "other labels" if made.proof and made.proof.several else other
    names = [f"  {other}: picture {id_[:12]}…" for id_ in changed]
    return [f"{path} ({wording.size(made.bytes)})", f"  {made.sentence()}", *names]
