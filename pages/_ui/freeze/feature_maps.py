"""What the blocks see: the strongest feature maps of a person's own picture, and the first layer's filters."""

from pathlib import Path
from typing import Any

import streamlit as st

from pages._ui.freeze import probe
from pages._ui.shell import layout, state
from tl_core import runs
from tl_core.dataset import image, manifest
from tl_core.dataset.manifest import Manifest
from tl_core.errors import TLError
from tl_core.networks import weights
from tl_core.networks.catalogue import Backbone
from tl_core.runs import RunFolder
from tl_core.workspace import Project

OF_EACH_CLASS = 3
MOST_PICTURES = 12
COUNT = 12
AT_LINE = ""
UPLOAD = "sight-upload"


def show(
    project: Project, network: Backbone, outlined: dict[str, Any], frozen: int, *, size: int, pictures: Manifest
) -> None:
    """Let a person choose a picture and a block, and show what the block makes of it. Nothing runs while closed."""
    box = st.expander("What the blocks see", icon=":material/visibility:", on_change="rerun", key="sight")
    if not box.open:
        return
    with box, layout.calm():
        if not probe.here(network):
            return
        left, right = st.columns([2, 3], gap="large")
        with left:
            picture = _picture(project, pictures)
            block = _block(outlined, frozen)
            run = _run(project, network)
        with right:
            _maps(network, picture, block, run, size)
        _filters(network, run)


def _picture(project: Project, pictures: Manifest) -> bytes | str:
    rows = pictures.part("train").groupby("label").head(OF_EACH_CLASS).head(MOST_PICTURES)
    names = {str(row.id): f"{row.label}: {Path(str(row.source)).name}" for row in rows.itertuples()}
    own_one = state.widget(UPLOAD) is not None
    chosen = st.selectbox("Picture", list(names), format_func=names.__getitem__, key="sight-picture", disabled=own_one)
    with st.popover("Your own one" if own_one else "Upload another one", icon=":material/upload:"):
        own = st.file_uploader("A picture", key=UPLOAD, help="JPEG, PNG, WebP, HEIC and many more.")
    picture = own.getvalue() if own else str(manifest.image_path(project, chosen))
    shown = image.thumbnail(picture if isinstance(picture, bytes) else Path(picture), 320)
    st.image(shown, alt=f"The picture {own.name if own else names[chosen]}", width=200)
    return picture


def _block(outlined: dict[str, Any], frozen: int) -> dict[str, Any]:
    blocks = {block["id"]: block for block in outlined["blocks"]}
    at_line = outlined["blocks"][max(0, frozen - 1)]
    chosen = st.selectbox(
        "Block",
        [AT_LINE, *blocks],
        format_func=lambda id_: blocks[id_]["label"] if id_ else f"At the freeze line: {at_line['label']}",
        key="sight-block",
    )
    return blocks.get(chosen, at_line)


def _run(project: Project, network: Backbone) -> RunFolder | None:
    """Return the fine-tuned run to compare with, None if there is none or none is wanted."""
    found = {run.id: run for run in runs.of_project(project) if _fine_tuned(run, network)}
    if not found:
        st.caption("After a fine-tuning run you can compare here what the blocks see before and after it.")
        return None
    chosen = st.selectbox(
        "Compare with a run", [*found, AT_LINE], format_func=lambda id_: id_ or "No run", key="sight-run"
    )
    return found.get(chosen)


def _fine_tuned(run: RunFolder, network: Backbone) -> bool:
    try:
        recipe = run.recipe
    except (TLError, OSError):
        return False
    tuned = recipe.backbone == network.id and recipe.fine_tune_epochs > 0 and recipe.weights == "imagenet"
    return run.ready and tuned


def _maps(network: Backbone, picture: bytes | str, block: dict[str, Any], run: RunFolder | None, size: int) -> None:
    with st.spinner("Looking …"):
        found = _asked(
            "feature-maps",
            network.id,
            _versions(network, run),
            picture,
            block["id"],
            run,
            COUNT,
            size,
        )
    height, width, channels = found["shape"]
    st.markdown(f"**{layout.escape(block['label'])}**: the {len(found['channels'])} strongest of its {channels} maps")
    names = [f"Map {channel}" for channel in found["channels"]]
    _pairs(found, names, f"what it answers to in the picture, brighter is stronger, {height} × {width} values")
    st.caption(
        "Each map lights up where the block finds one thing that it has learnt to look for. Near the picture these are "
        "edges and colours; the maps get coarser and their meaning larger towards the head."
        + (" What stayed frozen looks the same before and after." if found["after"] else "")
    )


def _filters(network: Backbone, run: RunFolder | None) -> None:
    st.markdown("**The first layer's filters**: the small patterns that the network looks for in every picture")
    with st.spinner("Looking …"):
        found = _asked("filters", network.id, _versions(network, run), None, None, run, None, None)
    count = len(found["before"])
    _pairs(found, [f"Filter {number}" for number in range(1, count + 1)], f"of {found['layer']}", width=40)


def _pairs(found: dict[str, Any], names: list[str], about: str, *, width: int = 88) -> None:
    """Show pictures; beside them the same ones after training, where there are any."""
    if not found["after"]:
        _tiles(found["before"], [f"{name}, {about}" for name in names], width)
        return
    for column, key, title in zip(st.columns(2), ("before", "after"), ("Before", "After"), strict=True):
        with column:
            st.markdown(f"{title} fine-tuning")
            _tiles(found[key], [f"{title}: {name}, {about}" for name in names], width)


def _tiles(pictures: list[bytes], alts: list[str], width: int) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        for picture, alt in zip(pictures, alts, strict=True):
            st.image(picture, width=width, alt=alt)


def _versions(network: Backbone, run: RunFolder | None) -> tuple[int, ...]:
    """Return what changes when weights on the disk change."""
    path = weights.status(network, state.workspace()).path
    return tuple(each.stat().st_mtime_ns for each in (path, run and run.model_path) if each and each.is_file())


@st.cache_data(max_entries=48, show_spinner=False, scope="session")
def _answer(function: str, args: tuple[Any, ...], versions: tuple[int, ...]) -> dict[str, Any]:
    """Ask the interactive worker once for each question, however often the page runs again."""
    return dict(state.engine().ask(function, *args))


def _asked(
    function: str,
    network: str,
    versions: tuple[int, ...],
    picture: bytes | str | None,
    block: str | None,
    run: RunFolder | None,
    count: int | None,
    size: int | None,
) -> dict[str, Any]:
    root, folder = str(state.workspace().root), str(run.folder) if run else None
    args = (root, network, folder) if block is None else (root, network, picture, block, folder, count, size)
    return _answer(function, args, versions)
