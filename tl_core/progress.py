"""How long work reports what it is doing, and hears that it should stop."""

from typing import Any

from tl_core.language import NP_, pgettext

#: What work is counted in: the words for ``what``, shown in the language of whoever looks on.
COUNTED = (
    NP_("3 of 20 …", "MB"),
    NP_("3 of 20 …", "batches"),
    NP_("3 of 20 …", "blocks"),
    NP_("3 of 20 …", "files"),
    NP_("3 of 20 …", "folds"),
    NP_("3 of 20 …", "heads"),
    NP_("3 of 20 …", "pictures"),
    NP_("3 of 20 …", "pictures checked"),
    NP_("3 of 20 …", "preparation"),
    NP_("3 of 20 …", "properties"),
    NP_("3 of 20 …", "runs"),
    NP_("3 of 20 …", "seconds"),
    NP_("3 of 20 …", "steps"),
    NP_("3 of 20 …", "texts"),
)


def counted(what: str) -> str:
    """Return what work is counted in, as it stands behind "3 of 20", in the language that is read in."""
    return pgettext("3 of 20 …", what)


class Progress:
    """The listener that long work reports to. This one is silent and never stops the work.

    Work calls ``emit`` as often as it likes and asks ``stopped`` at least once per batch or per file.
    """

    def emit(self, event: str, **fields: Any) -> None:
        """Report one thing that happened.

        Args:
            event: ``"progress"`` (fields ``what``: one of ``COUNTED``, ``done``, ``total``), ``"message"``
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
