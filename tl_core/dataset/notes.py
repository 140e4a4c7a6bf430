"""What to say about a set of images before a network learns from it. Names in the sentences are plain text."""

from collections.abc import Collection

import pandas as pd

from tl_core import wording
from tl_core.dataset import duplicates
from tl_core.dataset.manifest import Manifest
from tl_core.dataset.splits import SPLITS, TEST, TRAIN, VALIDATION, divided, leaks
from tl_core.language import _, ngettext

#: A class with fewer images than this is called small.
FEW_PICTURES = 20
#: Classes are called uneven if the largest has this many times the images of the smallest.
UNEVEN = 3.0
#: An image with a side of fewer pixels than this is called small.
SMALL_SIDE = 64
#: At most this many classes are named in a sentence.
MOST_NAMED = 5


def problems(pictures: Manifest, *, validated: bool = True) -> list[str]:
    """Return why training cannot start, as sentences; empty if it can.

    Args:
        pictures: to train on.
        validated: whether it takes validation images.
    """
    counts = pictures.counts()
    if counts.empty:
        return [_("There are no pictures. Import pictures of at least two classes.")]
    usable = counts["total"] - counts["unused"]
    sentences = []
    if len(counts) == 1:
        sentences.append(
            _("There is only one class, “{label}”. Training needs at least two.").format(label=counts.index[0])
        )
    sentences += [
        _(
            "The class “{label}” has {pictures} to learn from; it needs at least 2. Add some or remove the class."
        ).format(label=label, pictures=wording.pictures(int(number)))
        for label, number in usable.items()
        if number < 2
    ]
    sentences += [
        _(
            "The class “{label}” has no training pictures. Add some, remove the class, or split "
            "again without keeping the splits of the folders."
        ).format(label=label)
        for label in counts.index[(counts["train"] == 0) & (usable >= 2)]
    ]
    if validated and usable.sum() and not counts["validation"].sum():
        sentences.append(_("There are no validation pictures. Split the pictures again."))
    return sentences


def notes(pictures: Manifest) -> list[str]:
    """Return what a person should know about these images, as sentences."""
    if pictures.table.empty:
        return []
    return [*alike_notes(pictures), *_count_notes(pictures.counts()), *size_notes(pictures.table)]


def alike_notes(pictures: Manifest) -> list[str]:
    """Return what to say about conflicts, copies and bursts: one image with two labels, one in two splits."""
    return [*_conflict_notes(pictures.conflicts), *_copy_notes(pictures.table)]


def leak_notes(leaking: pd.DataFrame, of: Collection[str] = SPLITS) -> list[str]:
    """Return how many images of one split are also in another, as sentences.

    Args:
        leaking: what ``splits.leaks`` returned.
        of: the splits whose accuracy is shown.
    """
    sentences = []
    for split, other in ((TEST, TRAIN), (VALIDATION, TRAIN), (TEST, VALIDATION)):
        one = leaking.loc[(leaking["first_split"] == split) & (leaking["second_split"] == other), "first"]
        two = leaking.loc[(leaking["second_split"] == split) & (leaking["first_split"] == other), "second"]
        if (number := len({*one, *two})) and split in of:
            sentences.append(_leaking(split, other, number))
    return sentences


def _leaking(split: str, other: str, n: int) -> str:
    if (split, other) == (TEST, TRAIN):
        sentence = ngettext(
            "{n} test picture also appears in training, exactly or nearly: the accuracy will look better than it is.",
            "{n} test pictures also appear in training, exactly or nearly: the accuracy will look better than it is.",
            n,
        )
    elif split == TEST:
        sentence = ngettext(
            "{n} test picture also appears in validation, exactly or nearly: the accuracy will look better than it is.",
            "{n} test pictures also appear in validation, exactly or nearly: the accuracy will look better than it is.",
            n,
        )
    else:
        sentence = ngettext(
            "{n} validation picture also appears in training, exactly or nearly: the accuracy will look better than it "
            "is.",
            "{n} validation pictures also appear in training, exactly or nearly: the accuracy will look better than it "
            "is.",
            n,
        )
    return sentence.format(n=wording.number(n))


