"""The figures of a part in words: as a table, as a sentence, as links to the runs that they are of."""

import streamlit as st

from pages._ui.learn import charts as drawn
from pages._ui.shell import layout
from tl_core.language import _
from tl_core.lessons.lesson import Link, shown
from tl_core.lessons.record import Figure, Result
from tl_core.wording import duration, of_split, percent

#: Of the names in a table, in characters, where they stay in sight while the rest is moved sideways.
SHORT = 24


def table(measured: Result) -> None:
    """Draw a row for each figure."""
    rows = [
        {
            "": shown(each.name),
            _("Share"): percent(each.share.accuracy or 0, each.share.n),
            _("95% interval"): drawn.spread(each),
            _("Pictures"): each.share.n,
            _("Time"): duration(each.seconds) if each.seconds else "",
        }
        for each in measured.figures
    ]
    short = max((len(each.name) for each in measured.figures), default=0) <= SHORT  # a long name fills a phone
    config = {"": st.column_config.Column(pinned=short)}
    st.dataframe(rows, hide_index=True, width="stretch", column_config=config)


def in_words(figure: Figure) -> str:
    """Return how good a model is, by its figure, as a sentence in Markdown."""
    share, split = figure.share, figure.asked.rpartition("/")[2]
    right = percent(share.accuracy or 0, share.n)
    return _("“{name}”: {share} of {pictures} right, 95% interval {interval}.").format(
        name=shown(figure.name.partition(":")[0]),
        share=right,
        pictures=of_split(share.n, split),
        interval=drawn.spread(figure),
    )


def link(each: Link, measured: Result) -> None:
    """Draw a way into the app, to the run of its figure, or else to the project of the part."""
    figure = measured.figure(each.of) if each.of else None
    slug, _slash, run = (figure.run if figure else "").partition("/")
    layout.link(each.step, _(each.label), project=slug or measured.project, run=run, **each.query)
