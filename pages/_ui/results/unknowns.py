"""None of these: what the model refuses, what that costs, and pictures of other things to fool it with."""

import streamlit as st

from pages._ui.explain import views
from pages._ui.results import trust_charts
from pages._ui.shell import charts, layout, state, workers
from tl_core.evaluation import unknowns
from tl_core.evaluation.predictions import Prediction, Predictions
from tl_core.evaluation.unknowns import Known, Trade
from tl_core.language import _
from tl_core.metrics import intervals
from tl_core.runs import RunFolder
from tl_core.wording import certainty, interval, number, out_of, percent

SHARES = [0.0, 0.01, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5]


def show(run: RunFolder, predicted: Predictions) -> None:
    """Show the slider of coverage against error, and the drawer."""
    known = unknowns.of(run)
    if known is None:
        st.info(_("There are no validation pictures, so no refusal threshold can be set."), icon=":material/info:")
        return
    st.header(_("The model may say “none of these”"), anchor=False)
    st.markdown(
        _("It refuses a picture that looks like no training picture, or whose class it is unsure of."),
        help=_("Without refusals every picture gets one of your classes, often with high confidence."),
    )
    chosen = _slider(run)
    rows = unknowns.trade(known, predicted, SHARES)
    left, right = st.columns([3, 2], gap="large")
    with left:
        charts.show(trust_charts.trade(rows, chosen), _alt(rows), key="trade")
    with right:
        _cost(predicted, next(row for row in rows if row.share == chosen), known)
    _drawer(run)


def _slider(run: RunFolder) -> float:
    now = min(SHARES, key=lambda share: abs(share - unknowns.refused(run)))
    chosen: float = st.select_slider(
        _("How many pictures of your classes may be refused by mistake"),
        SHARES,
        format_func=lambda share: _("none: never refuse") if share == 0 else percent(share),
        help=_("Try it uses this limit, too."),
        **state.bound(f"refused-{run.id}", now, lambda share: unknowns.choose(run, share)),
    )
    return chosen


def _cost(predicted: Predictions, row: Trade, known: Known) -> None:
    with st.container(horizontal=True):
        st.metric(_("Answered"), out_of(row.answered, row.n))
        st.metric(_("Right among them"), out_of(row.correct, row.answered))
    st.markdown(row.right.sentence())
    refused = row.n - row.answered
    if row.share:
        range_ = interval(*row.refused.interval, row.n)
        words = _("{number} refused by mistake; the true share is probably {interval}.")
        st.markdown(words.format(number=number(refused), interval=range_))
    if note := known.note(row.share):
        st.caption(note)
    if predicted.split == "validation":
        st.caption(_("This limit was chosen on these pictures. Test pictures show how well it holds."))
    if known.helped:
        st.caption(_("Training pictures helped to set the limit, so new pictures may be refused somewhat more often."))


def _drawer(run: RunFolder) -> None:
    with layout.drawer(_("Try to fool it"), "fool", ":material/theater_comedy:") as drawer:
        if drawer.open:
            with layout.calm():
                _fool(run)


def _fool(run: RunFolder) -> None:
    shown = views.of(run.project)
    others = shown.strangers()  # none is like another, so each counts by itself
    with st.spinner(_("Showing it other things …")):
        answers = _predicted(
            str(run.folder), run.model_path.stat().st_mtime_ns, unknowns.refused(run), tuple(others.values())
        )
    refused = sum(answer.refused for answer in answers)
    range_ = interval(*intervals.rate_interval(refused, len(answers)), len(answers))
    st.markdown(
        _("**{some} of {every} pictures of other things are refused** (95% interval {interval}).").format(
            some=refused, every=len(answers), interval=range_
        ),
        help=_("If one of them belongs to a class of yours, it should not be refused."),
    )
    with st.container(horizontal=True, key="strangers"):
        for (title, other), answer in zip(others.items(), answers, strict=True):
            best = answer.classes[0]
            says = f"{best.label} {certainty(best.probability)}"
            with st.container(width=138):
                alt = _("{title}: refused").format(title=title) if answer.refused else f"{title}: {says}"
                shown.stranger(other, alt)
                st.markdown(
                    _(":material/block: **Refused**, {title}").format(title=title)
                    if answer.refused
                    else f":material/warning: {title}"
                )
                called = _("Otherwise: {answer}") if answer.refused else _("Called {answer}")
                st.text(called.format(answer=says))


@st.cache_data(max_entries=8, show_spinner=False, scope="session")
def _predicted(folder: str, trained: int, refused: float, others: tuple[str, ...]) -> list[Prediction]:
    """Ask once for each model and limit, however often the page runs again."""
    answers: list[Prediction] = workers.engine().ask("predict", folder, list(others), False)
    return answers


def _alt(rows: list[Trade]) -> str:
    words = _("{some} of {every} answered, {wrong} wrong")
    each = "; ".join(
        words.format(some=row.answered, every=row.n, wrong=row.answered - row.correct) for row in rows[::2]
    )
    return _("Errors by the number of answered pictures: {each}.").format(each=each)