def _conflict_notes(conflicts: pd.DataFrame) -> list[str]:
    if conflicts.empty:
        return []
    sentence = ngettext(
        "{n} picture came under two classes (“{example}”) and is not used until you move it to one.",
        "{n} pictures came under two classes (“{example}”) and are not used until you move them to one.",
        len(conflicts),
    )
    return [sentence.format(n=wording.number(len(conflicts)), example=conflicts["source"].iloc[0])]


def _copy_notes(table: pd.DataFrame) -> list[str]:
    sentences = []
    if two_labels := len(duplicates.conflicts(table)):
        sentences.append(
            ngettext(
                "{n} pair of pictures looks the same under two labels. See “One picture, two labels” on the Pictures "
                "page.",
                "{n} pairs of pictures look the same under two labels. See “One picture, two labels” on the Pictures "
                "page.",
                two_labels,
            ).format(n=wording.number(two_labels))
        )
    if leaking := leak_notes(leaks(table)):
        see = _("See “One picture, two uses” on the Pictures page.")
        sentences += [*leaking[:-1], f"{leaking[-1]} {see}"]
    for label in (series := divided(table))[:MOST_NAMED]:
        sentences.append(
            _(
                "All pictures of “{label}” look like one picture or one burst, or came in one group. It "
                "was split anyway, because the class could not be trained and evaluated otherwise. Its "
                "accuracy will look better than it is: add pictures from other moments."
            ).format(label=label)
        )
    if len(series) > MOST_NAMED:
        sentences.append(
            _("The same is true of {number} more classes.").format(number=wording.number(len(series) - MOST_NAMED))
        )
    return sentences


def _count_notes(counts: pd.DataFrame) -> list[str]:
    sentences = []
    usable = (counts["total"] - counts["unused"]).sort_values(kind="stable")
    few = usable[(usable >= 2) & (usable < FEW_PICTURES)]
    if len(few):
        named = wording.listed(
            [f"{wording.quoted(str(label))} ({number})" for label, number in few.items()], MOST_NAMED
        )
        sentences.append(
            _("Fewer than {few} pictures in {classes}: results will vary. More pictures help most.").format(
                few=FEW_PICTURES, classes=named
            )
        )
    if len(usable) > 1 and usable.iloc[0] > 0 and usable.iloc[-1] >= UNEVEN * usable.iloc[0]:
        sentences.append(
            _(
                "The classes are uneven: {pictures} of “{most}”, {fewer} of “{least}”. Training can "
                "balance them with class weights."
            ).format(
                pictures=wording.pictures(int(usable.iloc[-1])),
                most=usable.index[-1],
                fewer=wording.number(usable.iloc[0]),
                least=usable.index[0],
            )
        )
    if not counts["test"].sum():
        sentences.append(_("There are no test pictures, so the final accuracy cannot be measured on unseen pictures."))
    for split in (VALIDATION, TEST):
        lacking = [
            wording.quoted(label) for label in counts.index[(counts[split] == 0) & (usable.reindex(counts.index) >= 2)]
        ]
        if lacking and counts[split].sum():
            none = (
                _("No validation pictures in {classes}.")
                if split == VALIDATION
                else _("No test pictures in {classes}.")
            )
            sentences.append(none.format(classes=wording.listed(lacking, MOST_NAMED)))
    return sentences


def size_notes(table: pd.DataFrame) -> list[str]:
    """Return how many images are small, as sentences."""
    small = int(table[["width", "height"]].min(axis="columns").between(1, SMALL_SIDE - 1).sum())  # 0: a text
    if not small:
        return []
    return [
        ngettext(
            "{small} of {every} pictures is under {side} pixels on a side: it shows little detail.",
            "{small} of {every} pictures are under {side} pixels on a side: they show little detail.",
            small,
        ).format(small=wording.number(small), every=wording.number(len(table)), side=SMALL_SIDE)
    ]
