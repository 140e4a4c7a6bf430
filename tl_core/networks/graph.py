"""Which operation of a network feeds which, where the graph can be cut, and how much of the input a value sees.

A *cut point* is a layer (or a bare operation, such as the additions of ConvNeXt) whose output is the only tensor with
a later consumer: everything before it can be run once and cached.
"""

import math
from functools import cached_property
from typing import NamedTuple

import keras
from keras import layers

from tl_core import keras_private


class Field(NamedTuple):
    """How a feature map lies on the picture, or hidden states on the tokens of a text.

    Attributes:
        height, width: of the part of the picture that one of its values depends on, in pixels; in tokens of a text,
            both the same. Infinite after attention, which sees all of it.
        step: pixels of the picture between neighbouring values; 1 token.
    """

    height: float
    width: float
    step: int

    @property
    def side(self) -> float:
        """The longer side, in pixels or tokens."""
        return max(self.height, self.width)


class Graph:
    """The graph of a functional model with one input and one output, every layer used once in it.

    Attributes:
        operations: all of them, none before one that it needs. A bare ``keras.ops`` call is one, too.
    """

    def __init__(self, model: keras.Model) -> None:
        self.operations: list[keras.Operation] = list(model.operations)
        self._nodes = keras_private.nodes(model)
        self._makers = {id(self.output(operation)): operation for operation in self.operations}

    @cached_property
    def outputs(self) -> dict[str, keras.KerasTensor]:
        """The tensor that each operation gives inside this model, by the operation's name."""
        return {operation.name: self.output(operation) for operation in self.operations}

    def output(self, operation: keras.Operation) -> keras.KerasTensor:
        """Return the tensor that an operation gives inside this model."""
        return self._nodes[operation.name].output_tensors[0]

    def shape(self, operation: keras.Operation) -> tuple[int, ...]:
        """Return the shape of its output for one picture or text.

        That is ``(height, width, channels)`` of a feature map, ``(length, width)`` of hidden states.
        """
        return tuple(self.output(operation).shape[1:])

    def sources(self, operation: keras.Operation) -> list[keras.Operation]:
        """Return the operations whose outputs it takes inside this model, in the order of its arguments."""
        tensors = self._nodes[operation.name].input_tensors
        return [] if isinstance(operation, layers.InputLayer) else [self._makers[id(tensor)] for tensor in tensors]

    def cut_points(self) -> list[str]:
        """Return the names of the operations after which exactly one tensor is alive, in order, the last included."""
        last_use = {self.operations[-1].name: len(self.operations)}
        for position, operation in enumerate(self.operations):
            last_use.update({source.name: position for source in self.sources(operation)})
        live: set[str] = set()
        points = []
        for position, operation in enumerate(self.operations):
            live = {name for name in live if last_use.get(name, -1) > position} | {operation.name}
            if len(live) == 1 and not isinstance(operation, layers.InputLayer):
                points.append(operation.name)
        return points

    @cached_property
    def fields(self) -> dict[str, Field | None]:
        """The receptive field of every operation's output, None where that is the whole picture.

        Computed as in Araujo, Norris and Sim, "Computing Receptive Fields of Convolutional Neural Networks", Distill
        2019, https://distill.pub/2019/computing-receptive-fields/. A branch that has seen the whole picture and only
        scales another one (squeeze-and-excitation) is left out. A field may be larger than the picture.
        """
        fields: dict[str, Field | None] = {}
        for operation in self.operations:
            known = [field for source in self.sources(operation) if (field := fields[source.name])]
            if isinstance(operation, layers.InputLayer):
                fields[operation.name] = Field(1, 1, 1)
            elif not known or _is_global(operation):
                fields[operation.name] = None
            else:
                widest = Field(*(max(values) for values in zip(*known, strict=True)))
                fields[operation.name] = _after(operation, widest)
        return fields


def _is_global(operation: keras.Operation) -> bool:
    kinds = (layers.GlobalAveragePooling2D, layers.GlobalMaxPooling2D, layers.Flatten)
    return isinstance(operation, kinds)


def is_attention(operation: keras.Operation) -> bool:
    """Return whether an operation is the dot product attention of ``keras.ops``, which has no public class."""
    return type(operation).__name__ == "DotProductAttention"


def _after(operation: keras.Operation, field: Field) -> Field:
    """Return the field after an operation that slides a window or sees all; any other one leaves it as it is."""
    if is_attention(operation):
        return Field(math.inf, math.inf, field.step)
    window = getattr(operation, "kernel_size", None) or getattr(operation, "pool_size", None)
    if window is None:
        return field
    spread = getattr(operation, "dilation_rate", (1, 1))
    height, width = (field.step * gap * (size - 1) for size, gap in zip(window, spread, strict=True))
    return Field(field.height + height, field.width + width, field.step * operation.strides[0])


def parameters(operation: keras.Operation) -> int:
    """Return the number of weights of an operation; a bare ``keras.ops`` call has none."""
    return int(operation.count_params()) if isinstance(operation, keras.layers.Layer) else 0
