"""The options of a training run, as widgets with the usual values set."""

from typing import Any

import streamlit as st

from pages._ui import freeze_view, layout, state
from tl_core import catalogue, weights
from tl_core.catalogue import Backbone
from tl_core.manifest import Manifest
from tl_core.recipe import AUGMENTATIONS, FINE_TUNE_LEARNING_RATE, Recipe
from tl_core.workspace import Project

RATES = [1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2]
FACTORS = [1, 3, 10, 30, 100]
VARIANTS = [2, 4, 8, 16, 0]
FROZEN = {"all": "everything frozen but the new head", "none": "nothing frozen"}


def recipe(project: Project, data: Manifest) -> Recipe:
    """Show the options and return the recipe that they make."""
    draft = state.draft(project)
    network = catalogue.get(draft.get("backbone", catalogue.DEFAULT))
    freeze = draft.get("freeze", "all")
    head = freeze_view.chosen_head(draft, two_classes=len(data.classes) == 2)
    _summary(network, freeze, data)
    with st.expander("Options", icon=":material/tune:"):
        chosen = _options(network, draft.get("options", {}), fine_tunes=freeze != "all")
    state.update_draft(project, options=chosen)
    scratch = chosen["weights"] == "random"
    now = chosen if freeze != "all" else {**chosen, "fine_tune_epochs": 0}
    return Recipe(
        manifest=data.version,
        backbone=network.id,
        freeze=freeze,
        keep_frozen=tuple(draft.get("keep_frozen", ())),
        head=head,
        train_batch_norm=scratch or draft.get("train_batch_norm", False),
        **now,
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


def _options(network: Backbone, kept: dict[str, Any], *, fine_tunes: bool) -> dict[str, Any]:
    usual = {field: kept.get(field, default) for field, default in _usual(network).items()}
    left, right = st.columns(2, gap="large")
    with left:
        epochs = st.slider("Epochs for the head, at most", 1, 100, usual["epochs"], help=_HELP["epochs"])
        rate = st.select_slider("Learning rate", RATES, usual["learning_rate"], format_func="{:g}".format)
        patience = st.slider("Stop early after so many epochs without progress", 1, 20, usual["patience"])
        fine_tune = usual["fine_tune_epochs"]
        factor = _nearest(FACTORS, usual["fine_tune_learning_rate"] / FINE_TUNE_LEARNING_RATE)
        if fine_tunes:
            fine_tune = st.slider("Epochs of fine-tuning, at most", 0, 50, fine_tune)
            factor = st.select_slider(
                "Fine-tuning rate", FACTORS, factor, format_func="{} × 0.00001".format, help=_HELP["factor"]
            )
    with right:
        levels = list(AUGMENTATIONS)
        augmentation = st.radio(
            "Augmentation",
            levels,
            index=levels.index(usual["augmentation"]),
            captions=list(AUGMENTATIONS.values()),
            format_func=str.capitalize,
        )
        variants = usual["augmentation_variants"]
        if augmentation != "off":
            variants = st.select_slider(
                "Changed versions of each picture", VARIANTS, variants, format_func=_variants, help=_HELP["variants"]
            )
            st.caption(_cost(variants))
        weighted = st.toggle("Let every class count the same", usual["class_weights"], help=_HELP["class_weights"])
        smoothing = st.slider("Label smoothing", 0.0, 0.3, usual["label_smoothing"], 0.05, help=_HELP["smoothing"])
    with st.container(horizontal=True):
        size = st.number_input("Picture size (px)", network.least_size, 1024, usual["image_size"], 32)
        batch = st.number_input("Pictures per step", 1, 256, usual["batch_size"])
        seed = st.number_input("Seed", 0, 2**31 - 1, usual["seed"], help="The same seed gives the same result.")
    half = st.toggle("Keep activations in half precision", usual["cache_precision"] == "float16", help=_HELP["half"])
    scratch = st.toggle("Start from random weights (from scratch)", usual["weights"] == "random", help=_HELP["scratch"])
    return {
        "epochs": epochs,
        "learning_rate": rate,
        "patience": patience,
        "fine_tune_epochs": fine_tune,
        "fine_tune_learning_rate": rate if scratch else factor * FINE_TUNE_LEARNING_RATE,
        "augmentation": augmentation,
        "augmentation_variants": variants,
        "cache_precision": "float16" if half else "float32",
        "class_weights": weighted,
        "label_smoothing": smoothing,
        "image_size": size,
        "batch_size": batch,
        "seed": seed,
        "weights": "random" if scratch else "imagenet",
    }


def _variants(count: int) -> str:
    return f"{count}, kept" if count else "new in every epoch"


def _cost(count: int) -> str:
    if not count:
        return "Nothing can be kept: every epoch runs the frozen part over every training picture."
    return f"The frozen part looks at every training picture {count} times, once; then epochs are as quick as without."


def _nearest(choices: list[int], value: float) -> int:
    return min(choices, key=lambda choice: abs(choice - value))


def _usual(network: Backbone) -> dict[str, Any]:
    return {
        "epochs": Recipe.epochs,
        "learning_rate": Recipe.learning_rate,
        "patience": Recipe.patience,
        "fine_tune_epochs": 5,
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
    "factor": "Fine-tuning moves weights that took weeks to learn: go up only if nothing happens.",
    "variants": "Kept versions are taken in turn, another one in every epoch. New ones in every epoch are the most "
    "varied and by far the slowest.",
    "half": "Takes half of the disk. Numbers are rounded to three digits, which rarely changes a result.",
    "class_weights": "Without this, a class with many pictures outvotes one with few.",
    "smoothing": "Asks for a little less certainty than 100 %. 0 is usual, 0.1 is common.",
    "scratch": "Forgets what the network learnt before. Only to see how much worse that is.",
}
