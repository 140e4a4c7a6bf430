"""Samples: sets of pictures to try Thaw with. Those that need no network come first."""

from collections.abc import Callable
from typing import Literal

import streamlit as st

from pages._ui.pictures import importing
from pages._ui.pictures.text_reading import TextChoice
from pages._ui.shell import kinds, layout, state, strips, workers
from tl_core import wording
from tl_core.about import Things
from tl_core.ingest.samples import SAMPLES, Sample
from tl_core.ingest.sources import Source
from tl_core.language import _
from tl_core.text import sample
from tl_core.text.guess import GUESSED
from tl_core.workspace import Project


def buttons() -> None:
    """Draw each sample that needs no network, with a few of its pictures."""
    for each in SAMPLES:
        if each.bundled:
            with st.container(horizontal=True, vertical_alignment="center", key=f"sample-{each.id}"):
                _strip(each, 160)
                with st.container(gap="xsmall"):
                    if st.button(_(each.title), key=f"try-{each.id}", icon=":material/play_arrow:"):
                        start(each.id)
                    st.caption(f"{wording.pictures(each.pictures)}, {_names(each)}")
    texts_button()


def texts_button() -> None:
    """Draw the sample of texts, with a drawing of what it is."""
    with st.container(horizontal=True, vertical_alignment="center", key="sample-shop"):
        texts = kinds.TEXTS
        st.image(str(layout.ASSETS / "kinds" / texts.drawing), width=160, alt=_(texts.drawn))
        with st.container(gap="xsmall"):
            if st.button(_(sample.TITLE), key="try-shop", icon=":material/play_arrow:"):
                start_texts()
            st.caption(f"{wording.texts(sample.TEXTS)}, {wording.classes(sample.CLASSES)}")


#: How the names of a sample are counted, by its kind.
_COUNTED: dict[Things, Callable[[int], str]] = {"tags": wording.tags}


def _names(of: Sample) -> str:
    return _COUNTED.get(of.kind, wording.classes)(len(of.classes))


def tags_card(current: Project | None) -> None:
    """Draw the samples of pictures with several labels."""
    with st.grid("auto", min_column_width=260, border=True):
        for each in SAMPLES:
            if each.kind in _COUNTED:
                _card(each)


def texts_card(current: Project | None) -> None:
    """Draw the sample of texts with what it is good for."""
    with st.container(border=True, key="card-of-shop", gap="xsmall"):
        st.markdown(f"**{_(sample.TITLE)}**")
        st.markdown(_(sample.ADVICE))
        texts, classes = wording.texts(sample.TEXTS), wording.classes(sample.CLASSES)
        st.caption(" · ".join((texts, classes, _("needs no download"))))
        if st.button(_("Use this sample"), key="card-shop", icon=":material/play_arrow:"):
            start_texts()


def start_texts() -> None:
    """Import the sample of texts into a project of its own, and show that."""
    state.set_job(None)
    source = Source("folder", str(sample.SHOP))
    importing.start(None, source, _(sample.TITLE), lambda: None, TextChoice(GUESSED))


def _strip(of: Sample, width: int | Literal["stretch"]) -> None:
    if strip := strips.of_sample(of.id, of):
        st.image(strip, width=width, alt=_("Pictures of the sample {title}").format(title=_(of.title)))


def cards() -> None:
    """Draw all samples, and a field for any image set of tensorflow-datasets."""
    with st.grid("auto", min_column_width=260, border=True):
        for each in sorted(SAMPLES, key=lambda each: not each.bundled):
            _card(each)
    with st.form("tfds", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(_("A set of tensorflow-datasets, by name"), placeholder="beans", width=320)
        if st.form_submit_button(_("Load")) and name.strip():
            start(f"tfds:{name.strip()}")


def _card(of: Sample) -> None:
    with st.container(key=f"sample-{of.id}", gap="xsmall"):
        _strip(of, "stretch")
        st.markdown(f"**{_(of.title)}**")
        st.markdown(_(of.advice))
        about = [
            wording.pictures(of.pictures),
            _names(of),
            _("needs no download") if of.bundled else _("downloads {size} MB").format(size=of.download_mb),
            _("licence: {licence}").format(licence=_(of.licence)),
        ]
        st.caption(" · ".join(about))
        if st.button(_("Use this sample"), key=f"card-{of.id}", icon=":material/play_arrow:"):
            start(of.id)


def start(sample_id: str) -> None:
    """Start making a sample and go to the Pictures page, which shows its progress."""
    workers.start_job("sample", sample=sample_id, workspace=str(state.workspace().root))
    st.switch_page("images.py", query_params=dict(st.query_params))
