"""Samples: sets of pictures to try Thaw with. Those that need no network come first."""

from typing import Literal

import streamlit as st

from pages._ui.shell import state, strips, workers
from tl_core import wording
from tl_core.ingest.samples import SAMPLES, Sample


def buttons() -> None:
    """Draw each sample that needs no network, with a few of its pictures."""
    for sample in SAMPLES:
        if sample.bundled:
            with st.container(horizontal=True, vertical_alignment="center", key=f"sample-{sample.id}"):
                _strip(sample, 160)
                with st.container(gap="xsmall"):
                    if st.button(sample.title, key=f"try-{sample.id}", icon=":material/play_arrow:"):
                        start(sample.id)
                    st.caption(f"{wording.pictures(sample.pictures)}, {wording.classes(len(sample.classes))}")


def _strip(sample: Sample, width: int | Literal["stretch"]) -> None:
    if strip := strips.of_sample(sample.id, sample):
        st.image(strip, width=width, alt=f"Pictures of the sample {sample.title}")


def cards() -> None:
    """Draw all samples, and a field for any image set of tensorflow-datasets."""
    with st.grid("auto", min_column_width=260, border=True):
        for sample in sorted(SAMPLES, key=lambda each: not each.bundled):
            _card(sample)
    with st.form("tfds", border=False), st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input("A set of tensorflow-datasets, by name", placeholder="beans", width=320)
        if st.form_submit_button("Load") and name.strip():
            start(f"tfds:{name.strip()}")


def _card(sample: Sample) -> None:
    with st.container(key=f"sample-{sample.id}", gap="xsmall"):
        _strip(sample, "stretch")
        st.markdown(f"**{sample.title}**")
        st.markdown(sample.advice)
        needs = "needs no download" if sample.bundled else f"downloads {sample.download_mb} MB"
        size = f"{wording.pictures(sample.pictures)} · {wording.classes(len(sample.classes))}"
        st.caption(f"{size} · {needs} · licence: {sample.licence}")
        if st.button("Use this sample", key=f"card-{sample.id}", icon=":material/play_arrow:"):
            start(sample.id)


def start(sample_id: str) -> None:
    """Start making a sample and go to the Pictures page, which shows its progress."""
    workers.start_job("sample", sample=sample_id, workspace=str(state.workspace().root))
    st.switch_page("images.py", query_params=dict(st.query_params))
