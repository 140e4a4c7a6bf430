"""What may be wrong with single images, or with whole classes and sets of them.

cleanvision (https://github.com/cleanlab/cleanvision) decides, by its own thresholds, which image is dark, light,
blurred, of odd size or shape, without colour, or holds little. What holds for most of a set says something about the
set and not about its images; what holds for one class alone may be learnt in place of the subject.

A new check is one row of ``CHECKS``, with a ``score`` of its own; a new number that it goes by is one row of
``measures.COLUMNS``.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from tl_core import wording
from tl_core.dataset import duplicates, notes
from tl_core.language import N_, _

#: What holds for more of the images than this is said once of the whole set (cleanvision's own bound of a report).
MOST_OF_THE_SET = 0.5
#: What holds for at least this share of one class and at most that share of the others is said of the class.
MOST_OF_A_CLASS, FEW_OF_OTHERS = 0.8, 0.2
#: A class with fewer images than this is not judged as a whole.
LEAST_OF_A_CLASS = 5
#: An image of odd size is also this many times as large or as small as usual. cleanvision goes by quartiles: where
#: nearly all images have the same size it takes a difference of one pixel for odd.
SIZE_FACTOR = 2.0

#: Returns scores of images (index: id), 0 (worst) to 1, NaN where nothing is wrong; given what ``Check.score`` says.
Score = Callable[[pd.DataFrame], "pd.Series[float]"]


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check.

    Attributes:
        kind: stable, for instance ``"dark"``.
        icon: name of a Material symbol.
        title: of its findings.
        words: what it looks for, as a list of checks names it; empty if another row names it.
        says: what is said of ``{pictures}``; empty for checks that do not score single images.
        why: why it matters and what to do, in one or two sentences.
        issue: cleanvision's name of it, if cleanvision checks it.
        score: its own score, given ``measures.COLUMNS`` with ``size`` and ``aspect_ratio``; with ``issue`` it
            narrows what cleanvision says to where it is not NaN.
    """

    kind: str
    icon: str
    title: str
    words: str
    says: str = ""
    why: str = ""
    issue: str = ""
    score: Score | None = None


def _unusual_size(pictures: pd.DataFrame) -> "pd.Series[float]":
    factor = pictures["size"] / pictures["size"].median()
    return factor.where((factor >= SIZE_FACTOR) | (factor <= 1 / SIZE_FACTOR))


def _colour_among_grey(pictures: pd.DataFrame) -> "pd.Series[float]":
    mostly_grey = bool((pictures["grey"] > 0).mean() > MOST_OF_THE_SET)
    return pictures["grey"].where((pictures["grey"] == 0) & mostly_grey)


