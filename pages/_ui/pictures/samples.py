"""Samples: sets of pictures to try Thaw with. Those that need no network come first."""

from typing import Literal

import streamlit as st

from pages._ui.shell import state, strips, workers
from tl_core import wording
from tl_core.ingest.samples import SAMPLES, Sample
from tl_core.language import _


def buttons() -> None:
    """Draw each sample that needs no network, with a few of its pictures."""
    for sample in SAMPLES:
        if sample.bundled:
            with st.container(horizontal=True, vertical_alignment="center", key=f"sample-{sample.id}"):
                _strip(sample, 160)
                with st.container(gap="xsmall"):
                    if st.button(_(sample.title), key=f"try-{sample.id}", icon=":material/play_arrow:"):
                        start(sample.id)
                    st.caption(f"{wording.pictures(sample.pictures)}, {wording.classes(len(sample.classes))}")


def _strip(sample: Sample, width: int | Literal["stretch"]) -> None:
    if strip := strips.of_sample(sample.id, sample):
        st.image(strip, width=width, alt=_("Pictures of the sample {title}").format(title=_(sample.title)))


def cards() -> None:
    """Draw all samples, and a field for any image set of tensorflow-datasets."""
    with st.grid("auto", min_column_width=260, border=True):
        for sample in sorted(SAMPLES, key=lambda each: not each.bundled):
            _card(sample)
    with st.form("tfds", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(_("A set of tensorflow-datasets, by name"), placeholder="beans", width=320)
        if st.form_submit_button(_("Load")) and name.strip():
            start(f"tfds:{name.strip()}")


def _card(sample: Sample) -> None:
    with st.container(key=f"sample-{sample.id}", gap="xsmall"):
        _strip(sample, "stretch")
        st.markdown(f"**{_(sample.title)}**")
        st.markdown(_(sample.advice))
        about = [
            wording.pictures(sample.pictures),
            wording.classes(len(sample.classes)),
            _("needs no download") if sample.bundled else _("downloads {size} MB").format(size=sample.download_mb),
            _("licence: {licence}").format(licence=_(sample.licence)),
        ]
        st.caption(" · ".join(about))
        if st.button(_("Use this sample"), key=f"card-{sample.id}", icon=":material/play_arrow:"):
            start(sample.id)


def start(sample_id: str) -> None:
    """Start making a sample and go to the Pictures page, which shows its progress."""
    workers.start_job("sample", sample=sample_id, workspace=str(state.workspace().root))
    st.switch_page("images.py", query_params=dict(st.query_params))
