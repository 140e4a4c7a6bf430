"""The functions that are named by strings: what a job does, and what a page may ask of a worker.

A page names them without importing them, since most of them load TensorFlow.
"""

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from tl_core import imports


@dataclass(frozen=True)
class Kind:
    """What a job does.

    Attributes:
        function: ``"module:function"``, called as ``function(folder, progress, **args)``; may return a record or a
            JSON object.
        worker: the resource of the worker that it waits for.
        light: its module imports no Keras, at any time.
        gives_way: nobody waits for it: it comes last, and stops as soon as anything else is asked for.
        pauses: it takes long, so where no worker is free it lets what a person asks for go first, and goes on after it.
        turns: where another person has waited long enough, it pauses as soon as what it has done is stored, and goes on
            from there (``Turns.over``).
        priority: of those that wait for a worker, higher ones begin first.
    """

    function: str
    worker: Literal["train", "interactive"] = "interactive"
    light: bool = False
    gives_way: bool = False
    pauses: bool = False
    turns: bool = False
    priority: int = 0


#: Every kind of job. ``job.json`` names the kind, so that a function may move.
KINDS = {
    "import": Kind("tl_core.ingest.importer:run", light=True),
    "sample": Kind("tl_core.ingest.make_sample:run", light=True),
    "import-texts": Kind("tl_core.text.importer:run", light=True),
    "import-boxes": Kind("tl_core.boxes.importer:run", light=True),
    "download": Kind("tl_core.networks.weights:run", light=True),
    "speed": Kind("tl_core.freezing.speed:run"),
    "probe": Kind("tl_core.freezing.probe:run"),
    "answers": Kind("tl_core.evaluation.inference:run"),
    "crossval": Kind("tl_core.evaluation.crossval:run"),
    "class-map": Kind("tl_core.explain.service:run"),
    "atlas": Kind("tl_core.explain.projection:run", light=True),
    "evaluate": Kind("tl_core.evaluation.sealed_test:run"),
    "export": Kind("tl_core.export.job:run"),
    "pack": Kind("tl_core.travel.job:pack", light=True),
    "unpack": Kind("tl_core.travel.job:unpack", light=True),
    "dataset": Kind("tl_core.travel.job:dataset", light=True),
    "judged": Kind("tl_core.travel.job:judged", light=True),
    "health": Kind("tl_core.health.report:run", light=True),
    "train": Kind("tl_core.training.train:run", worker="train", turns=True),
    "ahead": Kind("tl_core.training.ahead:run", worker="train", gives_way=True, priority=-10),
    "race": Kind("tl_core.experiments.race:run", worker="train", priority=-1),
    "shootout": Kind("tl_core.experiments.shootout:run", worker="train", pauses=True, priority=-1),
    "learning-curve": Kind(
        "tl_core.experiments.learning_curve:run", worker="train", pauses=True, turns=True, priority=-1
    ),
    "remeasure": Kind("tl_core.experiments.remeasure:run", worker="train", pauses=True, turns=True, priority=-1),
    "lesson": Kind("tl_core.lessons.job:run", worker="train", priority=-1),
    "search": Kind("tl_core.experiments.search:run", worker="train", pauses=True, turns=True, priority=-1),
}

#: Every short question that a page asks of a worker (``Engine.ask``), or a command of its own process (``load``).
QUESTIONS = {
    "warm": "tl_core.training.train:warm",
    "help": "tl_core.networks.activations:help_with",
    "check-choices": "tl_core.training.prepare:check_choices",
    "convert": "tl_core.training.ahead:convert",
    "outline": "tl_core.freezing.outline:draw",
    "predict": "tl_core.evaluation.predict:predict",
    "find-boxes": "tl_core.evaluation.boxes:predict",
    "ready": "tl_core.evaluation.predict:ready",
    "answers": "tl_core.evaluation.inference:ensure",
    "augmented": "tl_core.features.preview:versions",
    "augmented-boxes": "tl_core.boxes.augmented:versions",
    "feature-maps": "tl_core.explain.feature_maps:feature_maps",
    "filters": "tl_core.explain.feature_maps:filters",
    "grad-cam": "tl_core.explain.service:grad_cam",
    "cover": "tl_core.explain.service:cover",
    "why-words": "tl_core.explain.text_service:why_words",
    "features-of": "tl_core.evaluation.predict:features_of",
}


def load(name: str) -> Callable[..., Any]:
    """Return the function of ``"module:function"``, importing the module now: in the worker, not in the page.

    Keras, too, is imported here and not first by a function that two threads may call.
    """
    module, function = name.split(":")
    with imports.lock:
        if module not in _LIGHT:
            imports.keras()
        loaded: Callable[..., Any] = getattr(importlib.import_module(module), function)
    return loaded


_LIGHT = {kind.function.split(":")[0] for kind in KINDS.values() if kind.light}
