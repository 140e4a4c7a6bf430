"""A lesson: its rounds, each in four steps that open one after the other."""

from typing import Any

import streamlit as st

from pages._ui.freeze import feature_maps
from pages._ui.learn import charts as drawn_charts
from pages._ui.learn import figures, overview, take
from pages._ui.shell import charts, jobs, layout, state, workers
from tl_core import jobs as all_jobs
from tl_core.dataset import manifest
from tl_core.freezing import outline
from tl_core.jobs import Job
from tl_core.language import _
from tl_core.lessons import record, sets, verdict
from tl_core.lessons.lesson import Guess, Lesson, Round, shown
from tl_core.lessons.record import Guessed, Result
from tl_core.networks import catalogue
from tl_core.wording import certainty, duration

KIND = "lesson"
EVERY = 1.5
USUAL_SHARE = 50
#: Pixels of a picture of the set.
SHOWN = 96


def show(of: Lesson) -> None:
    """Draw a lesson."""
    layout.link("learn", _("All lessons"), icon=":material/arrow_back:", **{overview.LESSON: ""})
    st.header(f"{of.icon} {_(of.title)}", anchor=False)
    st.markdown(_(of.lead))
    part = _part(of)
    guessed = record.guessed(state.workspace(), of, part)
    measured = record.result(state.workspace(), of, part)
    _predict(of, part, guessed, measured)
    if guessed is None:
        return
    _do(of, part, measured)
    if measured is None or not measured.done:
        return
    _look(part, guessed, measured)
    with st.container(border=True, key="explain"):
        st.header(_(":material/lightbulb: Explain"), anchor=False)
        st.markdown(_(part.explain))
    if part == of.rounds[-1]:
        take.show(of, measured)
    _on(of, part)


def _part(of: Lesson) -> Round:
    """Let a person choose a round: the first that is not done, until another one is chosen."""
    ended = {each.id: _is_done(of, each) for each in of.rounds}
    first = next((id_ for id_, done in ended.items() if not done), of.rounds[0].id)
    if len(ended) == 1:
        return of.rounds[0]
    titles = {each.id: f"{':material/check: ' if ended[each.id] else ''}{_(each.title)}" for each in of.rounds}
    choice = state.kept(_key(of), first, list(ended))
    part: str = st.segmented_control(
        _("Part"), list(ended), format_func=lambda id_: titles.get(id_, id_), required=True, **choice
    )
    return of.round(part)


def _is_done(of: Lesson, part: Round) -> bool:
    measured = record.result(state.workspace(), of, part)
    return measured is not None and measured.done


def _key(of: Lesson) -> str:
    return f"part-{of.id}"


def _predict(of: Lesson, part: Round, guessed: Guessed | None, measured: Result | None) -> None:
    with st.container(border=True, key="predict"):
        st.header(_(":material/psychology: Predict"), anchor=False)
        st.markdown(_(part.predict))
        _glimpse(part)
        if guessed is None:
            _ask(of, part)
            return
        for guess in part.guesses:
            answer = guessed.answers.get(guess.id)
            said = certainty(int(answer) / 100) if guess.kind == "share" and answer is not None else shown(str(answer))
            st.markdown(f"{_(guess.ask)} **{said}**")
        if (
            measured is None
            and _job(of, part) is None
            and st.button(_("Guess again"), type="tertiary", icon=":material/edit:")
        ):
            record.forget(state.workspace(), of, part)
            st.rerun()


def _glimpse(part: Round) -> None:
    """Show some pictures of each class."""
    every = _pictures(part.set)
    with st.container(horizontal=True, gap="small", key="glimpse"):
        for label, pixels in every:
            with st.container(width=SHOWN, gap="xsmall"):
                st.image(pixels, width=SHOWN, alt=_("A picture of the class {name}").format(name=label))
                st.caption(label)


@st.cache_data(max_entries=12, show_spinner=False)
def _pictures(set_id: str) -> list[Any]:
    return sets.glimpse(set_id)


def _ask(of: Lesson, part: Round) -> None:
    """Ask for a guess, and keep it."""
    with st.form(f"guess-{of.id}-{part.id}", border=False):
        answers = {guess.id: _answer(part, guess) for guess in part.guesses}
        if st.form_submit_button(_("Keep my guess"), type="primary", icon=":material/check:"):
            given = {id_: answer for id_, answer in answers.items() if answer is not None}
            if len(given) < len(answers):
                st.warning(_("Choose an answer first. A wrong guess costs nothing."), icon=":material/psychology:")
                return
            state.keep(_key(of), part.id)
            record.guess(state.workspace(), of, part, given)
            st.rerun()


