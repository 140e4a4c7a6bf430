"""How a source was read: which picture is of which class, what is left out, and in which other ways it can be read."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from tl_core import wording
from tl_core.about import Things
from tl_core.dataset import labelling, tags
from tl_core.dataset.splits import SPLITS
from tl_core.errors import InputError
from tl_core.ingest.entries import LeftOut
from tl_core.language import N_, _

#: At most this many classes, and reasons for leaving out, are named in a sentence.
MOST_CLASSES, MOST_REASONS = 12, 6


_NONE_OF_KIND: dict[Things, str] = {
    "tags": N_("Nothing here gives several labels a picture."),
    "pictures": N_("Nothing here gives one label a picture."),
    "boxes": N_("Nothing here gives boxes."),
}
#: What a kind can be read as, too: a label is one of several.
_WIDER: dict[Things, Things] = {"pictures": "tags"}


@dataclass(frozen=True)
class Place:
    """Where a picture belongs.

    Attributes:
        name: of its entry.
        label: its class; of several labels all (``tags.join``).
        split: that the source gives it, or ``""``.
        group: what it shares with the pictures of one day, patient or camera; they stay in one split. Or ``""``.
        boxes: around things in it (``dataset.boxes.join``); ``""`` where nobody has looked at it.
    """

    name: str
    label: str
    split: str = ""
    group: str = ""
    boxes: str = ""


@dataclass(frozen=True, kw_only=True)
class Reading:
    """One way to read a source.

    Attributes:
        name: by which a person chooses it, for instance ``"folders"``.
        title: what gives the classes, in a few words.
        places: the pictures that have a class.
        left_out: the others, with the reason.
        remarks: sentences on what was taken for what.
        doubt: why a person has to choose, a sentence; empty if the reading is clear.
        kind: whether pictures have one label each or several.
    """

    name: str
    title: str
    places: Sequence[Place] = ()
    left_out: Sequence[LeftOut] = ()
    remarks: Sequence[str] = ()
    doubt: str = ""
    kind: Things = "pictures"

    @property
    def classes(self) -> dict[str, int]:
        """Pictures of each class, or with each tag, by name."""
        return dict(
            sorted(Counter(name for place in self.places for name in tags.names(self.kind, place.label)).items())
        )

    @property
    def parts(self) -> dict[str, int]:
        """Pictures that the source itself gives to each split."""
        counts = Counter(place.split for place in self.places)
        return {split: counts[split] for split in SPLITS}

    def of_kind(self, kind: Things | None) -> "Reading":
        """Return the reading for pictures of this kind, None for its own; one label is one of several then.

        Raises:
            InputError: it gives several labels, and one is asked for.
        """
        if kind is None or kind == self.kind:
            return self
        if _WIDER.get(self.kind) != kind:
            raise InputError(_(_NONE_OF_KIND[kind]))
        name = labelling.of(kind).name
        return replace(self, kind=kind, places=[replace(place, label=name(place.label)) for place in self.places])

    def summary(self) -> str:
        """Return the classes with their numbers, in one sentence.

        >>> Reading(name="folders", title="", places=[Place("a/1.jpg", "a"), Place("b/1.jpg", "b")]).summary()
        '2 classes: a (1), b (1).'
        """
        if not self.places:
            return _("No picture has a class.")
        named = [f"{label} ({wording.number(count)})" for label, count in self.classes.items()]
        count = wording.tags(len(named)) if tags.names(self.kind, "") == [] else wording.classes(len(named))
        return f"{count}: {wording.listed(named, MOST_CLASSES)}."

    def sentences(self) -> list[str]:
        """Return what a person should know before the import: classes, what was taken for what, what is left out."""
        return [self.summary(), *self.remarks, *_left_out(self.left_out)]


@dataclass(frozen=True)
class Readings:
    """Every way to read a source, the best one first; there is at least one."""

    every: Sequence[Reading]

    @property
    def best(self) -> Reading:
        """The reading that the evidence speaks for."""
        return self.every[0]

    @property
    def names(self) -> list[str]:
        """The names that ``choose`` takes."""
        return [reading.name for reading in self.every if reading.name]

    def of_kind(self, kind: Things | None) -> "Readings":
        """Return the readings in which pictures have one label each, or several; all of them for None.

        Raises:
            InputError: there is none.
        """
        fitting = [reading for reading in self.every if kind in (None, reading.kind)]
        if not fitting:
            listed = _("Readings: {readings}").format(readings=self._listed) if self.names else ""
            raise InputError(f"{_(_NONE_OF_KIND[kind or 'pictures'])} {listed}".rstrip())
        return Readings(fitting)

    def choose(self, name: str | None = None) -> Reading:
        """Return the reading of this name; None for the best one, if it is clear.

        Raises:
            InputError: there is no reading of this name, or none was named and the best one is in doubt.
        """
        if name is None:
            if self.best.doubt and self.best.name:
                raise InputError(
                    f"{self.best.doubt} "
                    + _("Choose a reading (on the command line with --as): {readings}").format(readings=self._listed)
                )
            return self.best
        named = next((reading for reading in self.every if name and reading.name == name), None)
        if named is None:
            text = _("This source has no reading “{name}”. It has none, because no picture has a class.")
            if self.names:
                text = _("This source has no reading “{name}”. Readings: {readings}")
            raise InputError(text.format(name=name, readings=self._listed))
        return named

    @property
    def _listed(self) -> str:
        return "; ".join(f"{reading.name} ({reading.title})" for reading in self.every if reading.name) + "."


def _left_out(items: Sequence[LeftOut]) -> list[str]:
    """Return what is left out, by folder and reason."""
    counts = Counter((item.name.rpartition("/")[0] or _("the top folder"), item.reason) for item in items)
    named = [
        _("Left out: {folder}, {files}. {reason}").format(
            folder=folder, files=wording.plural(count, "file", "files"), reason=_(reason)
        )
        for (folder, reason), count in counts.most_common(MOST_REASONS)
    ]
    more = len(items) - sum(count for __, count in counts.most_common(MOST_REASONS))
    return [
        *named,
        *([_("Left out: {files}.").format(files=wording.plural(more, "other file", "other files"))] if more else []),
    ]
