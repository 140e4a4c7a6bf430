"""Retrain on everything: once all choices are made, train once more on validation pictures, too, and take that away."""

from collections.abc import Mapping
from typing import Literal

import streamlit as st

from pages._ui.shell import jobs, layout, state, workers
from pages._ui.shell.jobs import Offer
from pages._ui.train import progress, start, waiting
from tl_core.evaluation import everything
from tl_core.freezing import names
from tl_core.language import _
from tl_core.runs import RunFolder
from tl_core.wording import estimate, pictures

EVERY = 0.5
ICON = ":material/all_inclusive:"


def show(run: RunFolder) -> None:
    """Offer to train a run once more, on everything; follow that; and say of such a run what cannot be measured."""
    if run.recipe.everything:
        st.info(layout.escape(everything.unmeasured(run)), icon=ICON)
        if before := everything.source(run):
            _use(before, _("Back to the run before"), "secondary")
        return
    made = everything.made_from(run)
    with layout.drawer(_("Retrain on everything"), "everything", ICON, opened=bool(made)) as drawer:
        if drawer.open:
            _explain()
            if made and made[0].job.active:
                _follow(made[0])
                return
            if made:
                _ended(made[0])
            _offer(run)


def _explain() -> None:
    st.markdown(
        _(
            "Once all your choices are made, train once more on validation pictures, too, for the epochs that were "
            "best. More pictures usually make a better model, but those that it learned from cannot measure it any "
            "more."
        )
    )


def _offer(run: RunFolder) -> None:
    left = everything.test_pictures(run)
    test = st.toggle(
        _("Learn from the test pictures, too ({number})").format(number=left),
        disabled=not left,
        key="everything-test",
        help=_("Nothing can then measure the new model. Without this, test pictures still can."),
    )
    if test and left and not run.times_opened():
        st.warning(
            _(
                "The test pictures are still sealed. Open them on Results first: theirs is the last figure that can "
                "be measured."
            ),
            icon=":material/lock:",
        )
    if not everything.is_predicted(run):
        why = _("Its own pictures set the limit of refusal.")
        again = Offer(_("Predict your pictures"), ":material/quiz:", "ask", why)
        jobs.panel("answers", _("Predicting your pictures"), again, run=str(run.folder))
        return
    busy = start.busy(run.project)
    if st.button(
        _("Retrain on everything"),
        icon=":material/model_training:",
        key="retrain",
        disabled=busy,
        help=_("Another run is being trained. Wait for it.") if busy else _takes(run),
    ):
        workers.engine().submit(everything.create(run, test=test and bool(left)).job)
        st.rerun()


def _takes(run: RunFolder) -> str:
    report = run.report()
    sentences = [_("Makes a new run; this one stays as it is.")]
    if report:
        time = estimate(report.seconds["total"])
        sentences.append(_("It takes about as long as this run: {time}.").format(time=time))
    return " ".join(sentences)


def _follow(run: RunFolder) -> None:
    st.fragment(_draw, run_every=EVERY)(run, waiting.before(run))


def _draw(run: RunFolder, before: Mapping[str, str]) -> None:
    with layout.calm():
        if not run.job.active:
            st.rerun()
        events = run.job.events()
        jobs.warnings(events)
        progress.show(run, events, before)


def _ended(run: RunFolder) -> None:
    """Say how the newest run on everything ended, and let a person use its model."""
    status, report = run.job.status(), run.report()
    if status.state == "done" and report:
        learned = _("“{run}” has learned from {pictures}.").format(
            run=names.of(run), pictures=pictures(report.counts.train)
        )
        st.success(layout.escape(learned), icon=":material/check_circle:")
        _use(run, _("Use this model"), "primary")
        return
    why = _(status.error) if status.error else _("Retraining ended early.")
    words = [why, _("It can go on where it was.")]
    st.warning(layout.escape(" ".join(words)), icon=":material/stop_circle:")
    layout.link("train", _("Go on with it on Train"), run=run.id)


def _use(run: RunFolder, label: str, kind: Literal["primary", "secondary"]) -> None:
    if st.button(label, icon=":material/swap_horiz:", key="use-run", type=kind):
        state.set_run(run)
        st.rerun()
