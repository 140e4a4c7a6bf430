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
    if not (pictures.split("train")["label"] != "").any():
        return [_("No training picture has a box. Draw some: training needs at least one.")]
    if validated and not (pictures.split(VALIDATION)["label"] != "").any():
        return [_("No validation picture has a box. Draw boxes on more pictures, or split the pictures again.")]
    return []


def notes_of(pictures: Manifest) -> list[str]:
    """Return what a person should know about these images, as sentences."""
    if pictures.table.empty:
        return []
    counts = box_counts(pictures)
    named = [f"{wording.quoted(label)} ({wording.number(count)})" for label, count in counts.items()]
    sentences = []
    if named:
        sentences.append(
            _("{boxes} in {pictures}: {classes}.").format(
                boxes=wording.plural(sum(counts.values()), "box", "boxes"),
                pictures=wording.pictures(len(pictures.table)),
                classes=wording.listed(named, notes.MOST_NAMED),
            )
        )
    sentences += _looked_at(pictures)
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


def _looked_at(pictures: Manifest) -> list[str]:
    """Return what there is to say of pictures without a box."""
    texts, sentences = pictures.table["boxes"], []
    if unseen := int((texts == "").sum()):
        sentences.append(
            _("{pictures} without a box, and nobody has looked at them: they are not used.").format(
                pictures=wording.pictures(unseen)
            )
        )
    if nothing := int((texts == boxes.NOTHING).sum()):
        sentences.append(
            _("{pictures} on which there is nothing: they teach the network where nothing is.").format(
                pictures=wording.pictures(nothing)
            )
        )
    return sentences


def box_counts(pictures: Manifest) -> dict[str, int]:
    """Return the number of boxes of each class."""
    counts = dict.fromkeys(pictures.classes, 0)
    for text in pictures.table["boxes"]:
        for box in boxes.split(text):
            counts[box.label] += 1
    return counts
