"""The results of a run that gives several labels: exact match, each label by itself, which come together, mistakes."""

from collections import Counter
from dataclasses import dataclass

import streamlit as st

from pages._ui.explain import picture
from pages._ui.pictures.picture_grid import picture_grid
from pages._ui.pictures.thumbnails import small
from pages._ui.results import accuracy, frame
from pages._ui.shell import layout, paging, state, tables
from tl_core.dataset import manifest
from tl_core.evaluation import tags
from tl_core.evaluation.tags import Results, TagMistake, TagPredictions, Thresholds
from tl_core.language import N_, _
from tl_core.runs import RunFolder
from tl_core.wording import certainty, fraction, interval, number, percent

PLACE, TAG, PER_PAGE = "tag-mistakes", "mistakes-of-tag", 24
EXACT = {"validation": N_("Exactly right, validation"), "test": N_("Exactly right, test")}
HELP = N_("The share of pictures that get exactly the labels that they have: one wrong label spoils a picture.")
PRECISION_MEAN = N_(
    "For each label all pictures are put in the order of its probability; this is the mean precision where it belongs, "
    "over all labels. 1 is best."
)
OPTIMISTIC = N_(
    "Validation pictures chose the thresholds and the best epoch, so these figures are slightly optimistic. Test "
    "pictures show what holds."
)


@dataclass(frozen=True)
class Entry:
    """A picture of a list, with what is written under it: plain text."""

    id: str
    caption: str
    detail: str


def show(run: RunFolder) -> None:
    """Show the figures of one split, each label's own, and the mistakes."""
    split = frame.choose_split(run)
    if split == "test":
        frame.open_test(run, stored=tags.is_stored)
    predicted = tags.load(run, split)
    if predicted is None or not len(predicted):
        st.info(_(frame.EMPTY[split]), icon=":material/info:")
        return
    thresholds = tags.thresholds_of(run)
    found = tags.results(run, predicted, thresholds)
    accuracy.metrics(_(EXACT[split]), found, key=split)
    st.caption(_(HELP))
    st.markdown(layout.escape(found.sentence()))
    if found.mean_average_precision is not None:
        st.metric(_("Mean average precision"), fraction(found.mean_average_precision), help=_(PRECISION_MEAN))
    if split == "validation":
        st.caption(_(OPTIMISTIC))
    _each(found)
    _together(found)
    _mistakes(run, predicted, thresholds)


def _each(found: Results) -> None:
    """Show the scores of each label."""
    st.header(_("Each label"), anchor=False)
    rows = [
        {
            "label": each.label,
            "support": each.support,
            "right": _share(each.accuracy, each.accuracy_interval, found.n),
            "precision": _share(each.precision, each.precision_interval, each.given),
            "recall": _share(each.recall, each.recall_interval, each.support),
            "f1": _share(each.f1, each.f1_interval, found.n),
            "average": fraction(each.average_precision) if each.average_precision is not None else "",
            "threshold": percent(each.threshold),
        }
        for each in found.tags
    ]
    text = st.column_config.TextColumn
    columns = {
        "label": _("Label"),
        "support": text(_("Pictures"), help=_("That have it.")),
        "right": text(_("Right"), help=_("How often it is right whether a picture has this label, with 95% interval.")),
        "precision": text(_("Precision"), help=_("How often it is right when it gives this label.")),
        "recall": text(_("Recall"), help=_("How many of the pictures that have this label get it.")),
        "f1": text("F1", help=_("The harmonic mean of precision and recall.")),
        "average": text(_("Average precision"), help=_("Of the order of all pictures by its probability. 1 is best.")),
        "threshold": text(
            _("Threshold"), help=_("It is given from this probability on: chosen on the validation pictures by F1.")
        ),
    }
    st.dataframe(tables.worded(rows, {"support": number}), column_config=columns, hide_index=True, width="stretch")


def _share(share: float | None, between: tuple[float, float], n: int) -> str:
    return f"{percent(share, n)} ({interval(*between, n)})" if share is not None else _("no pictures")


def _together(found: Results) -> None:
    """Show how often two labels come together, and how often they are given together."""
    with layout.drawer(_("Which labels come together"), "tags-together", ":material/join_inner:"):
        names = [each.label for each in found.tags]
        rows = [
            {
                "label": name,
                **{
                    other: f"{number(found.together[row][column])} · {number(found.given_together[row][column])}"
                    for column, other in enumerate(names)
                },
            }
            for row, name in enumerate(names)
        ]
        st.caption(_("Pictures that have both labels · pictures that the model gives both."))
        st.dataframe(rows, column_config={"label": _("Label")}, hide_index=True, width="stretch")


@st.fragment
def _mistakes(run: RunFolder, predicted: TagPredictions, thresholds: Thresholds) -> None:
    """Show the pictures of which one label is wrong, the one farthest from its threshold first."""
    with layout.calm():
        st.header(_("Mistakes by label"), anchor=False)
        every = tags.mistakes(predicted, thresholds)
        counts = Counter(each.tag for each in every)
        wrong = [tag for tag in predicted.tags if counts[tag]]
        if not wrong:
            st.markdown(_("No label is wrong."))
            return
        tag = st.segmented_control(
            _("Label"),
            wrong,
            format_func=lambda each: f"{each} ({number(counts[each])})",
            required=True,
            **state.kept(f"{TAG}-{predicted.split}", wrong[0], wrong),
        )
        _listed(run, [each for each in every if each.tag == tag])


def _listed(run: RunFolder, mistakes: list[TagMistake]) -> None:
    rows = paging.page(len(mistakes), PER_PAGE, f"page-{PLACE}")
    entries = [_entry(each) for each in mistakes[rows]]
    labels = dict(zip(*(manifest.of_run(run).table[name] for name in ("id", "label")), strict=True))
    opened = state.opened(PLACE)
    picture_grid(
        entries,
        [small(run.project, each.id) for each in entries],
        key=f"list-{PLACE}",
        clear=f"{run.id}-{mistakes[0].tag}-{rows.start}",
        opened=opened,
        on_open=lambda id_: state.set_opened(PLACE, id_),
        marks=False,
    )
    chosen = next((each for each in entries if each.id == opened), None)
    if chosen is None:
        st.caption(_("Press a picture to open it."))
        return
    with st.container(border=True, key="tag-panel"):
        left, right = st.columns([2, 3], gap="medium")
        with left:
            picture.drawn(run.project, chosen.id, f"{labels[chosen.id]}: {chosen.caption}")
        right.markdown(_("Labels: **{labels}**").format(labels=layout.escape(labels[chosen.id] or _("none"))))
        right.text(f"{chosen.caption}. {chosen.detail}")


def _entry(mistake: TagMistake) -> Entry:
    has = _("has {label}, not given") if mistake.has else _("has no {label}, given")
    detail = _("{share}; given from {threshold} on")
    return Entry(
        mistake.id,
        has.format(label=mistake.tag),
        detail.format(share=certainty(mistake.probability), threshold=percent(mistake.threshold)),
    )
