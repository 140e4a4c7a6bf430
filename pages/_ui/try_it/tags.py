"""Try it with pictures of several labels: which of them each picture gets, and how near each is to its threshold."""

import streamlit as st

from pages._ui.explain import picture as explain_picture
from pages._ui.pictures.dropped import Picture
from pages._ui.shell import charts, layout
from pages._ui.try_it import asking, choice, live
from tl_core.dataset import image
from tl_core.evaluation.tags import TagPrediction
from tl_core.language import _
from tl_core.runs import RunFolder
from tl_core.wording import certainty, listed, percent

MOST_BARS = 20


def page(run: RunFolder) -> None:
    """Let a person choose pictures, and show which labels the model gives them."""
    way = choice.way_in("try-way-tags")
    pictures = live.camera(run) if way == choice.CAMERA else choice.choose(way) or choice.example(run)
    if not pictures:
        return
    answers = asking.ask(run, [picture.data for picture in pictures])
    pictures = pictures[: len(answers)]
    if len(pictures) == 1:
        _one(run, pictures[0], answers[0])
    else:
        _many(pictures, answers)


def _one(run: RunFolder, picture: Picture, answer: TagPrediction) -> None:
    if answer.error:
        st.error(layout.escape(answer.error))
        return
    left, right = st.columns([2, 3], gap="large")
    with left:
        data = image.thumbnail(choice.binary(picture), 640)
        st.image(data, alt=_("The picture {name}").format(name=picture.name), width="stretch")
        st.text(picture.name)
    with right:
        st.header(_("Your model says"), anchor=False)
        st.markdown(f"### {layout.escape(_said(answer))}")
        asking.bars(answer.classes[:MOST_BARS], charts.TRAIN, "tags")
        rows = [
            {
                "label": each.label,
                "given": each.label in answer.tags,
                "share": certainty(each.probability),
                "threshold": percent(answer.thresholds[each.label]),
            }
            for each in answer.classes
        ]
        columns = {
            "label": _("Label"),
            "given": _("Given"),
            "share": _("Probability"),
            "threshold": _("Given from"),
        }
        st.dataframe(rows, column_config=columns, hide_index=True, width="stretch")
    st.header(_("Why"), anchor=False)
    explain_picture.of_new(run, picture.data)


def _many(pictures: list[Picture], answers: list[TagPrediction]) -> None:
    rows = [
        {
            "picture": picture.name,
            "labels": "" if answer.error else _said(answer),
            **{each.label: certainty(each.probability) for each in sorted(answer.classes, key=lambda each: each.label)},
            "problem": answer.error or "",
        }
        for picture, answer in zip(pictures, answers, strict=True)
    ]
    columns = {"picture": _("Picture"), "labels": _("Labels"), "problem": _("Problem")}
    st.dataframe(rows, column_config=columns, hide_index=True, width="stretch")


def _said(answer: TagPrediction) -> str:
    return listed(list(answer.tags), MOST_BARS) if answer.tags else _("No label")
