"""A network with a head for boxes: what learns, and the plain model that is taken away."""

from collections.abc import Callable
from functools import cached_property

import keras

from tl_core.networks import box_head, pyramid
from tl_core.networks.box_head import BoxHead


class BoxNetwork:
    """A backbone with a new head for boxes; what a ``Network`` is for labels.

    Args:
        build: returns the backbone: pictures ``(n, size, size, 3)`` 0…255 → feature map. It is called when the backbone
            is first needed.
        classes: how many.
        seed: of the weights that the head starts from.
    """

    def __init__(self, build: Callable[[], keras.Model], classes: int, seed: int) -> None:
        self._build = build
        self.classes = classes
        self.seed = seed

    @cached_property
    def backbone(self) -> keras.Model:
        """The backbone, built when it is first needed."""
        return self._build()

    @cached_property
    def head(self) -> BoxHead:
        """The new layers, on the maps of the backbone. Raises InputError if it has none at one of the scales."""
        return BoxHead(pyramid.maps(self.backbone).shapes, self.classes, self.seed)

    def rows(self) -> keras.Model:
        """Return the whole backbone: pictures → rows of its maps."""
        return pyramid.trunk(self.backbone)

    def split(self, line: str | None) -> tuple[keras.Model | None, keras.Model | None]:
        """Return the frozen and the trainable half, see ``pyramid.split``."""
        return pyramid.split(self.backbone, line)

    def head_learner(self) -> keras.Model:
        """Return the model that is trained on stored rows of the whole backbone."""
        row = keras.Input((pyramid.maps(self.backbone).length,))
        return keras.Model(row, self.head.model(pyramid.taken_apart(row, self.head.shapes)), name="head")

    def tail_learner(self, tail: keras.Model) -> keras.Model:
        """Return the model that is trained on stored rows of the trunk."""
        start = keras.Input(tail.input.shape[1:])
        return keras.Model(start, self.head.model(tail(start)), name="tail_and_head")

    def live_learner(self, trunk: keras.Model | None, tail: keras.Model | None) -> keras.Model:
        """Return the model that is trained on pictures: the trunk in inference mode, then the rest."""
        start = x = keras.Input(self.backbone.input.shape[1:])
        x = trunk(x, training=False) if trunk else x
        maps = tail(x) if tail else pyramid.taken_apart(x, self.head.shapes)
        return keras.Model(start, self.head.model(maps), name="live")

    def whole(self) -> keras.Model:
        """Return the plain model, which stock Keras loads.

        It takes pictures ``(n, size, size, 3)`` with values 0…255 and returns what ``box_head.boxes_of`` does.
        """
        taken, size = self.backbone.input, int(self.backbone.input.shape[1])
        said = self.head.model(pyramid.taken_apart(self.rows()(taken), self.head.shapes))
        return keras.Model(taken, box_head.boxes_of(said, self.classes, size), name="boxes")
