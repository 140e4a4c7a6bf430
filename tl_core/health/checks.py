"""What is odd about single pictures, or about whole classes and sets of them: cleanvision's checks, told to a person.

cleanvision (https://github.com/cleanlab/cleanvision) decides, by its own thresholds, which picture is dark, light,
blurred, of odd size or shape, without colour, or holds little. What holds for most of a set says something about the
set and not about its pictures; what holds for one class alone may be learnt in place of the subject.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from tl_core import wording
from tl_core.dataset import duplicates, notes
from tl_core.metrics.intervals import percent

#: What holds for more of the pictures than this is said once of the whole set (cleanvision's own bound of a report).
MOST_OF_THE_SET = 0.5
#: What holds for so much of one class and so little of the others is said of the class.
MOST_OF_A_CLASS, FEW_OF_OTHERS = 0.8, 0.2
#: A class with fewer pictures than this is not spoken of as a whole.
LEAST_OF_A_CLASS = 5
#: Odd in size is what cleanvision finds and is so many times as large as usual, or as small. cleanvision's bound is by
#: quartiles: where nearly all have the same size it takes a difference of one pixel for odd.
SIZE_FACTOR = 2.0


@dataclass(frozen=True)
class Check:
    """One check: its kind, cleanvision's name of it, a title, how a sentence says it, and why it matters."""

    kind: str
    issue: str
    title: str
    says: str
    why: str


#: The worst first.
CHECKS = (
    Check("empty", "low_information", "Nearly empty", "hold next to nothing",
          "One colour, or very few: there is hardly anything to learn from."),
    Check("dark", "dark", "Dark", "are dark",
          "Even their brightest parts are dark, so that little can be made out."),
    Check("light", "light", "Overexposed", "are overexposed",
          "Even their darkest parts are nearly white, so that little can be made out."),
    Check("blurry", "blurry", "Blurred", "are blurred",
          "They hold no sharp edges, even when made small. Details that tell the classes apart may be lost."),
    Check("odd-shape", "odd_aspect_ratio", "Odd shape", "are very long or very tall",
          "Nearly three times as long as wide, or more. Pictures are squashed to a square for the network, which "
          "distorts what these show."),
    Check("odd-size", "odd_size", "Odd size", "are of an unusual size",
          "At most half as large as is usual here, or at least twice. Sizes are those of the kept pictures: what "
          "was longer than 1,024 pixels was made smaller when it came in."),
    Check("grey", "grayscale", "Without colour", "are without colour",
          "Most of the pictures here are in colour, these are grey. That is fine if such ones come later, too."),
    Check("colour", "", "In colour", "are in colour",
          "Most of the pictures here are grey, these have colours. That is fine if such ones come later, too."),
)  # fmt: skip


def found_by_cleanvision(table: pd.DataFrame, measured: pd.DataFrame) -> pd.DataFrame:
    """Return cleanvision's verdict on pictures that were measured.

    Args:
        table: index ``id``, with ``width`` and ``height``.
        measured: ``measures.measured`` of the same pictures, without gaps.

    Returns:
        For each kind of ``CHECKS`` a column of scores 0..1 (0 is worst), NaN where the check found nothing.
    """
    from cleanvision.dataset.base_dataset import Dataset
    from cleanvision.issue_managers.image_property_issue_manager import ImagePropertyIssueManager

    sides = table[["width", "height"]].astype(float)
    statistics = measured.assign(
        size=np.sqrt(sides["width"] * sides["height"]),
        aspect_ratio=sides.min(axis="columns") / sides.max(axis="columns"),
        color_space=np.where(measured["grey"] > 0, "L", "RGB"),
    )
    dataset = Dataset()
    dataset.index = list(measured.index)
    manager = ImagePropertyIssueManager()
    # Everything is computed already, so that cleanvision reads no file, starts no process and draws no bar.
    info = {"statistics": {name: statistics[name] for name in statistics}}
    params: dict[str, Any] = {check.issue: {} for check in CHECKS if check.issue}
    manager.find_issues(params=params, dataset=dataset, imagelab_info=info, n_jobs=1, verbose=False)
    return _scores(manager.issues, statistics)


def _scores(issues: pd.DataFrame, statistics: pd.DataFrame) -> pd.DataFrame:
    scores = pd.DataFrame(
        {
            check.kind: issues[f"{check.issue}_score"].where(issues[f"is_{check.issue}_issue"])
            for check in CHECKS
            if check.issue
        }
    ).astype(float)
    usual = statistics["size"].median()
    odd = (statistics["size"] >= usual * SIZE_FACTOR) | (statistics["size"] <= usual / SIZE_FACTOR)
    blank = scores["empty"].notna()  # a blank picture is also blurred, and dark or light: that is said once
    masked = {kind: scores[kind].mask(blank) for kind in ("dark", "light", "blurry")}
    mostly_grey = bool(scores["grey"].notna().mean() > MOST_OF_THE_SET)
    in_colour = scores["grey"].isna() & mostly_grey
    if not mostly_grey:  # what is nearly black, white or blank has no colour left, and that is not the point of it
        masked["grey"] = scores["grey"].mask(scores[["empty", "dark", "light"]].notna().any(axis="columns"))
    return scores.assign(
        **masked, **{"odd-size": scores["odd-size"].where(odd), "colour": in_colour.map({True: 0.0, False: np.nan})}
    )


