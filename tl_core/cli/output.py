"""What a command prints: one JSON object, or lines for a person. Whatever else is printed goes to stderr."""

import contextlib
import json
import os
import sys
from collections.abc import Iterator
from typing import Any


class Show:
    """Prints the answer: one JSON object, or lines for a person."""

    def __init__(self, as_json: bool, stdout: Any) -> None:
        self.as_json = as_json
        self.stdout = stdout

    def __call__(self, value: dict[str, Any], lines: list[str]) -> None:
        print(
            json.dumps(value, ensure_ascii=False) if self.as_json else "\n".join(lines),
            file=self.stdout,
            flush=True,
        )


@contextlib.contextmanager
def stdout_for(as_json: bool) -> Iterator[Show]:
    """Keep stdout for the answer alone: whatever else is printed, by libraries too, goes to stderr."""
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as kept:
        sys.stdout.flush()
        os.dup2(2, 1)
        try:
            yield Show(as_json, kept)
        finally:
            sys.stdout.flush()
            kept.flush()
            os.dup2(kept.fileno(), 1)


def percent(accuracy: dict[str, Any]) -> str:
    """Return an accuracy with its number of pictures and its interval, for a person."""
    low, high = accuracy["interval"]
    return f"{accuracy['accuracy']:.1%} of {accuracy['n']} pictures (95 % interval {low:.1%} to {high:.1%})"


def beside_guess(accuracy: dict[str, Any]) -> str:
    """Return the same beside what a guess without looking gets; a report of an earlier version does not know that."""
    guess = accuracy.get("baseline")
    return percent(accuracy) + ("" if guess is None else f"; always naming the commonest class: {guess:.1%}")
