"""What a run is called, and how to tell it from others."""

from collections import Counter

import streamlit as st

from pages._ui.shell import layout, state
from tl_core import runs
from tl_core.freezing import names, outline
from tl_core.language import _
from tl_core.networks import tables
from tl_core.runs import RunFolder
from tl_core.wording import moment, percent


def apart(run: RunFolder) -> str:
    """Return the name of a run with what tells it from others, plain text: its network and line, or when it was."""
    name = run.label.name
    return f"{name} · {about(run)}" if name else f"{names.of(run)} · {moment(run.job.created)}"


def title(run: RunFolder) -> str:
    """Return the same with the accuracy, plain text."""
    report = run.report()
    figure = report.validation if report else None
    right = (
        _("{share} right").format(share=percent(figure.accuracy, figure.n))
        if figure and figure.accuracy is not None
        else ""
    )
    right = _("accuracy not measured") if run.recipe.everything and not run.times_opened() else right
    return " · ".join(filter(None, (apart(run), right)))


def about(run: RunFolder) -> str:
    """Return network and freeze line of a run, plain text: ``"EfficientNet-Lite0, 12 of 18 blocks frozen"``."""
    recipe = run.recipe
    return f"{tables.title(recipe.backbone)}, {frozen(recipe.backbone, recipe.freeze)}"


def frozen(backbone: str, line: str) -> str:
    """Return a freeze line in a few words."""
    if line in ("all", "none"):
        return _("all but the head frozen") if line == "all" else _("no block frozen")
    drawn = outline.load(state.workspace(), backbone)
    if drawn is None:
        return _("lower blocks frozen")
    return _("{some} of {every} blocks frozen").format(some=drawn.frozen_blocks(line), every=len(drawn.blocks))


def unlike(every: list[RunFolder]) -> dict[str, str]:
    """Return the titles of runs by id. Streamlit tells options apart by what they read, so no two read the same."""
    titles = {run.id: title(run) for run in every}
    often = Counter(titles.values())
    return {id_: text if often[text] == 1 else f"{text} ({id_})" for id_, text in titles.items()}


def choose(run: RunFolder) -> None:
    """Say which run a page is about, and let a person choose another one of the project that has a model."""
    titles = unlike([each for each in runs.of_project(run.project) if each.ready and not each.damage()])

    if len(titles) < 2:
        st.markdown(f":material/model_training: {layout.escape(title(run))}")
        return

    def open_run(id_: str) -> None:
        state.set_run(state.find_run(run.project, id_))

    binding = state.bound("run-choice", run.id, open_run, options=titles)
    state.hold_widget("run-choice")  # a run may have another name than before
    st.selectbox(_("Run"), list(titles), format_func=titles.__getitem__, **binding)
