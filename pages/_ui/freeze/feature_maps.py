"""What the blocks see: the strongest feature maps of a person's own picture, and the first layer's filters."""

from pathlib import Path
from typing import Any, NamedTuple

import streamlit as st

from pages._ui.freeze import probe
from pages._ui.pictures import dropped
from pages._ui.shell import layout, run_names, state, workers
from tl_core import runs, wording
from tl_core.dataset import image, manifest
from tl_core.dataset.manifest import Manifest
from tl_core.errors import TLError
from tl_core.explain.tiles import FeatureMaps, Filters, Tiles
from tl_core.freezing.outline import Outline
from tl_core.language import N_, _
from tl_core.networks import weights
from tl_core.networks.structure import Block, spoken
from tl_core.networks.tables import Pretrained
from tl_core.runs import RunFolder
from tl_core.workspace import Project

OF_EACH_CLASS = 3
MOST_PICTURES = 12
COUNT, OF_STRIP = 12, 4
AT_LINE = ""
UPLOAD = "sight-own"


def show(
    project: Project, network: Pretrained, outline: Outline, frozen: int, *, size: int, pictures: Manifest
) -> None:
    """Let a person choose a picture and a block, and show what the block makes of it. Nothing runs while closed."""
    title = _("What early, middle and late blocks see in your pictures")
    box = layout.drawer(title, "sight", ":material/visibility:")
    if not box.open:
        return
    with box, layout.calm():
        if not probe.has_weights(network):
            return
        left, right = st.columns([1, 3], gap="large")
        with left:
            picture = _picture(project, pictures)
        with right:
            strip(network, picture, outline, size)
        st.subheader(_("One block in detail"), anchor=False)
        left, right = st.columns([1, 3], gap="large")
        with left:
            block = _block(outline, frozen)
            run = _run(project, network)
        with right:
            _maps(network, picture, block, run, size)
        _filters(network, run)


