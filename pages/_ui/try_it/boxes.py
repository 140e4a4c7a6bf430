"""Try it with boxes: what is found in one picture, how many of each class in many, or live; as a table, too."""

from collections import Counter

import streamlit as st

from pages._ui.explain.box_picture import Drawn, box_picture
from pages._ui.pictures.dropped import Picture
from pages._ui.pictures.picture_grid import picture_grid
from pages._ui.pictures.thumbnails import LARGE, SIDE, Tile
from pages._ui.shell import layout, paging, state, tables
from pages._ui.try_it import asking, choice, live
from pages._ui.try_it.live_route import LEAST
from tl_core.boxes import picturing
from tl_core.dataset import image
from tl_core.dataset.boxes import Box
from tl_core.evaluation import box_record, everything
from tl_core.evaluation.box_record import BoxPrediction
from tl_core.language import N_, _
from tl_core.metrics import average_precision, overlap
from tl_core.runs import RunFolder
from tl_core.travel import box_tables
from tl_core.wording import certainty, listed, number, percent, pictures, plural

PER_PAGE, MOST_NAMED = 24, 12
PLACE = "try-many-boxes"
RELIABLE = N_(
    "At this confidence, on {pictures}: {precision} of the found boxes are right, {recall} of those that are there are "
    "found. On other pictures it may be different."
)


def page(run: RunFolder) -> None:
    """Let a person choose pictures, and show what the model finds in them."""
    way = choice.way_in("try-way-boxes")
    given = live.camera(run) if way == choice.CAMERA else choice.choose(way) or choice.example(run)
    if given:
        answers: list[BoxPrediction] = asking.ask(run, [each.data for each in given], "find-boxes", LEAST)
        _show(run, given[: len(answers)], answers)


@st.fragment
def _show(run: RunFolder, given: list[Picture], answers: list[BoxPrediction]) -> None:
    with layout.calm():
        st.header(_("Your model finds"), anchor=False)
        confidence = _confidence(run)
        sure = [each.sure(confidence) for each in answers]
        if len(given) == 1:
            _one(given[0], sure[0])
        else:
            _many(run, given, sure)


def _confidence(run: RunFolder) -> float:
    """Draw the slider for the confidence from which on boxes are shown, with what that is worth, and return it."""
    chosen = box_record.results_of(run).chosen.confidence
    usual = min(max(round(chosen, 2), LEAST), 0.95)
    value: float = st.slider(
        _("Confidence"),
        LEAST,
        0.95,
        step=0.01,
        help=_("Boxes of which the model is less sure are not shown. It begins where F1 is best in validation."),
        **state.kept("try-confidence", usual, state.Between(LEAST, 0.95)),
    )
    confidence = chosen if value == usual else value
    if everything.is_unmeasured(run):
        st.caption(layout.escape(everything.unmeasured(run)))
    elif findings := box_record.load(run, "validation"):
        here = average_precision.at(findings.seen, len(findings.classes), confidence)
        said = _(RELIABLE).format(
            pictures=plural(len(findings), "validation picture", "validation pictures"),
            precision=percent(here.precision),
            recall=percent(here.recall),
        )
        st.caption(said)
    return confidence


def _one(given: Picture, answer: BoxPrediction) -> None:
    if answer.error:
        st.error(layout.escape(answer.error))
        return
    left, right = st.columns([3, 2], gap="large")
    with left:
        drawn = [Drawn(each.box.edges, f"{each.box.label} {certainty(each.score)}", "found") for each in answer.found]
        alt = _("The picture {name}, on which the model finds: {found}.").format(name=given.name, found=_said(answer))
        box_picture(image.thumbnail(choice.binary(given), 2 * LARGE), drawn, alt, key="try-boxed")
        st.text(given.name)
    with right:
        st.markdown(f"### {layout.escape(_said(answer))}")
        _capped([answer])
        rows = [{"label": each.box.label, "score": each.score} for each in answer.found]
        columns = {"label": _("Class"), "score": _("Confidence")}
        if rows:
            st.dataframe(
                tables.worded(rows, {"score": certainty}), column_config=columns, hide_index=True, width="stretch"
            )
        _download([given], [answer])


