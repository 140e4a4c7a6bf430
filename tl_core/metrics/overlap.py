"""How far boxes overlap, and which of many overlapping ones stay."""

import numpy as np
from numpy.typing import NDArray

Boxes = NDArray[np.floating]
#: Of two boxes of a class that overlap by more than this share, the surer one stays.
OVERLAP = 0.6
#: At most so many boxes of a picture, and none less sure than this: COCO counts 100 of each picture.
MOST, LEAST = 100, 0.01


def iou(one: Boxes, other: Boxes) -> NDArray[np.float64]:
    """Return the intersection of each two boxes as a share of their union, ``(n, m)``, 0 to 1.

    Args:
        one: ``(n, 4)`` left, upper, right, lower edges.
        other: ``(m, 4)`` the same.

    >>> iou(np.array([[0.0, 0, 2, 2]]), np.array([[1.0, 0, 3, 2]])).round(3).tolist()
    [[0.333]]
    """
    one, other = one.astype(np.float64).reshape(-1, 1, 4), other.astype(np.float64).reshape(1, -1, 4)
    sides = np.minimum(one[..., 2:], other[..., 2:]) - np.maximum(one[..., :2], other[..., :2])
    shared = np.clip(sides, 0, None).prod(axis=-1)
    union = (one[..., 2:] - one[..., :2]).prod(axis=-1) + (other[..., 2:] - other[..., :2]).prod(axis=-1) - shared
    shares: NDArray[np.float64] = np.divide(shared, union, out=np.zeros_like(shared), where=union > 0)
    return shares


def suppress(
    boxes: Boxes, scores: NDArray[np.floating], overlap: float = OVERLAP, most: int | None = None
) -> NDArray[np.int64]:
    """Return the rows that stay of boxes of one class, the surest first: non-maximum suppression.

    Args:
        boxes: ``(n, 4)``.
        scores: ``(n,)``.
        overlap: above which the less sure one goes.
        most: how many are wanted; None for all.
    """
    order = np.argsort(-scores, kind="stable")
    kept: list[int] = []
    while len(order) and (most is None or len(kept) < most):
        kept.append(int(order[0]))
        order = order[1:][iou(boxes[order[:1]], boxes[order[1:]])[0] <= overlap]
    return np.array(kept, np.int64)


def found(answer: NDArray[np.floating], least: float = LEAST) -> NDArray[np.float64]:
    """Return what a model finds in a picture, the surest first, ``(n, 6)``: four edges, class, score.

    Args:
        answer: of the model, ``(places, 4 + classes)``: at each place a box and the score of each class.
        least: score.
    """
    rows = [np.zeros((0, 6))]
    for number, scores in enumerate(answer[:, 4:].T):
        sure = np.flatnonzero(scores >= least)
        sure = sure[np.argsort(-scores[sure], kind="stable")[: 10 * MOST]]
        stay = sure[suppress(answer[sure, :4], scores[sure], most=MOST)]
        rows.append(np.column_stack([answer[stay, :4], np.full(len(stay), number), scores[stay]]))
    every = np.concatenate(rows)
    return every[np.argsort(-every[:, 5], kind="stable")[:MOST]]