def property_findings(labels: "pd.Series[str]", scores: pd.DataFrame) -> list[dict[str, Any]]:
    """Return the findings of ``found_by_cleanvision``, the worst first: of classes, of pictures, of the set.

    Args:
        labels: class of each picture (index: id).
        scores: what ``found_by_cleanvision`` returned.
    """
    found = []
    for check in CHECKS:
        score = scores[check.kind].dropna().sort_values(kind="stable")
        if len(score) > MOST_OF_THE_SET * len(scores):
            found.append(_of_the_set(check, len(score), len(scores)))
            continue
        whole = [label for label in _whole_classes(labels, score) if len(score)]
        found += [_of_a_class(check, label, score[labels[score.index] == label]) for label in whole]
        rest = score[~labels[score.index].isin(whole)]
        if len(rest):
            found.append(finding(check.kind, "pictures", check.title, check.why, rest))
    return sorted(found, key=lambda each: ("class", "pictures", "set").index(each["of"]))


def finding(kind: str, of: str, title: str, why: str, score: "pd.Series[float] | None" = None) -> dict[str, Any]:
    """Return a finding: of ``"class"``, ``"pictures"``, ``"set"`` …; ``score`` has the pictures, the worst first."""
    ids = [] if score is None else [str(each) for each in score.index]
    values = [] if score is None else [round(float(each), 4) for each in score]
    return {"kind": kind, "of": of, "title": title, "why": why, "ids": ids, "scores": values}


def _whole_classes(labels: "pd.Series[str]", score: "pd.Series[float]") -> list[str]:
    """Return the classes for which a check holds, where it does not hold for the others."""
    holds = pd.Series(labels.index.isin(score.index), index=labels.index).groupby(labels.to_numpy(dtype=object))
    share, sizes, hits = holds.mean(), holds.size(), holds.sum()
    others = (hits.sum() - hits) / (sizes.sum() - sizes).clip(lower=1)
    whole = (share >= MOST_OF_A_CLASS) & (others <= FEW_OF_OTHERS) & (sizes >= LEAST_OF_A_CLASS) & (len(sizes) > 1)
    return [str(label) for label in share.index[whole]]


def _of_a_class(check: Check, label: str, score: "pd.Series[float]") -> dict[str, Any]:
    why = (
        f"Nearly all pictures of “{label}” {check.says} and few of the others are. The model may learn that instead of "
        "the subject: bring in other pictures of this class, or such pictures of the others."
    )
    return {**finding(check.kind, "class", f"{check.title}: “{label}”", why, score), "label": label}


def _of_the_set(check: Check, count: int, n: int) -> dict[str, Any]:
    many = f"All {n:,} pictures" if count == n else f"{count:,} of {n:,} pictures"
    why = f"{many} {check.says}. That is how this set is, so they are not listed one by one."
    return finding(check.kind, "set", check.title, why)


def near_duplicates(table: pd.DataFrame, blank: "pd.Index[str]") -> list[list[str]]:
    """Return groups of pictures that show the same (``alike``; bursts are none), the largest first.

    Args:
        table: of a manifest.
        blank: ids of pictures that hold next to nothing; they are all alike and no duplicates.
    """
    pairs = duplicates.pairs(table[~table["id"].isin(blank)])
    pairs = pairs[pairs["kind"] == duplicates.NEAR]
    group: dict[str, list[str]] = {}
    for first, second in zip(pairs["first"], pairs["second"], strict=True):
        one, other = group.setdefault(first, [first]), group.setdefault(second, [second])
        if one is not other:
            one += other
            group.update(dict.fromkeys(other, one))
    order = {id_: place for place, id_ in enumerate(table["id"])}
    groups = [sorted(each, key=order.__getitem__) for each in {id(each): each for each in group.values()}.values()]
    return sorted(groups, key=lambda each: (-len(each), order[each[0]]))


def imbalance(counts: "pd.Series[int]") -> dict[str, Any] | None:
    """Return the finding that classes are uneven, given the number of pictures of each; None if they are not."""
    if len(counts) < 2 or counts.max() < notes.UNEVEN * counts.min():
        return None
    most, least = str(counts.idxmax()), str(counts.idxmin())
    why = (
        f"{wording.pictures(int(counts.max()))} of “{most}”, {counts.min():,} of “{least}”. Always answering “{most}” "
        f"would be right in {percent(counts.max() / counts.sum())}, so compare an accuracy with that. Class "
        "weights make up for it in training; more pictures of the small classes help more."
    )
    return finding("imbalance", "classes", "Uneven classes", why)