def _many(run: RunFolder, given: list[Picture], answers: list[BoxPrediction]) -> None:
    """Show how many boxes of each class there are in all, the pictures, each of which opens, and a table of counts."""
    read = [at for at, each in enumerate(answers) if not each.error]
    total: Counter[str] = Counter()
    for each in answers:
        total.update(each.counts())
    st.markdown(
        layout.escape(
            _("{found} in {pictures}").format(found=_listed(dict(total.most_common())), pictures=pictures(len(read)))
        )
    )
    _capped(answers)
    asking.unread([one.name for one in given], [each.error for each in answers])
    if read:
        _openable(run, given, answers, read)
    labels = [label for label, count in total.most_common()]
    rows = [
        {
            "picture": one.name,
            "every": len(each.found),
            **{f"={label}": each.counts().get(label, 0) for label in labels},
            "problem": each.error or "",
        }
        for one, each in zip(given, answers, strict=True)
    ]
    with layout.drawer(_("Table of all counts"), "try-table-boxes", ":material/table_rows:", opened=True):
        columns = {"picture": _("Picture"), "every": _("Boxes"), "problem": _("Problem")}
        columns |= {f"={label}": label for label in labels}
        st.dataframe(rows, column_config=columns, hide_index=True, width="stretch")
        _download(given, answers)


def _capped(answers: list[BoxPrediction]) -> None:
    """Say where a count is as high as one can be: there may be more things than that."""
    if full := sum(len(each.found) >= overlap.MOST for each in answers):
        st.warning(
            _(
                "{pictures} with {most} boxes, the most that is looked for in one picture: there may be more. Cut "
                "such a picture into parts to count everything."
            ).format(pictures=pictures(full), most=number(overlap.MOST)),
            icon=":material/filter_9_plus:",
        )


def _openable(run: RunFolder, given: list[Picture], answers: list[BoxPrediction], read: list[int]) -> None:
    at_once = read[paging.page(len(read), PER_PAGE, "try-page")]
    shown = [Tile(str(at), _said(answers[at]), given[at].name) for at in at_once]
    opened = state.opened(PLACE)
    picture_grid(
        shown,
        [_small(given[at], tuple(each.box for each in answers[at].found)) for at in at_once],
        key="try-many",
        clear=f"{run.id}-{len(given)}-{at_once[0]}",
        opened=opened,
        on_open=lambda at: state.set_opened(PLACE, at),
        marks=False,
    )
    if opened in [each.id for each in shown]:
        with st.container(border=True, key="try-opened"):
            _one(given[int(opened)], answers[int(opened)])
    else:
        st.caption(_("Press a picture to open it."))


def _download(given: list[Picture], answers: list[BoxPrediction]) -> None:
    st.download_button(
        _("Boxes (CSV)"),
        lambda: box_tables.new([(one.name, each) for one, each in zip(given, answers, strict=True)]),
        "boxes.csv",
        "text/csv",
        icon=":material/download:",
        key=f"download-boxes-{len(given)}",
        on_click="ignore",
    )


def _said(answer: BoxPrediction) -> str:
    return _listed(answer.counts())


def _listed(counts: dict[str, int]) -> str:
    """Return how many boxes there are of each class, as "37 red, 2 white"."""
    return listed([f"{number(count)} {label}" for label, count in counts.items()], MOST_NAMED) or _("Nothing")


@st.cache_data(max_entries=500, show_spinner=False)
def _small(picture: Picture, boxes: tuple[Box, ...]) -> bytes:
    found = [Box("found", *each.edges) for each in boxes]
    return picturing.thumbnail(choice.binary(picture), SIDE, found, ("found",))
