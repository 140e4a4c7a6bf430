"""The options of the next run, as widgets that show the draft and change it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from pages._ui.shell import layout, state
from pages._ui.shell.help import SEALED
from pages._ui.train import augmentation
from tl_core import wording
from tl_core.about import Things
from tl_core.dataset import kinds
from tl_core.dataset.manifest import Manifest
from tl_core.draft import Draft
from tl_core.freezing import outline
from tl_core.language import N_, _
from tl_core.networks import tables, weights
from tl_core.networks.tables import Pretrained
from tl_core.recipe import SCHEDULES, SOLVERS, Recipe
from tl_core.tasks import table
from tl_core.workspace import Project

RATES = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 2e-2, 5e-2)
BOX_RATES = (3e-4, 1e-3, 2e-3, 4e-3, 1e-2)
FINE_TUNE_RATES = (1e-5, 3e-5, 1e-4, 3e-4, 1e-3)
WEIGHT_DECAYS = (0.0, 1e-3, 1e-2, 0.05, 0.1, 0.3)


def recipe(project: Project, data: Manifest) -> Recipe:
    """Show the options and return the recipe that they make."""
    draft = state.draft(project)
    network = tables.get(draft.backbone)
    _summary(network, draft, data)
    OPTIONS.get(kinds.of(project), _usual)(project, draft, network, data)
    return next_recipe(project, data)


def _usual(project: Project, draft: Draft, network: Pretrained, data: Manifest) -> None:
    options = layout.drawer(_("Options of the next run"), "train-options", ":material/tune:")
    with options:
        left, right = st.columns(2, gap="large")
        with left:
            _epochs(project, draft)
        with right:
            _pictures(project, draft)
            if options.open and draft.augmentation != "off":
                augmentation.versions(project, draft, data, _size(draft, network))
        _rest(project, draft, network)
    with layout.drawer(_("Expert options"), "train-expert", ":material/science:"):
        _expert(project, draft)


def _of_boxes(project: Project, draft: Draft, network: Pretrained, data: Manifest) -> None:
    """Show the options that a head for boxes has."""
    with layout.drawer(_("Options of the next run"), "train-options", ":material/tune:") as options:
        left, right = st.columns(2, gap="large")
        with left:
            _slider(project, "epochs", _("Epochs for the head"), draft.epochs, 1, 100, 1)
            _rate(project, "learning_rate", _("Learning rate"), draft.learning_rate, BOX_RATES)
            _after_the_line(project, draft)
        with right:
            augmentation.choose(project, draft, own_size=False)
            if options.open and draft.augmentation != "off":
                augmentation.versions(project, draft, data, _size(draft, network))
        _rest(project, draft, network)
        st.caption(_(FIXED))
    with layout.drawer(_("Expert options"), "train-expert", ":material/science:"):
        if draft.line != "all":
            _fine_tuning(project, draft)
        _scratch(project, draft)


#: Of kinds that have other options than usual.
OPTIONS: Mapping[Things, Callable[[Project, Draft, Pretrained, Manifest], None]] = {"boxes": _of_boxes}
FIXED = N_(
    "The rate of the head falls to 0 along a cosine, so a run goes through all of its epochs. Pictures are changed at "
    "the size that the network sees: at their own size, things would come in at the edges without a box."
)


def next_recipe(project: Project, data: Manifest) -> Recipe:
    """Return the recipe that the choices so far make on these pictures: what **Train** will train."""
    draft = state.draft(project)
    return draft.recipe(data.version, len(data.classes), tables.get(draft.backbone))


def _summary(network: Pretrained, draft: Draft, data: Manifest) -> None:
    counts = {split: len(data.split(split)) for split in ("train", "validation", "test")}
    st.header(_("Next run"), anchor=False)
    with st.container(border=True, horizontal=True, key="recipe"):
        st.metric(_("Network"), network.title)
        st.metric(_("Frozen"), _frozen(network, draft.line))
        st.metric(_("Training"), wording.pictures(counts["train"]))
        st.metric(_("Validation"), wording.pictures(counts["validation"]), help=_("They choose the best epoch."))
        st.metric(_("Test"), wording.pictures(counts["test"]), help=_(SEALED))


def _frozen(network: Pretrained, line: str) -> str:
    if line in ("all", "none"):
        return _("All but the head") if line == "all" else _("No block")
    drawn = outline.load(state.workspace(), network.id)
    if drawn is None:
        return _("Lower blocks")
    return _("{some} of {every} blocks").format(some=drawn.frozen_blocks(line), every=len(drawn.blocks))


def has_weights(chosen: Recipe) -> bool:
    """Return whether the run may start; where the weights are not on this machine, say so with a link."""
    if chosen.weights == "random":
        return True
    status = weights.status(tables.get(chosen.backbone), state.workspace())
    if status.state != "here":
        missing = _("The network's weights are not on this machine.")
        st.warning(f"{missing} {status.message}", icon=":material/cloud_download:")
        layout.link("network", _("Go to Network"))
    return status.state == "here"


def _bound(project: Project, option: str, value: Any, **more: Any) -> Any:
    """Tie a widget to a field of the draft, see ``state.bound``."""
    return state.bound(f"option-{option}", value, lambda new: state.update_draft(project, **{option: new}), **more)


def _help(option: str) -> str | None:
    return _(_HELP[option]) if option in _HELP else None


def _slider(project: Project, option: str, label: str, value: float, least: float, most: float, step: float) -> None:
    """Show a slider; a value beyond its ends, taken over from another run, stretches it."""
    bounds = min(least, value), max(most, value)
    st.slider(
        label,
        *bounds,
        step=step,
        help=_help(option),
        **_bound(project, option, value, bounds=bounds),
    )


def _number(project: Project, option: str, label: str, value: int, least: int, most: int, step: int) -> None:
    """Show a field for a whole number; its value is given as well, or a browser draws the least before the choice."""
    st.number_input(label, least, most, value, step, help=_help(option), **_bound(project, option, value))


def _rate(project: Project, option: str, label: str, value: float, offered: tuple[float, ...]) -> None:
    steps = sorted({*offered, value})
    st.select_slider(label, steps, format_func=wording.rate, help=_help(option), **_bound(project, option, value))


def _epochs(project: Project, draft: Draft) -> None:
    """Show how the run learns: how long, and how fast."""
    if draft.head.hidden or draft.live:
        st.markdown(_(_STEP_BY_STEP))
    else:
        st.radio(
            _("How the head learns"),
            list(SOLVERS),
            captions=list(map(_, SOLVERS.values())),
            format_func={"lbfgs": _("Logistic regression"), "adam": _("Gradient descent (Adam)")}.__getitem__,
            help=_(_HELP["solver"]),
            **_bound(project, "solver", draft.solver, options=SOLVERS),
        )
    if not draft.convex:
        _slider(project, "epochs", _("Epochs for the head, at most"), draft.epochs, 1, 100, 1)
        _rate(project, "learning_rate", _("Learning rate"), draft.learning_rate, RATES)
    if not draft.convex or draft.line != "all":
        _slider(project, "patience", _("Epochs without progress before it stops"), draft.patience, 1, 20, 1)
    _after_the_line(project, draft)


def _after_the_line(project: Project, draft: Draft) -> None:
    """Show how long and how fast the blocks after the line learn, where there are any."""
    if draft.line == "all":
        return
    _slider(project, "fine_tune_epochs", _("Epochs of fine-tuning, at most"), draft.fine_tune_epochs, 0, 50, 1)
    offered = RATES if draft.weights == "random" else FINE_TUNE_RATES
    _rate(project, "fine_tune_learning_rate", _("Fine-tuning rate"), draft.fine_tune_rate, offered)
    _best(project, draft)


def _best(project: Project, draft: Draft) -> None:
    """Offer the settings of fine-tuning that have won, where others are set."""
    won = table.of(project).fine_tuned(draft)
    now = replace(draft, fine_tune_learning_rate=draft.fine_tune_rate)
    if draft.weights == "random" or all(getattr(now, name) == value for name, value in won.items()):
        return
    st.button(
        _("Use the settings that won"),
        key="fine-tuned",
        help=_(_HELP["fine_tuned"]),
        on_click=lambda: state.update_draft(project, **won),
    )


def _pictures(project: Project, draft: Draft) -> None:
    """Show how pictures are changed and weighed."""
    if table.of(project).augments:
        augmentation.choose(project, draft)
    balance = _bound(project, "class_weights", draft.class_weights)
    st.toggle(_("Balance the classes"), help=_(_HELP["class_weights"]), **balance)


def _size(draft: Draft, network: Pretrained) -> int:
    return network.default_size if draft.image_size is None else draft.image_size


def _rest(project: Project, draft: Draft, network: Pretrained) -> None:
    """Show the options that few people need."""
    size, sizes = _size(draft, network), table.of(project).sizes(network)
    with st.container(horizontal=True):
        least, most = min(sizes[0], size), max(sizes[-1], size)
        _number(project, "image_size", _("Picture size (px)"), size, least, most, sizes.step)
        _number(project, "batch_size", _("Pictures per step (batch size)"), draft.batch_size, 1, 1024, 1)
        _number(project, "seed", _("Shuffle number"), draft.seed, 0, 2**31 - 1, 1)


def _expert(project: Project, draft: Draft) -> None:
    """Show the options that only people need who know what they are."""
    if draft.line != "all":
        _fine_tuning(project, draft)
    _slider(project, "label_smoothing", _("Label smoothing"), draft.label_smoothing, 0.0, 0.3, 0.05)
    half = state.bound(
        "option-cache_precision",
        draft.cache_precision == "float16",
        lambda on: state.update_draft(project, cache_precision="float16" if on else "float32"),
    )
    st.toggle(_("Store activations in half precision"), help=_(_HELP["cache_precision"]), **half)
    _scratch(project, draft)


def _scratch(project: Project, draft: Draft) -> None:
    scratch = state.bound(
        "option-weights",
        draft.weights == "random",
        # What was the right rate for one kind of weights is wrong for the other.
        lambda on: state.update_draft(project, weights="random" if on else "imagenet", fine_tune_learning_rate=None),
    )
    st.toggle(_("Start from random weights (from scratch)"), help=_(_HELP["weights"]), **scratch)


def _fine_tuning(project: Project, draft: Draft) -> None:
    """Show how the steps of the fine-tuning change: from one to the next, and from block to block."""
    st.radio(
        _("Fine-tuning rate over time"),
        list(SCHEDULES),
        captions=list(map(_, SCHEDULES.values())),
        format_func={"constant": _("Constant"), "cosine": _("Warm-up and cosine")}.__getitem__,
        help=_(_HELP["schedule"]),
        horizontal=True,
        **_bound(project, "schedule", draft.schedule, options=SCHEDULES),
    )
    if draft.weights != "random":
        _slider(project, "block_decay", _("Rate of each earlier block"), draft.block_decay, 0.5, 1.0, 0.05)
    decay = draft.weight_decay
    st.select_slider(
        _("Weight decay"),
        sorted({*WEIGHT_DECAYS, decay}),
        format_func=lambda value: wording.rate(value) if value else _("none"),
        help=_(_HELP["weight_decay"]),
        **_bound(project, "weight_decay", decay),
    )


_STEP_BY_STEP = N_(
    "The head learns by gradient descent, in epochs: with a hidden layer, or with changes that are new in every epoch, "
    "there is no other way."
)
_HELP = {
    "block_decay": N_(
        "Each block learns at this share of the rate of the block after it. Below 1, the first blocks change least."
    ),
    "epochs": N_(
        "One epoch goes through all training pictures once. Training ends earlier when it "
        "stops improving, or when nothing is left to learn."
    ),
    "fine_tune_learning_rate": N_(
        "Fine-tuning changes weights that took weeks to learn. Raise the rate only if nothing happens."
    ),
    "cache_precision": N_(
        "Takes half of the disk. Numbers are rounded to three digits, which rarely changes a result."
    ),
    "class_weights": N_("Without this, a class with many pictures outweighs one with few."),
    "fine_tuned": N_(
        "On three sets of pictures they were clearly better than a small constant rate. They change the "
        "pictures, so the frozen part runs several times."
    ),
    "label_smoothing": N_("Trains for a little less confidence than 100%. 0 is usual, 0.1 is common."),
    "patience": N_(
        "Fine-tuning with a cosine has all of its epochs: its rate must come down to 0. The best epoch counts."
    ),
    "solver": N_(
        "Logistic regression has one best answer and finds it in a moment, from few pictures above all. Gradient "
        "descent is how all networks learn: choose it to see epochs, a learning rate and what they do."
    ),
    "schedule": N_(
        "A cosine needs its end, so no epoch is left out, however little it gains. The model keeps the best one."
    ),
    "seed": N_("The same number gives the same result."),
    "weight_decay": N_("Makes all weights a little smaller in every step (AdamW). 0.05 is usual for fine-tuning."),
    "weights": N_("Ignores the pre-trained weights. Use it to see how much transfer learning helps."),
}
