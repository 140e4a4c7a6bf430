"""The options of a training run, as widgets with the usual values set."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import streamlit as st

from pages._ui.freeze import line
from pages._ui.shell import layout, state
from tl_core.dataset.manifest import Manifest
from tl_core.diagnosis.remedies import FINE_TUNE_EPOCHS, decimal
from tl_core.networks import catalogue, weights
from tl_core.networks.catalogue import Backbone
from tl_core.recipe import AUGMENTATIONS, FINE_TUNE_LEARNING_RATE, Recipe
from tl_core.workspace import Project

RATES = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2]
FINE_TUNE_RATES = [1e-5, 3e-5, 1e-4, 3e-4, 1e-3]
VARIANTS = [2, 4, 8, 16]


def recipe(project: Project, data: Manifest) -> Recipe:
    """Show the options and return the recipe that they make."""
    draft = state.draft(project)
    network = catalogue.get(draft.get("backbone", catalogue.DEFAULT))
    freeze = draft.get("freeze", "all")
    before = {**_usual(network), **draft.get("options", {})}
    _summary(network, freeze, data)
    with st.expander("Options", icon=":material/tune:"):
        chosen = _options(network, before, fine_tunes=freeze != "all", taken=draft.get("taken", 0))
    draft = state.update_draft(project, options=chosen)
    if chosen["weights"] != before["weights"]:
        st.rerun()
    return drafted(draft, data)


def drafted(draft: dict[str, Any], data: Manifest) -> Recipe:
    """Return the recipe that the choices so far make on these pictures: what **Train** will train."""
    network = catalogue.get(draft.get("backbone", catalogue.DEFAULT))
    options = {**_usual(network), **draft.get("options", {})}
    freeze = draft.get("freeze", "all")
    return Recipe(
        manifest=data.version,
        backbone=network.id,
        freeze=freeze,
        keep_frozen=tuple(draft.get("keep_frozen", ())),
        head=line.chosen_head(draft, two_classes=len(data.classes) == 2),
        train_batch_norm=options["weights"] == "random" or draft.get("train_batch_norm", False),
        **(options if freeze != "all" else {**options, "fine_tune_epochs": 0}),
    )


def take_over(project: Project, chosen: Recipe) -> None:
    """Make every choice for the next run that of a recipe, but for its manifest version: the next is the newest.

    With everything frozen nothing fine-tunes; the number of epochs that was set for it waits for the line to move.
    """
    draft = state.draft(project)
    options = {name: getattr(chosen, name) for name in _usual(catalogue.get(chosen.backbone))}
    if chosen.freeze == "all":
        options["fine_tune_epochs"] = draft.get("options", {}).get("fine_tune_epochs", FINE_TUNE_EPOCHS)
    state.update_draft(
        project,
        backbone=chosen.backbone,
        freeze=chosen.freeze,
        keep_frozen=list(chosen.keep_frozen),
        train_batch_norm=chosen.train_batch_norm and chosen.weights != "random",
        head=asdict(chosen.head),
        options=options,
        taken=draft.get("taken", 0) + 1,
    )


def _summary(network: Backbone, freeze: str, data: Manifest) -> None:
    counts = {part: len(data.part(part)) for part in ("train", "validation", "test")}
    with st.container(border=True, horizontal=True, key="recipe"):
        st.metric("Network", network.title)
        st.metric("Frozen", {"all": "All but the head", "none": "Nothing"}.get(freeze, "Lower blocks"))
        st.metric("Train on", f"{counts['train']} pictures")
        st.metric("Check on", f"{counts['validation']} pictures", help="The validation part: chooses the best epoch.")
        st.metric("Kept sealed", f"{counts['test']} pictures", help="The test part: never seen before you open it.")


def has_weights(chosen: Recipe) -> bool:
    """Return whether the run may start; where the weights are not on this machine, say so with a link."""
    if chosen.weights == "random":
        return True
    status = weights.status(catalogue.get(chosen.backbone), state.workspace())
    if status.state != "here":
        st.warning(f"The network's weights are not on this machine. {status.message}", icon=":material/cloud_download:")
        layout.link("network", "Go to Network")
    return status.state == "here"


def _options(network: Backbone, usual: dict[str, Any], *, fine_tunes: bool, taken: int) -> dict[str, Any]:
    """Show the options and return them.

    Args:
        network: the network of the next run.
        usual: what each option is before this page is drawn. Any valid value can be shown, also one between steps.
        fine_tunes: whether something besides the head will train.
        taken: how often the options of another run were taken over: each time the widgets begin anew.
    """

    def key(option: str) -> str:
        return f"option-{option}-{usual[option]}-{taken}"

    left, right = st.columns(2, gap="large")
    with left:
        chosen = _course(usual, key, fine_tunes=fine_tunes)
    with right:
        chosen |= _pictures(usual, key)
    with st.container(horizontal=True):
        least = min(network.least_size, usual["image_size"])
        size = st.number_input("Picture size (px)", least, 1024, usual["image_size"], 32, key=key("image_size"))
        most = max(256, usual["batch_size"])
        batch = st.number_input("Pictures per step", 1, most, usual["batch_size"], key=key("batch_size"))
        same = "The same seed gives the same result."
        seed = st.number_input("Seed", 0, 2**31 - 1, usual["seed"], help=same, key=key("seed"))
    was_half, was_scratch = usual["cache_precision"] == "float16", usual["weights"] == "random"
    half = st.toggle("Keep activations in half precision", was_half, help=_HELP["half"], key=key("cache_precision"))
    label = "Start from random weights (from scratch)"
    scratch = st.toggle(label, was_scratch, help=_HELP["scratch"], key=key("weights"))
    if scratch != was_scratch:
        chosen["fine_tune_learning_rate"] = chosen["learning_rate"] if scratch else FINE_TUNE_LEARNING_RATE
    return {
        **chosen,
        "cache_precision": "float16" if half else "float32",
        "image_size": size,
        "batch_size": batch,
        "seed": seed,
        "weights": "random" if scratch else "imagenet",
    }


def _course(usual: dict[str, Any], key: Callable[[str], str], *, fine_tunes: bool) -> dict[str, Any]:
    """Show how long and how fast to learn."""

    def slider(option: str, label: str, least: int, most: int) -> int:
        value = usual[option]
        return st.slider(label, min(least, value), max(most, value), value, help=_HELP.get(option), key=key(option))

    def rate(option: str, label: str, offered: list[float]) -> float:
        steps, help_ = sorted({*offered, usual[option]}), _HELP.get(option)
        return st.select_slider(label, steps, usual[option], format_func=decimal, help=help_, key=key(option))

    chosen: dict[str, Any] = {
        "epochs": slider("epochs", "Epochs for the head, at most", 1, 100),
        "learning_rate": rate("learning_rate", "Learning rate", RATES),
        "patience": slider("patience", "Stop early after so many epochs without progress", 1, 20),
        "fine_tune_epochs": usual["fine_tune_epochs"],
        "fine_tune_learning_rate": usual["fine_tune_learning_rate"],
    }
    if fine_tunes:
        chosen["fine_tune_epochs"] = slider("fine_tune_epochs", "Epochs of fine-tuning, at most", 0, 50)
        offered = RATES if usual["weights"] == "random" else FINE_TUNE_RATES
        chosen["fine_tune_learning_rate"] = rate("fine_tune_learning_rate", "Fine-tuning rate", offered)
    return chosen


def _pictures(usual: dict[str, Any], key: Callable[[str], str]) -> dict[str, Any]:
    """Show how pictures are changed and weighed."""
    levels = list(AUGMENTATIONS)
    augmentation = st.radio(
        "Augmentation",
        levels,
        index=levels.index(usual["augmentation"]),
        captions=list(AUGMENTATIONS.values()),
        format_func=str.capitalize,
        key=key("augmentation"),
    )
    variants = usual["augmentation_variants"]
    if augmentation != "off":
        variants = st.select_slider(
            "Changed versions of each picture",
            [*sorted({*VARIANTS, variants} - {0}), 0],
            variants,
            format_func=_variants,
            help=_HELP["variants"],
            key=key("augmentation_variants"),
        )
        st.caption(_cost(variants))
    help_, smoothest = _HELP["class_weights"], max(0.3, usual["label_smoothing"])
    label = "Let every class count the same"
    weighted = st.toggle(label, usual["class_weights"], help=help_, key=key("class_weights"))
    smoothing = st.slider(
        "Label smoothing",
        0.0,
        smoothest,
        usual["label_smoothing"],
        0.05,
        help=_HELP["label_smoothing"],
        key=key("label_smoothing"),
    )
    return {
        "augmentation": augmentation,
        "augmentation_variants": variants,
        "class_weights": weighted,
        "label_smoothing": smoothing,
    }


def _variants(count: int) -> str:
    return f"{count}, kept" if count else "new in every epoch"


def _cost(count: int) -> str:
    if not count:
        return "Nothing can be kept: every epoch runs the frozen part over every training picture."
    return f"The frozen part looks at every training picture {count} times, once; then epochs are as quick as without."


def _usual(network: Backbone) -> dict[str, Any]:
    return {
        "epochs": Recipe.epochs,
        "learning_rate": Recipe.learning_rate,
        "patience": Recipe.patience,
        "fine_tune_epochs": FINE_TUNE_EPOCHS,
        "fine_tune_learning_rate": FINE_TUNE_LEARNING_RATE,
        "augmentation": "off",
        "augmentation_variants": 4,
        "cache_precision": "float32",
        "class_weights": True,
        "label_smoothing": 0.0,
        "image_size": network.default_size,
        "batch_size": Recipe.batch_size,
        "seed": 0,
        "weights": "imagenet",
    }


_HELP = {
    "epochs": "One epoch goes through all training pictures once. Training ends earlier when it stops getting better.",
    "fine_tune_learning_rate": "Fine-tuning moves weights that took weeks to learn: go up only if nothing happens.",
    "variants": "Kept versions are taken in turn, another one in every epoch. New ones in every epoch are the most "
    "varied and by far the slowest.",
    "half": "Takes half of the disk. Numbers are rounded to three digits, which rarely changes a result.",
    "class_weights": "Without this, a class with many pictures outvotes one with few.",
    "label_smoothing": "Asks for a little less certainty than 100 %. 0 is usual, 0.1 is common.",
    "scratch": "Forgets what the network learnt before. Only to see how much worse that is.",
}