def _answer(part: Round, guess: Guess) -> str | int | None:
    key = f"answer-{part.id}-{guess.id}"
    if guess.kind == "share":
        return st.slider(_(guess.ask), 0, 100, USUAL_SHARE, format="%d%%", key=key)
    return st.radio(_(guess.ask), part.options(guess), format_func=shown, index=None, key=key)


def _do(of: Lesson, part: Round, measured: Result | None) -> None:
    with st.container(border=True, key="do"):
        st.header(_(":material/play_circle: Do"), anchor=False)
        st.markdown(_(part.do))
        job = _job(of, part)
        if job is not None and job.active:
            jobs.follow(job, _("Running"))
            st.fragment(run_every=EVERY)(_grow)(of, part)
            return
        if measured and measured.done:
            st.caption(_("It took {time} here.").format(time=duration(measured.seconds)))
            return
        if job is not None and job.state != "done":
            jobs.ended_early(job)
        label = _("Go on") if measured else _("Run it")
        if st.button(label, type="primary", icon=":material/play_arrow:", key="run-lesson"):
            state.keep(_key(of), part.id)
            workers.start_job(KIND, workspace=str(state.workspace().root), lesson=of.id, part=part.id)
            st.rerun()
        expected = _("It takes about {time} on two processor cores that do nothing else.")
        st.caption(expected.format(time=duration(part.seconds)))


def _job(of: Lesson, part: Round) -> Job | None:
    """Return the job of a round: the one in the address, else one that waits, runs or was interrupted."""
    asked = {"lesson": of.id, "part": part.id}
    open_ones = [each for each in all_jobs.unfinished(state.workspace()) if each.kind == KIND]
    running = [each for each in open_ones if asked.items() <= each.task.args.items()]
    return jobs.current(KIND, **asked) or next(iter(running), None)


def _grow(of: Lesson, part: Round) -> None:
    with layout.calm():
        measured, guessed = record.result(state.workspace(), of, part), record.guessed(state.workspace(), of, part)
        if measured and measured.figures:
            _chart(part, guessed or Guessed(), measured)


def _look(part: Round, guessed: Guessed, measured: Result) -> None:
    with st.container(border=True, key="look"):
        st.header(_(":material/visibility: Look"), anchor=False)
        for guess in part.guesses:
            found = verdict.of(guess, guessed.answers.get(guess.id, ""), measured)
            if found is not None:
                icon, show_box = BOXES[found.held]
                show_box(found.words, icon=icon)
        _chart(part, guessed, measured)
        figures.table(measured)
        st.markdown(_(part.look))
        if part.maps:
            with layout.calm():  # the project may have been deleted
                _maps(measured)
        with st.container(horizontal=True):
            for each in part.links:
                figures.link(each, measured)


BOXES = {
    True: (":material/check_circle:", st.success),
    None: (":material/balance:", st.info),
    False: (":material/psychology_alt:", st.info),
}


def _chart(part: Round, guessed: Guessed, measured: Result) -> None:
    every = measured.figures
    if any(each.series for each in every):
        charts.show(drawn_charts.lines(every), drawn_charts.alt(every), key="lesson-chart")
        return
    shares = {guess.of: int(guessed.answers.get(guess.id, 0)) for guess in part.guesses if guess.kind == "share"}
    charts.show(drawn_charts.bars(every, shares), drawn_charts.alt(every), key="lesson-chart")


def _maps(measured: Result) -> None:
    """Show what an early, a middle and a late block see in the first picture of the set."""
    project, network = state.workspace().project(measured.project), catalogue.get(catalogue.DEFAULT)
    rows = manifest.load(project, 1).split("validation")
    first = rows.iloc[len(rows) // 2]
    picture = str(manifest.image_path(project, first["id"]))
    drawn = outline.load(state.workspace(), network.id)
    plan = drawn or workers.engine().ask("outline", str(state.workspace().root), network.id)
    st.image(picture, width=SHOWN, alt=_("A picture of the class {name}").format(name=first["label"]))
    feature_maps.strip(network, picture, plan, network.default_size)


def _on(of: Lesson, part: Round) -> None:
    """Draw the ways on: the next round, and the beginning for the next learner."""
    place = [each.id for each in of.rounds].index(part.id)
    following = of.rounds[place + 1 :]
    with st.container(horizontal=True):
        if following and st.button(
            _("Next part: {title}").format(title=_(following[0].title)),
            type="primary",
            icon=":material/arrow_forward:",
            key="next-part",
        ):
            state.keep(_key(of), following[0].id)
            st.rerun()
        if st.button(_("Start this part over"), icon=":material/restart_alt:", key="start-over"):
            state.keep(_key(of), part.id)
            record.forget(state.workspace(), of, part)
            st.rerun()
