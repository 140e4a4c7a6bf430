"""What to say about images with several labels before a network learns from them. Tags in the sentences are plain."""

from tl_core import wording
from tl_core.dataset import duplicates, notes
from tl_core.dataset.manifest import Manifest
from tl_core.dataset.splits import TEST, VALIDATION, leaks
from tl_core.language import _, ngettext

#: A tag on fewer images than this is called rare.
FEW_PICTURES = notes.FEW_PICTURES


def problems(pictures: Manifest, *, validated: bool = True) -> list[str]:
    """Return why training cannot start, as sentences; empty if it can.

    Args:
        pictures: with several labels each.
        validated: whether it takes validation images.
    """
    if pictures.table.empty:
        return [_("There are no pictures. Import pictures with their labels.")]
    train = pictures.split("train")
    counts = pictures.counts()["train"]
    if not len(pictures.classes):
        return [
            _("No picture has a label. Training needs at least one label that some pictures have and others do not.")
        ]
    if not len(train):
        return [_("There are no training pictures. Split the pictures again.")]
    sentences = []
    if not ((counts > 0) & (counts < len(train))).any():
        sentences.append(
            _("All training pictures have the same labels. Training needs a label that some have and others do not.")
        )
    if validated and not len(pictures.split(VALIDATION)):
        sentences.append(_("There are no validation pictures. Split the pictures again."))
    return sentences


def notes_of(pictures: Manifest) -> list[str]:
    """Return what a person should know about these images, as sentences."""
    if pictures.table.empty:
        return []
    return [
        *conflict_notes(pictures),
        *notes.leak_notes(leaks(pictures.table)),
        *_count_notes(pictures),
        *notes.size_notes(pictures.table),
    ]


def conflict_notes(pictures: Manifest) -> list[str]:
    """Return sentences on images that came twice with different labels, or look the same and have different ones."""
    sentences = []
    if number := len(pictures.conflicts):
        sentences.append(
            ngettext(
                "{n} picture came twice with different labels (“{example}”) and is not used.",
                "{n} pictures came twice with different labels (“{example}”) and are not used.",
                number,
            ).format(n=wording.number(number), example=pictures.conflicts["source"].iloc[0])
        )
    if alike := len(duplicates.conflicts(pictures.table)):
        sentences.append(
            ngettext(
                "{n} pair of pictures looks the same and has different labels.",
                "{n} pairs of pictures look the same and have different labels.",
                alike,
            ).format(n=wording.number(alike))
        )
    return sentences


def _count_notes(pictures: Manifest) -> list[str]:
    counts, every = pictures.counts(), int((pictures.table["split"] != "").sum())
    usable = (counts["total"] - counts["unused"]).sort_values(kind="stable")
    sentences = []
    if untagged := int((pictures.table["label"] == "").sum()):
        sentences.append(
            ngettext("{pictures} has no label.", "{pictures} have no label.", untagged).format(
                pictures=wording.pictures(untagged)
            )
        )
    if always := [wording.quoted(str(tag)) for tag in usable.index[usable == every]]:
        sentences.append(
            _(
                "All pictures have {tags}: a network cannot learn from them what a picture without it looks like."
            ).format(tags=wording.listed(always, notes.MOST_NAMED))
        )
    few = usable[(usable < FEW_PICTURES) & (usable < every)]
    if len(few):
        named = [f"{wording.quoted(str(tag))} ({number})" for tag, number in few.items()]
        sentences.append(
            _("Labels on fewer than {few} pictures: {tags}. Their results will vary.").format(
                few=FEW_PICTURES, tags=wording.listed(named, notes.MOST_NAMED)
            )
        )
    if not counts["test"].sum():
        sentences.append(_("There are no test pictures, so the final accuracy cannot be measured on unseen pictures."))
    for split, none in (
        (VALIDATION, _("No validation pictures have {tags}.")),
        (TEST, _("No test pictures have {tags}.")),
    ):
        lacking = [wording.quoted(str(tag)) for tag in counts.index[counts[split] == 0]]
        if lacking and counts[split].sum():
            sentences.append(none.format(tags=wording.listed(lacking, notes.MOST_NAMED)))
    return sentences