def strip(network: Pretrained, picture: bytes | str, outline: Outline, size: int) -> None:
    """Show the strongest maps of an early, a middle and a late block side by side."""
    blocks = outline.blocks
    places = (0, len(blocks) // 2, len(blocks) - 1)
    for column, words, at in zip(st.columns(3), STRIP, places, strict=True):
        with column:
            with st.spinner(_("Running the network …")):
                maps = _asked(network, picture, blocks[at], None, size)
            st.markdown(_(words.title).format(block=at + 1, blocks=len(blocks)))
            alts = [_(words.alt).format(map=channel) for channel in maps.channels[:OF_STRIP]]
            _tiles(maps.before[:OF_STRIP], alts, 88)
            st.caption(_(words.seen))


class _Words(NamedTuple):
    """Of a block in the strip: what stands above it, what its pictures are, what one sees there."""

    title: str
    alt: str
    seen: str


STRIP = (
    _Words(
        N_("**Early:** block {block} of {blocks}"),
        N_("Early block, map {map}"),
        N_("Fine and sharp: edges, colours and light."),
    ),
    _Words(
        N_("**Middle:** block {block} of {blocks}"),
        N_("Middle block, map {map}"),
        N_("Coarser: textures and parts."),
    ),
    _Words(
        N_("**Late:** block {block} of {blocks}"),
        N_("Late block, map {map}"),
        N_("A few places only: whole things, or what is typical of them."),
    ),
)


def _picture(project: Project, pictures: Manifest) -> str:
    rows = pictures.split("train").groupby("label").head(OF_EACH_CLASS).head(MOST_PICTURES)
    names = {str(row.id): f"{row.label}: {Path(str(row.source)).name}" for row in rows.itertuples()}
    own_one = state.staged(UPLOAD) is not None
    choice = state.kept("sight-picture", next(iter(names)), names)
    chosen = next(iter(names))
    if not own_one:
        chosen = st.selectbox(_("Picture"), list(names), format_func=names.__getitem__, **choice)
    with st.popover(_("Your own picture") if own_one else _("Upload a picture"), icon=":material/upload:"):
        every = dropped.pictures(UPLOAD)
        if len(every) > 1:
            st.caption(_("The first of {pictures} is shown.").format(pictures=wording.pictures(len(every))))
    own = every[0] if every else None
    picture = str(own.data if own else manifest.image_path(project, chosen))
    shown = image.thumbnail(picture, 640)
    alt = _("The picture {name}").format(name=own.name if own else names[chosen])
    st.image(shown, alt=alt, width="stretch")
    return picture


def _block(outline: Outline, frozen: int) -> Block:
    blocks = {block.id: block for block in outline.blocks}
    at_line = outline.blocks[max(0, frozen - 1)]
    first = _("At the freeze line: {block}").format(block=spoken(at_line.label))
    chosen = st.selectbox(
        _("Block"),
        [AT_LINE, *blocks],
        format_func=lambda id_: spoken(blocks[id_].label) if id_ else first,
        **state.kept("sight-block", AT_LINE, [AT_LINE, *blocks]),
    )
    return blocks.get(chosen, at_line)


def _run(project: Project, network: Pretrained) -> RunFolder | None:
    """Return the fine-tuned run to compare with, None if there is none or none is wanted."""
    tuned = {run.id: run for run in runs.of_project(project) if _fine_tuned(run, network)}
    if not tuned:
        st.caption(_("After a fine-tuning run, compare here what the blocks see before and after it."))
        return None
    offered = [*tuned, AT_LINE]
    choice = state.kept("sight-run", next(iter(tuned)), offered)
    chosen = st.selectbox(_("Compare with a run"), offered, format_func=lambda id_: _title(tuned, id_), **choice)
    return tuned.get(chosen)


def _title(tuned: dict[str, RunFolder], id_: str) -> str:
    return run_names.title(tuned[id_]) if id_ else _("No run")


def _fine_tuned(run: RunFolder, network: Pretrained) -> bool:
    try:
        recipe = run.recipe
    except (TLError, OSError):
        return False
    tuned = recipe.backbone == network.id and recipe.fine_tune_epochs > 0 and recipe.weights == "imagenet"
    return run.ready and tuned


def _maps(network: Pretrained, picture: bytes | str, block: Block, run: RunFolder | None, size: int) -> None:
    with st.spinner(_("Running the network …")):
        maps = _asked(network, picture, block, run, size)
    height, width, channels = maps.shape
    title = _("**{block}**: the {shown} strongest of its {maps} maps").format(
        block=layout.escape(spoken(block.label)), shown=len(maps.channels), maps=channels
    )
    st.markdown(title, help=_(MAPS))
    alts = [
        _("Map {map}, brighter is stronger, {height} × {width} values").format(map=channel, height=height, width=width)
        for channel in maps.channels
    ]
    _pairs(maps.before, maps.after, alts)
    if maps.after:
        st.caption(_("Frozen blocks look the same before and after."))


MAPS = N_(
    "Each map lights up where the block detects one thing that it has learned to look for. Near the picture these are "
    "edges and colours. Towards the head, the maps get coarser and what they detect gets more complex."
)


def _asked(network: Pretrained, picture: bytes | str, block: Block, run: RunFolder | None, size: int) -> FeatureMaps:
    args = (network.id, picture, block.id, _folder(run), COUNT, size)
    maps: FeatureMaps = _answer("feature-maps", args, _versions(network, run))
    return maps


def _filters(network: Pretrained, run: RunFolder | None) -> None:
    st.markdown(_("**The first layer's filters**: the small patterns that the network looks for in every picture"))
    with st.spinner(_("Reading the filters …")):
        filters: Filters = _answer("filters", (network.id, _folder(run)), _versions(network, run))
    numbers = range(1, len(filters.before) + 1)
    alts = [_("Filter {number}, of {layer}").format(number=number, layer=filters.layer) for number in numbers]
    _pairs(filters.before, filters.after, alts, width=40)


def _pairs(before: Tiles, after: Tiles | None, alts: list[str], *, width: int = 88) -> None:
    """Show pictures; beside them the same ones after training, where there are any."""
    if after is None:
        _tiles(before, alts, width)
        return
    left, right = st.columns(2)
    with left:
        st.markdown(_("Before fine-tuning"))
        _tiles(before, [_("Before: {picture}").format(picture=alt) for alt in alts], width)
    with right:
        st.markdown(_("After fine-tuning"))
        _tiles(after, [_("After: {picture}").format(picture=alt) for alt in alts], width)


def _tiles(tiles: Tiles, alts: list[str], width: int) -> None:
    with st.container(horizontal=True, gap="xsmall"):
        for tile, alt in zip(tiles, alts, strict=True):
            st.image(tile, width=width, alt=alt)


def _folder(run: RunFolder | None) -> str | None:
    return str(run.folder) if run else None


def _versions(network: Pretrained, run: RunFolder | None) -> tuple[int, ...]:
    """Return what changes when weights on the disk change."""
    path = weights.status(network, state.workspace()).path
    return tuple(each.stat().st_mtime_ns for each in (path, run and run.model_path) if each and each.is_file())


@st.cache_data(max_entries=48, show_spinner=False, scope="session")
def _answer(question: str, args: tuple[Any, ...], versions: tuple[int, ...]) -> Any:
    """Ask the interactive worker once for each question, however often the page runs again."""
    return workers.engine().ask(question, str(state.workspace().root), *args)