UNREADABLE, SHORTCUT, NEAR_DUPLICATES, IMBALANCE = "unreadable", "shortcut", "near-duplicates", "imbalance"
#: All checks, the worst first.
CHECKS = (
    Check(
        kind=SHORTCUT,
        icon="shortcut",
        title=N_("The classes differ by something else"),
        words=N_("whether anything but the subject gives the classes away"),
    ),
    Check(
        kind=UNREADABLE,
        icon="broken_image",
        title=N_("Cannot be read"),
        words=N_("damaged files"),
        why=N_("The files are damaged or gone since the import. Remove them, or import the pictures again."),
    ),
    Check(
        kind=NEAR_DUPLICATES,
        icon="content_copy",
        title=N_("Near duplicates"),
        words=N_("near duplicates"),
        why=N_(
            "The same picture more than once, saved again, cropped a little or resized. Copies count double in "
            "training. Copies in different splits make the accuracy look better than it is. Keep one of each."
        ),
    ),
    Check(
        kind="empty",
        icon="crop_square",
        title=N_("Nearly empty"),
        words=N_("nearly empty"),
        says=N_("{pictures} show almost nothing"),
        issue="low_information",
        why=N_("One colour, or very few: there is hardly anything to learn from."),
    ),
    Check(
        kind="dark",
        icon="dark_mode",
        title=N_("Dark"),
        words=N_("dark"),
        says=N_("{pictures} are dark"),
        issue="dark",
        why=N_("Even their brightest areas are dark, so little can be made out."),
    ),
    Check(
        kind="light",
        icon="light_mode",
        title=N_("Overexposed"),
        words=N_("overexposed"),
        says=N_("{pictures} are overexposed"),
        issue="light",
        why=N_("Even their darkest areas are nearly white, so little can be made out."),
    ),
    Check(
        kind="blurry",
        icon="blur_on",
        title=N_("Blurred"),
        words=N_("blurred"),
        says=N_("{pictures} are blurred"),
        issue="blurry",
        why=N_("They have no sharp edges, even at a small size. Details that distinguish the classes may be lost."),
    ),
    Check(
        kind="odd-shape",
        icon="aspect_ratio",
        title=N_("Odd shape"),
        words=N_("odd shape"),
        says=N_("{pictures} are very long or very tall"),
        issue="odd_aspect_ratio",
        why=N_(
            "Nearly three times as long as wide, or more. The network sees every picture as a square, which distorts "
            "what these show."
        ),
    ),
    Check(
        kind="odd-size",
        icon="photo_size_select_small",
        title=N_("Odd size"),
        words=N_("odd size"),
        says=N_("{pictures} are of an unusual size"),
        issue="odd_size",
        score=_unusual_size,
        why=N_(
            "At most half as large as is usual here, or at least twice. Sizes are those after the import, which "
            "limits the longer side to 1,024 pixels."
        ),
    ),
    Check(
        kind="grey",
        icon="filter_b_and_w",
        title=N_("Without colour"),
        words=N_("without colour"),
        says=N_("{pictures} are without colour"),
        issue="grayscale",
        why=N_("Most of the pictures here are in colour, these are grey. That is fine if later ones can be grey."),
    ),
    Check(
        kind="colour",
        icon="palette",
        title=N_("In colour"),
        words="",
        says=N_("{pictures} are in colour"),
        score=_colour_among_grey,
        why=N_("Most of the pictures here are grey, these have colours. That is fine if later ones can have colours."),
    ),
    Check(kind=IMBALANCE, icon="balance", title=N_("Uneven classes"), words=N_("uneven classes")),
)
SCORED = tuple(check for check in CHECKS if check.says)
BY_KIND = {check.kind: check for check in CHECKS}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """The result of a check.

    Attributes:
        kind: of the check.
        of: what it is about: single ``"pictures"``, ``"groups"`` of them, one ``"class"``, all ``"classes"``, or the
            whole ``"set"``.
        title: for a person; a class name in it is plain text. It is shown by ``_``, as ``why`` is: what names nothing
            is in English here, the rest in the language of whoever began the check.
        why: why it matters and what to do.
        ids: of the images, the worst first; empty if it is not about single images.
        scores: of the images, 0 (worst) to 1, in the same order; empty for groups.
        groups: ids of the images of each group, the largest group first.
        label: the class that it is about, or ``""``.
    """

    kind: str
    of: Literal["pictures", "groups", "class", "classes", "set"]
    title: str
    why: str
    ids: tuple[str, ...] = ()
    scores: tuple[float, ...] = ()
    groups: tuple[tuple[str, ...], ...] = ()
    label: str = ""


def scores(table: pd.DataFrame, measured: pd.DataFrame) -> pd.DataFrame:
    """Return how images do in the checks that score single images.

    Args:
        table: index ``id``, with ``width`` and ``height``.
        measured: ``measures.measured`` of the same images, without gaps.

    Returns:
        For each kind of ``SCORED`` a column of scores 0..1 (0 is worst), NaN where nothing is wrong.
    """
    sides = table[["width", "height"]].astype(float)
    pictures = measured.assign(
        size=np.sqrt(sides["width"] * sides["height"]),
        aspect_ratio=sides.min(axis="columns") / sides.max(axis="columns"),
    )
    by_check = _by_cleanvision(pictures)
    for check in SCORED:
        if check.score is not None:
            own = check.score(pictures)
            by_check[check.kind] = by_check[check.kind].where(own.notna()) if check.issue else own
    return _without_consequences(pd.DataFrame(by_check, index=measured.index).astype(float))


def _by_cleanvision(pictures: pd.DataFrame) -> "dict[str, pd.Series[float]]":
    from cleanvision.dataset.base_dataset import Dataset
    from cleanvision.issue_managers.image_property_issue_manager import ImagePropertyIssueManager

    statistics = pictures.assign(color_space=np.where(pictures["grey"] > 0, "L", "RGB"))
    dataset, manager = Dataset(), ImagePropertyIssueManager()
    dataset.index = list(statistics.index)
    # Everything is computed already, so that cleanvision reads no file, starts no process and draws no bar.
    info = {"statistics": {name: statistics[name] for name in statistics}}
    params: dict[str, dict[str, float]] = {check.issue: {} for check in SCORED if check.issue}
    manager.find_issues(params=params, dataset=dataset, imagelab_info=info, n_jobs=1, verbose=False)
    issues = manager.issues
    return {
        check.kind: issues[f"{check.issue}_score"].where(issues[f"is_{check.issue}_issue"])
        for check in SCORED
        if check.issue
    }


def _without_consequences(scored: pd.DataFrame) -> pd.DataFrame:
    """Return the scores without what follows from another: a blank image is also blurred, and dark or light."""
    blank = scored["empty"].notna()
    masked = {kind: scored[kind].mask(blank) for kind in ("dark", "light", "blurry")}
    if scored["grey"].notna().mean() <= MOST_OF_THE_SET:  # nearly black, white or blank images have lost their colour
        masked["grey"] = scored["grey"].mask(scored[["empty", "dark", "light"]].notna().any(axis="columns"))
    return scored.assign(**masked)


