"""What a head should say at each place of its maps, and how far it is from that.

Targets and their sizes by scale: Z. Tian et al., "FCOS", 2019, section 3, with places near the middle of a box alone
("center sampling" of its later versions). How far the classes are: T.-Y. Lin et al., "Focal Loss for Dense Object
Detection", 2017. How far the edges are: H. Rezatofighi et al., "Generalized Intersection over Union", 2019.
"""

import keras
import numpy as np
from keras import ops
from numpy.typing import NDArray

from tl_core.networks.box_head import FARTHEST, NEAREST, places
from tl_core.networks.box_shape import STRIDES

#: A map takes the places from which the farthest edge is at most so many of its strides away, and more than half.
FARTHEST_STRIDES = 8
#: Places nearer to the middle of a box than so many strides are in it.
RADIUS = 1.5
#: Of the focal loss, and how much the edges count beside the classes.
ALPHA, GAMMA, EDGES = 0.25, 2.0, 1.5
EPSILON = 1e-7

Values = NDArray[np.float32]


def targets(boxes: NDArray[np.float64], labels: NDArray[np.int64], classes: int, size: int) -> Values:
    """Return what a head should say of a picture, ``(places, classes + 6)``.

    At each place: 0 or 1 for each class, the four distances in strides, how central the place is, whether it is in a
    box. A place in several boxes is of the smallest. A box in which no place is has the place nearest to its middle.

    Args:
        boxes: ``(n, 4)`` edges as shares of the sides.
        labels: ``(n,)``.
        classes: how many.
        size: side of the picture in pixels.
    """
    where = places(size).astype(np.float64)
    said = np.zeros((len(where), classes + 6), np.float32)
    if not len(boxes):
        return said
    middle, stride, edges = where[:, None, :2], where[:, None, 2], boxes[None] * size
    away = np.concatenate([middle - edges[..., :2], edges[..., 2:] - middle], axis=-1)
    centre = (edges[..., :2] + edges[..., 2:]) / 2
    near = (np.abs(middle - centre) < RADIUS * stride[..., None]).all(axis=-1) & (away.min(axis=-1) > 0)
    farthest, most = away.max(axis=-1), FARTHEST_STRIDES * stride
    lower, upper = most / 2 * (stride > STRIDES[0]), np.where(stride < STRIDES[-1], most, np.inf)
    inside = near & (farthest > lower) & (farthest <= upper)
    for lost in np.flatnonzero(~inside.any(axis=0)):
        fits = near[:, lost] if near[:, lost].any() else np.ones(len(where), bool)
        distance = np.abs(where[:, :2] - centre[0, lost]).sum(axis=1) + np.where(fits, 0, 4 * size)
        inside[int(distance.argmin()), lost] = True
    area = np.where(inside, (edges[..., 2:] - edges[..., :2]).prod(axis=-1), np.inf)
    chosen, rows = area.argmin(axis=1), np.flatnonzero(inside.any(axis=1))
    own = np.maximum(away[rows, chosen[rows]] / where[rows, 2:], 0.01)
    said[rows, labels[chosen[rows]]] = 1
    said[rows, classes : classes + 4] = own
    pairs = own[:, :2], own[:, 2:]
    said[rows, classes + 4] = np.sqrt((np.minimum(*pairs) / np.maximum(*pairs)).prod(axis=-1))
    said[rows, classes + 5] = 1
    return said


class BoxLoss(keras.losses.Loss):
    """How far what a head says is from its targets: focal for classes, generalized IoU for edges, for each box."""

    def __init__(self, classes: int) -> None:
        super().__init__(name="box_loss", reduction=None)
        self.classes = classes

    def call(self, y_true: keras.KerasTensor, y_pred: keras.KerasTensor) -> keras.KerasTensor:
        """Return the loss of a batch, one number."""
        end = self.classes + 4
        inside = y_true[..., end + 1]
        central = y_true[..., end] * inside
        boxes = ops.maximum(ops.sum(inside), 1.0)
        kinds = ops.sum(_focal(y_true[..., : self.classes], y_pred[..., : self.classes])) / boxes
        said = ops.exp(ops.clip(y_pred[..., self.classes : end], NEAREST, FARTHEST))
        far = 1 - _generalized_iou(y_true[..., self.classes : end], said)
        edges = ops.sum(far * central) / ops.maximum(ops.sum(central), EPSILON)
        middle = ops.binary_crossentropy(y_true[..., end], y_pred[..., end], from_logits=True)
        return kinds + EDGES * edges + ops.sum(middle * inside) / boxes


def _focal(truth: keras.KerasTensor, logits: keras.KerasTensor) -> keras.KerasTensor:
    entropy = ops.binary_crossentropy(truth, logits, from_logits=True)
    sure = ops.sigmoid(logits)
    right = truth * sure + (1 - truth) * (1 - sure)
    share = truth * ALPHA + (1 - truth) * (1 - ALPHA)
    return share * (1 - right) ** GAMMA * entropy


def _generalized_iou(one: keras.KerasTensor, other: keras.KerasTensor) -> keras.KerasTensor:
    """Return the generalized IoU of boxes that hold the same place, given by the distances of their edges."""
    shared, around = ops.minimum(one, other), ops.maximum(one, other)
    inner, outer = _area(shared), _area(around)
    union = _area(one) + _area(other) - inner
    return inner / (union + EPSILON) - (outer - union) / (outer + EPSILON)


def _area(away: keras.KerasTensor) -> keras.KerasTensor:
    return (away[..., 0] + away[..., 2]) * (away[..., 1] + away[..., 3])
