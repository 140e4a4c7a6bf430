"""A steadier figure for few pictures: cross-validation of the head."""

import streamlit as st

from pages._ui.results import accuracy
from pages._ui.shell import jobs
from pages._ui.shell.jobs import Offer
from tl_core.evaluation import crossval, predictions, tag_crossval
from tl_core.evaluation.crossval import CrossValidation
from tl_core.evaluation.tag_crossval import TagCrossValidation
from tl_core.language import _
from tl_core.runs import RunFolder
from tl_core.wording import ends, fraction, pictures


def show(run: RunFolder) -> None:
    """Show the cross-validation of a run, its progress, or the button that starts it."""
    st.header(_("Cross-validation: a steadier figure"), anchor=False)
    result = crossval.load(run) or tag_crossval.load(run)
    with st.container(key="crossval"):
        if result is not None:
            jobs.noted("crossval", run=str(run.folder))
            _several(result) if isinstance(result, TagCrossValidation) else _result(run, result)
        else:
            jobs.panel("crossval", _("Cross-validating the head"), _offer(run), run=str(run.folder))


def _offer(run: RunFolder) -> Offer:
    n = sum(len(predictions.pictures_of(run, split)) for split in ("train", "validation"))
    text = _(
        "Cross-validation tests every training and validation picture on a head that has not seen it. It uses no test "
        "picture."
    )
    if n < crossval.FEW:
        few = _("With {pictures}, the validation accuracy says little.").format(pictures=pictures(n))
        text = f"{few} {text}"
    return Offer(_("Cross-validate"), ":material/cycle:", "start-crossval", text, primary=n < crossval.FEW)


def _result(run: RunFolder, result: CrossValidation) -> None:
    accuracy.metrics(_("Cross-validated accuracy"), result.accuracy, key="cross-validated")
    notes = [result.method()]
    if result.repeats > 1:
        notes.append(_repetitions(result))
    notes.append(_("Each head learns from the other folds, so this rates the way of training and not this very model."))
    if run.recipe.fine_tune_epochs:
        notes.append(_("The gain from fine-tuning is not included."))
    st.markdown(result.sentence(), help=" ".join(notes))


def _several(result: TagCrossValidation) -> None:
    accuracy.metrics(_("Exactly right, cross-validated"), result.accuracy, key="cross-validated")
    precision = fraction(result.mean_average_precision)
    st.metric(_("Mean average precision, cross-validated"), precision)
    thresholds = _("From which probability on a label is given is chosen on the other folds.")
    rated = _("Each head learns from the other folds, so this rates the way of training and not this very model.")
    st.markdown(result.sentence(), help=" ".join([result.method(), thresholds, rated]))


def _repetitions(result: CrossValidation) -> str:
    low, *high = ends(min(result.accuracies), max(result.accuracies), result.n)
    if not high:
        return _("The repetitions all give {accuracy}.").format(accuracy=low)
    return _("The repetitions lie between {low} and {high}.").format(low=low, high=high[0])
