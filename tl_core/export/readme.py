"""The README of a bundle, the same for every kind of task but for the words that a kind gives."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tl_core.evaluation import everything
from tl_core.export.formats import Format
from tl_core.export.markdown import escape
from tl_core.runs import RunFolder


@dataclass(frozen=True, kw_only=True)
class Words:
    """What the README of a kind of task says, in lines of Markdown.

    Attributes:
        files: what each file beside the model is, by its name.
        takes: what goes in, and what comes out.
        typed: what is typed to run it; empty where nothing is.
        said: what a person should know who runs it.
        refusal: what it refuses.
    """

    files: Mapping[str, str]
    takes: Sequence[str]
    typed: Sequence[str]
    said: Sequence[str]
    refusal: Sequence[str]


def text(run: RunFolder, chosen: Format, words: Words, proved: str) -> str:
    """Return what the bundle holds and how to use it; ``proved`` says how the file answers."""
    run_it = ["## Run it", "", *(f"    {line}" for line in words.typed), "", *words.said, *([""] if words.said else [])]
    unmeasured = ["## How good it is", "", everything.unmeasured(run), ""] if everything.is_unmeasured(run) else []
    return "\n".join(
        [
            f"# {escape(run.project.name)}: {chosen.title}",
            "",
            chosen.purpose,
            "",
            f"- `{chosen.file}`: the model. {chosen.note}".rstrip(),
            *(f"- `{name}`: {what}" for name, what in words.files.items()),
            "",
            "## Input and output",
            "",
            *words.takes,
            "",
            *(run_it if words.typed else []),
            *unmeasured,
            "## None of these",
            "",
            *words.refusal,
            "",
            "## Proof",
            "",
            proved,
            "",
        ]
    )
