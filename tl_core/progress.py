"""How long work reports what it is doing, and hears that it should stop."""

from typing import Any


class Progress:
    """The listener that long work reports to. This one is silent and never stops the work.

    Work calls ``emit`` as often as it likes and asks ``stopped`` at least once per batch or per file.
    """

    def emit(self, event: str, **fields: Any) -> None:
        """Report one thing that happened.

        Args:
            event: ``"progress"`` (fields ``what``: a word for a person, ``done``, ``total``), ``"message"``
                (field ``text``: what it does now), ``"warning"`` (field ``text``: what a person should know after
                the end, too), or an event of the work's own, such as ``"epoch"``.
            **fields: JSON values.
        """

    def stopped(self) -> bool:
        """Return True once a person has asked the work to stop."""
        return False


class OnlyWarnings(Progress):
    """Passes on what a person should know, and nothing else; never stops the work."""

    def __init__(self, progress: Progress) -> None:
        self._progress = progress

    def emit(self, event: str, **fields: Any) -> None:
        if event == "warning":
            self._progress.emit(event, **fields)
