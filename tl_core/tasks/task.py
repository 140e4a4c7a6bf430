"""What a kind of task says of itself. A new kind is a module beside this one and a row of ``table``."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from tl_core.about import Things
from tl_core.dataset.labelling import Problems
from tl_core.dataset.manifest import Manifest
from tl_core.draft import Draft
from tl_core.networks.tables import Pretrained
from tl_core.recipe import Options, Pooling

#: A view of Results.
Result = Literal["numbers", "errors", "why", "map", "compare", "sure", "unknown"]
#: What can be measured by trying it.
Experiment = Literal["search", "race", "shootout", "learning-curve", "remeasure"]


@dataclass(frozen=True, kw_only=True)
class Task:
    """A kind of task.

    Attributes:
        id: what ``About.kind`` says.
        title: what is told apart; shown by ``_``.
        network: id of the network that is taken where nobody has chosen another.
        reads: whether something at a path is of this kind, seen without reading much of it.
        holds: whether files are of this kind, by their names.
        draft: returns what is trained where nobody has chosen anything, given the id of a network (None for the usual
            one) and the examples.
        problems: why training cannot start, as sentences; empty if it can.
        notes: what a person should know of the examples, as sentences.
        count: a number of examples, in words.
        sizes: how large a network may take an example, in steps that make sense: pixels a side, or word pieces.
        formats: ids of what a model can be made into that is taken away, as in ``export.formats``; None for all.
        refused: ids of formats that are not among them for a reason that a person should know, with the reason.
        head: what the head must be for these examples: fields of ``Head``.
        boxes: whether the head takes maps at three scales (``networks.pyramid``) and not one vector.
        unfit: families of networks that cannot take these examples, each with the reason: a sentence about {networks}.
        poolings: how what the network makes of an example may become one vector, as in ``Head``.
        augments: whether training examples can be changed at random.
        fine_tuned: returns the settings with which blocks are fine-tuned best, given those that there are.
        probes: whether a simple classifier can say how well each block separates the labels.
        feature_maps: whether a person can look at what the blocks see.
        results: what Results shows, in its order.
        experiments: kinds of experiment that there are for them, in the order in which they are shown.
    """

    id: Things
    title: str
    network: str
    reads: Callable[[Path], bool]
    holds: Callable[[Iterable[str]], bool]
    draft: Callable[[str | None, Manifest], Draft]
    problems: Problems
    notes: Callable[[Manifest], list[str]]
    count: Callable[[int], str]
    sizes: Callable[[Pretrained], range]
    poolings: tuple[Pooling, ...]
    augments: bool
    fine_tuned: Callable[[Options], Mapping[str, Any]]
    probes: bool
    feature_maps: bool
    results: tuple[Result, ...]
    experiments: tuple[Experiment, ...]
    formats: tuple[str, ...] | None
    refused: Mapping[str, str] = field(default_factory=dict)
    head: Mapping[str, Any] = field(default_factory=dict)
    boxes: bool = False
    unfit: Mapping[str, str] = field(default_factory=dict)