def score_findings(labels: "pd.Series[str]", scored: pd.DataFrame) -> list[Finding]:
    """Return the findings of ``scores``: of classes first, then of images, then of the set; the worst check first.

    Args:
        labels: class of each image (index: id).
        scored: what ``scores`` returned.
    """
    findings = []
    for check in SCORED:
        score = scored[check.kind].dropna().sort_values(kind="stable")
        whole = _whole_classes(labels, score) if len(score) else []
        if len(score) > MOST_OF_THE_SET * len(scored) and not whole:
            findings.append(_of_the_set(check, len(score), len(scored)))
            continue
        findings += [_of_a_class(check, label, score[labels[score.index] == label]) for label in whole]
        rest = score[~labels[score.index].isin(whole)]
        if len(rest):
            findings.append(of_pictures(check, rest))
    return sorted(findings, key=lambda each: ("class", "pictures", "set").index(each.of))


def of_pictures(check: Check, score: "pd.Series[float]") -> Finding:
    """Return a finding about single images, given their scores (index: id), the worst first."""
    ids, values = _pairs(score)
    return Finding(kind=check.kind, of="pictures", title=check.title, why=check.why, ids=ids, scores=values)


def _pairs(score: "pd.Series[float]") -> tuple[tuple[str, ...], tuple[float, ...]]:
    return tuple(str(each) for each in score.index), tuple(round(float(each), 4) for each in score)


def _whole_classes(labels: "pd.Series[str]", score: "pd.Series[float]") -> list[str]:
    """Return the classes for which a check holds, where it does not hold for the others."""
    holds = pd.Series(labels.index.isin(score.index), index=labels.index).groupby(labels.to_numpy(dtype=object))
    share, sizes, hits = holds.mean(), holds.size(), holds.sum()
    others = (hits.sum() - hits) / (sizes.sum() - sizes).clip(lower=1)
    whole = (share >= MOST_OF_A_CLASS) & (others <= FEW_OF_OTHERS) & (sizes >= LEAST_OF_A_CLASS) & (len(sizes) > 1)
    return [str(label) for label in share.index[whole]]


def _of_a_class(check: Check, label: str, score: "pd.Series[float]") -> Finding:
    nearly_all = _(check.says).format(pictures=_("Nearly all pictures of “{label}”").format(label=label))
    why = _(
        "{nearly_all_are_so} and few of the others. The model may learn that instead of the subject. Add other "
        "pictures of this class, or such pictures of the others."
    ).format(nearly_all_are_so=nearly_all)
    ids, values = _pairs(score)
    title = f"{_(check.title)}: “{label}”"
    return Finding(kind=check.kind, of="class", title=title, why=why, ids=ids, scores=values, label=label)


def _of_the_set(check: Check, count: int, n: int) -> Finding:
    every = wording.number(n)
    many = _("All {every} pictures").format(every=every)
    if count < n:
        many = _("{some} of {every} pictures").format(some=wording.number(count), every=every)
    why = _("{many_are_so}. This is typical of the set, so they are not listed one by one.").format(
        many_are_so=_(check.says).format(pictures=many)
    )
    return Finding(kind=check.kind, of="set", title=check.title, why=why)


def near_duplicates(table: pd.DataFrame, blank: "pd.Index[str]") -> Finding | None:
    """Return the finding that images show the same (``duplicates``; bursts are none); None if there are none.

    Args:
        table: of a manifest.
        blank: ids of images that show almost nothing; they are all alike and no duplicates.
    """
    table = table[~table["id"].isin(blank)]
    alike = table["id"].groupby(duplicates.groups(table, near_only=True), sort=False)
    groups = sorted((tuple(ids) for __, ids in alike if len(ids) > 1), key=len, reverse=True)
    if not groups:
        return None
    check, ids = BY_KIND[NEAR_DUPLICATES], tuple(id_ for group in groups for id_ in group)
    return Finding(kind=check.kind, of="groups", title=check.title, why=check.why, ids=ids, groups=tuple(groups))


def imbalance(counts: "pd.Series[int]") -> Finding | None:
    """Return the finding that classes are uneven, given the number of images of each; None if they are not."""
    if len(counts) < 2 or counts.max() < notes.UNEVEN * counts.min():
        return None
    most, least = str(counts.idxmax()), str(counts.idxmin())
    why = _(
        "{pictures} of “{most}”, {fewer} of “{least}”. Always guessing “{most}” is right for {share}: compare an "
        "accuracy with that. Class weights balance it in training; more pictures of the small classes help more."
    ).format(
        pictures=wording.pictures(int(counts.max())),
        most=most,
        fewer=wording.number(counts.min()),
        least=least,
        share=wording.percent(counts.max() / counts.sum()),
    )
    return Finding(kind=IMBALANCE, of="classes", title=BY_KIND[IMBALANCE].title, why=why)
