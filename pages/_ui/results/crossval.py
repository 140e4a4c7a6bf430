"""A steadier figure for few pictures: cross-validation of the head."""

import streamlit as st

from pages._ui.results import accuracy
from pages._ui.shell import jobs
from pages._ui.shell.jobs import Offer
from tl_core.evaluation import crossval, predictions
from tl_core.evaluation.crossval import CrossValidation
from tl_core.runs import RunFolder
from tl_core.wording import interval, pictures


def show(run: RunFolder) -> None:
    """Show the cross-validation of a run, its progress, or the button that starts it."""
    st.header("Cross-validation: a steadier figure", anchor=False)
    result = crossval.load(run)
    with st.container(key="crossval"):
        if result is not None:
            jobs.noted("crossval", run=str(run.folder))
            _result(run, result)
        else:
            jobs.panel("crossval", "Cross-validating the head", _offer(run), run=str(run.folder))


def _offer(run: RunFolder) -> Offer:
    n = sum(len(predictions.pictures_of(run, split)) for split in ("train", "validation"))
    few = f"With {pictures(n)}, the validation accuracy says little. " if n < crossval.FEW else ""
    text = (
        f"{few}Cross-validation tests every training and validation picture on a head that has not seen it. It uses "
        "no test picture."
    )
    return Offer("Cross-validate", ":material/cycle:", "start-crossval", text, primary=n < crossval.FEW)


def _result(run: RunFolder, result: CrossValidation) -> None:
    accuracy.metrics("Cross-validated accuracy", result.accuracy)
    spread = interval(min(result.accuracies), max(result.accuracies), result.n)
    lie = f"lie between {spread.replace(' to ', ' and ')}" if " to " in spread else f"all give {spread}"
    each = f" The repetitions {lie}." if result.repeats > 1 else ""
    tuned = " The gain from fine-tuning is not included." if run.recipe.fine_tune_epochs else ""
    st.markdown(
        result.sentence(),
        help=f"{result.method()}{each} Each head learns from the other folds, so this rates the way of training and "
        f"not this very model.{tuned}",
    )
