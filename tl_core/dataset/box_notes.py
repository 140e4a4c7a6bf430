"""What to say about images with boxes before a network learns from them."""

from tl_core import wording
from tl_core.dataset import boxes, notes, tag_notes
from tl_core.dataset.manifest import Manifest
from tl_core.dataset.splits import VALIDATION, leaks
from tl_core.language import _

#: Fewer boxes of a class than this to learn from are said.
FEW_BOXES = 10


def problems(pictures: Manifest, *, validated: bool = True) -> list[str]:
    """Return why training cannot start, as sentences; empty if it can.

    Args:
        pictures: with boxes.
        validated: whether it takes validation images.
    """
    if pictures.table.empty:
        return [_("There are no pictures. Import pictures with their boxes.")]
    if not (pictures.split("train")["boxes"] != "").any():
        return [_("No training picture has a box. Training needs at least one.")]
    if validated and not (pictures.split(VALIDATION)["boxes"] != "").any():
        return [_("No validation picture has a box. Split the pictures again.")]
    return []


def notes_of(pictures: Manifest) -> list[str]:
    """Return what a person should know about these images, as sentences."""
    if pictures.table.empty:
        return []
    counts = box_counts(pictures)
    named = [f"{wording.quoted(label)} ({wording.number(count)})" for label, count in counts.items()]
    sentences = [
        _("{boxes} in {pictures}: {classes}.").format(
            boxes=wording.plural(sum(counts.values()), "box", "boxes"),
            pictures=wording.pictures(len(pictures.table)),
            classes=wording.listed(named, notes.MOST_NAMED),
        )
    ]
    few = [wording.quoted(label) for label, count in counts.items() if count < FEW_BOXES]
    if few:
        sentences.append(
            _("Fewer than {few} boxes: {classes}. Their results will vary.").format(
                few=FEW_BOXES, classes=wording.listed(few, notes.MOST_NAMED)
            )
        )
    return [
        *sentences,
        *tag_notes.conflict_notes(pictures),
        *notes.leak_notes(leaks(pictures.table)),
        *notes.size_notes(pictures.table),
    ]


def box_counts(pictures: Manifest) -> dict[str, int]:
    """Return the number of boxes of each class."""
    counts = dict.fromkeys(pictures.classes, 0)
    for text in pictures.table["boxes"]:
        for box in boxes.split(text):
            counts[box.label] += 1
    return counts
