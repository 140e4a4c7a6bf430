"""What to say about the labels of texts before a network learns from them. Names in the sentences are plain text."""

import pandas as pd

from tl_core import wording
from tl_core.dataset import splits
from tl_core.dataset.manifest import Manifest
from tl_core.dataset.notes import FEW_PICTURES, MOST_NAMED, UNEVEN
from tl_core.language import _, ngettext


def problems(texts: Manifest, *, validated: bool = True) -> list[str]:
    """Return why training cannot start, as sentences; empty if it can.

    Args:
        texts: to train on.
        validated: whether it takes validation texts.
    """
    counts = texts.counts()
    if counts.empty:
        return [_("There are no texts. Import texts of at least two classes.")]
    said = []
    if len(counts) == 1:
        said.append(
            _("There is only one class, “{label}”. Training needs at least two: add texts of another.").format(
                label=counts.index[0]
            )
        )
    usable = _usable(counts)
    if validated and usable.sum() and not counts["validation"].sum():
        said.append(_("There are no validation texts. Split the texts again."))
    lonely = [wording.quoted(str(label)) for label in usable.index[usable < 2]]
    if lonely:
        said.append(
            ngettext(
                "The class {classes} has fewer than 2 texts to learn from. Add some, or remove the class.",
                "The classes {classes} have fewer than 2 texts to learn from. Add some, or remove the classes.",
                len(lonely),
            ).format(classes=wording.listed(lonely, MOST_NAMED))
        )
    return said


def notes(texts: Manifest) -> list[str]:
    """Return what a person should know about these texts, as sentences."""
    if texts.table.empty:
        return []
    said, counts = [], texts.counts()
    if conflicts := len(texts.conflicts):
        said.append(
            ngettext(
                "{count} text came under two labels. It is not used until you move it to one class.",
                "{count} texts came under two labels. They are not used until you move each to one class.",
                conflicts,
            ).format(count=wording.number(conflicts))
        )
    if leaking := splits.leaks(texts.table)["first"].nunique():
        said.append(
            ngettext(
                "{count} text is nearly the same as one in another split: the accuracy may look better than it is.",
                "{count} texts are nearly the same as one in another split: the accuracy may look better than it is.",
                leaking,
            ).format(count=wording.number(leaking))
        )
    usable = _usable(counts).sort_values(kind="stable")
    few = usable[(usable >= 2) & (usable < FEW_PICTURES)]
    if len(few):
        named = [f"{wording.quoted(str(label))} ({number})" for label, number in few.items()]
        said.append(
            _("Fewer than {few} texts in {classes}: results will vary. More texts help most.").format(
                few=FEW_PICTURES, classes=wording.listed(named, MOST_NAMED)
            )
        )
    if len(usable) > 1 and usable.iloc[0] > 0 and usable.iloc[-1] >= UNEVEN * usable.iloc[0]:
        said.append(
            _(
                "The classes are uneven: {texts} of “{most}”, {fewer} of “{least}”. "
                "Training can balance them with class weights."
            ).format(
                texts=wording.texts(int(usable.iloc[-1])),
                most=usable.index[-1],
                fewer=wording.number(usable.iloc[0]),
                least=usable.index[0],
            )
        )
    if not counts["test"].sum():
        said.append(_("There are no test texts, so the final accuracy cannot be measured on unseen texts."))
    return said


def _usable(counts: pd.DataFrame) -> "pd.Series[int]":
    usable: pd.Series[int] = counts["total"] - counts["unused"]
    return usable
