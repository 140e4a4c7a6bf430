"""What a command prints: one JSON object, or lines for a person. Whatever else is printed goes to stderr."""

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Mapping
from typing import TextIO

import msgspec

from tl_core import language, wording
from tl_core.accuracy import Accuracy


class Show:
    """Prints the answer: one JSON object, or lines for a person."""

    def __init__(self, as_json: bool, stdout: TextIO) -> None:
        self.as_json = as_json
        self.stdout = stdout

    def __call__(self, value: Mapping[str, object], lines: list[str]) -> None:
        """Print ``value``, in which records become JSON objects, or the lines."""
        text = json.dumps(msgspec.to_builtins(value), ensure_ascii=False) if self.as_json else "\n".join(lines)
        print(text, file=self.stdout, flush=True)


@contextlib.contextmanager
def stdout_for(as_json: bool) -> Iterator[Show]:
    """Keep stdout for the answer alone: whatever else is printed, by libraries too, goes to stderr.

    Half of a pair, from a file name that is no valid text, is written as JSON writes it: ``\\udce9``.
    """
    with os.fdopen(os.dup(1), "w", encoding="utf-8", errors="backslashreplace") as stdout:
        sys.stdout.flush()
        os.dup2(2, 1)
        try:
            yield Show(as_json, stdout)
        finally:
            sys.stdout.flush()
            stdout.flush()
            os.dup2(stdout.fileno(), 1)


def measured(accuracy: Accuracy) -> str:
    """Return an accuracy with its number of pictures and its interval, for a person.

    >>> measured(Accuracy(accuracy=0.9, n=20, interval=(0.699, 0.972)))
    '90% of 20 pictures (95% interval 70% to 97%)'
    """
    if accuracy.accuracy is None:
        return f"unknown: no {language.things()}"
    share = wording.percent(accuracy.accuracy, accuracy.n)
    interval = wording.interval(*accuracy.interval, accuracy.n)
    return f"{share} of {wording.pictures(accuracy.n)} (95% interval {interval})"


def beside_guess(accuracy: Accuracy) -> str:
    """Return the same beside what guessing gets, where that is known."""
    guess = accuracy.baseline
    return measured(accuracy) + ("" if guess is None else f"; just guessing: {wording.percent(guess, accuracy.n)}")
