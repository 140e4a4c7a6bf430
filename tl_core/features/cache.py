"""Which activations a run needs, and how they get there: one store for pictures as they are, one for each variant."""

import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras

from tl_core import wording
from tl_core.features import augment, converted, shares, store
from tl_core.features.batches import Source
from tl_core.features.converted import Trunk
from tl_core.features.shares import Chunk, Part, Pass, Work
from tl_core.features.sources import CachedActivations, Inputs
from tl_core.features.store import Activations, Key
from tl_core.language import N_, _
from tl_core.progress import Progress
from tl_core.recipe import Recipe


@dataclass(frozen=True)
class ActivationCache:
    """The activations that a frozen trunk gives for the pictures of a run, on disk.

    Args:
        recipe: of the run.
        folder: of all stores.
        converted: folder of the trunks that were converted for ONNX Runtime.
        weights: of the trunk, as ``Key.weights`` names them.
        line: the last frozen layer; ``"all"`` for the whole backbone with the head's pooling.
        trunk: returns the frozen blocks; called only if something has to be computed.
        inputs: returns examples as the network takes them, given what they are made from (``Inputs.items``).
    """

    recipe: Recipe
    folder: Path
    converted: Path
    weights: str
    line: str
    trunk: Callable[[], keras.Model | None]
    inputs: Callable[[Sequence[str]], Inputs]

    def sources(
        self, ids: dict[str, list[str]], pictures: Mapping[str, Inputs], progress: Progress
    ) -> dict[str, Source]:
        """Return the activations of each split, computing those that are missing.

        Args:
            ids: of the pictures of each split.
            pictures: the same, to decode. They are returned, augmented and with a warning, where the disk or the bound
                of the cache has no room for the activations.
            progress: hears how many pictures are done, variants counted; and of an offer, see ``shares.compute``.

        Raises:
            Stopped: a person pressed Stop; the next run finds what was computed.
        """
        passes = [(split, variant) for split in ids for variant in self._variants(split)]
        stores = {variant: store.find(self.folder, self.key(variant)) for _, variant in passes}
        missing = sum(_missing(stores[variant], ids[split]) for split, variant in passes)
        if missing:
            trunk = self.converted_trunk(progress)
            shape = trunk.shape_at(self.recipe.image_size)
            if not self._make_room(missing, shape, stores.values(), progress):
                return {split: self._augmented(pictures[split], ids[split], self._variants(split)) for split in ids}
            if damaged := {id_ for each in stores.values() if each for id_ in each.damaged}:
                text = _("Damaged activations of {pictures} are computed again.").format(
                    pictures=wording.pictures(len(damaged))
                )
                progress.emit("warning", text=text)
            for variant, each in stores.items():
                stores[variant] = each or store.find_or_create(self.folder, self.key(variant), shape)
            parts = [Part(variant, ids[split], pictures[split].items) for split, variant in passes]
            work = self._work({variant: each for variant, each in stores.items() if each}.__getitem__, trunk)
            shares.compute(self.folder, parts, work, self._about, progress)
        complete = {variant: each for variant, each in stores.items() if each}
        return {
            split: CachedActivations([complete[variant] for variant in self._variants(split)], ids[split])
            for split in ids
        }

    def help_with(self, folder: Path, sample: Chunk, is_needed: Callable[[], bool]) -> bool:
        """Take part in the pass of another process, see ``shares.help_with``.

        Args:
            folder: of the pass.
            sample: pictures that the other process has computed.
            is_needed: whether this process has something else to do.

        Returns:
            False if this process does not get the same numbers: then it has computed nothing.
        """
        trunk = converted.trunk(converted.file(self.converted, self.key()), self.build, Progress())
        shape = trunk.shape_at(self.recipe.image_size)
        stores = functools.cache(lambda variant: store.find_or_create(self.folder, self.key(variant), shape))
        work = self._work(stores, trunk)
        if not work.agrees(sample):
            return False
        shares.help_with(folder, work, is_needed)
        return True

    def _work(self, store: Callable[[int | None], Activations], trunk: Trunk) -> Work:
        return Work(store, self._seen, trunk.run, self.inputs(()).at_a_time)

    def _seen(self, chunk: Chunk) -> Inputs:
        return self._augmented(self.inputs(chunk.items), chunk.ids, [chunk.variant])

    def _about(self, first: Chunk) -> Pass:
        return Pass(
            recipe=self.recipe,
            weights=self.weights,
            line=self.line,
            folder=str(self.folder),
            converted=str(self.converted),
            # On a GPU the last bits depend on what goes through together.
            sample=first if converted.has_gpu() else first.only([0]),
        )

    def key(self, variant: int | None = None) -> Key:
        """Return what identifies a store.

        Args:
            variant: number of the augmented copy of every picture, None for the pictures as they are.
        """
        recipe = self.recipe
        return Key(
            backbone=recipe.backbone,
            weights=self.weights,
            line=self.line,
            pooling=recipe.head.pooling if self.line == "all" else None,
            size=recipe.image_size,
            precision=recipe.cache_precision,
            variant=None if variant is None else (self._changes, recipe.seed, variant),
        )

    @property
    def _changes(self) -> str:
        """What identifies how pictures are changed."""
        recipe = self.recipe
        own = "" if recipe.augmentation_size == "network" else f" at the size of the {recipe.augmentation_size}"
        return f"{recipe.augmentation}{own}"

    def _variants(self, split: str) -> Sequence[int | None]:
        augmented = split == "train" and self.recipe.augmentation != "off"
        return range(self.recipe.augmentation_variants) if augmented else [None]

    def converted_trunk(self, progress: Progress) -> Trunk:
        """Return the frozen blocks, ready to run; what was never converted is converted now."""
        return converted.trunk(converted.file(self.converted, self.key()), self.build, progress)

    def build(self) -> keras.Model:
        """Return the frozen blocks, of which there have to be some."""
        trunk = self.trunk()
        assert trunk is not None, "a freeze line has a trunk in front of it"
        return trunk

    def _make_room(
        self, rows: int, shape: tuple[int, ...], stores: Iterable[Activations | None], progress: Progress
    ) -> bool:
        needed = rows * store.row_bytes(shape, self.recipe.cache_precision)
        fits = store.make_room(self.folder, needed, [each.folder for each in stores if each])
        if not fits:
            progress.emit("warning", text=_(_NO_ROOM).format(size=wording.size(needed)))
        return fits

    def _augmented(self, pictures: Inputs, ids: Sequence[str], variants: Sequence[int | None]) -> Inputs:
        copies, recipe = [variant for variant in variants if variant is not None], self.recipe
        if not copies:
            return pictures
        return augment.augmented(pictures, ids, recipe.augmentation, recipe.seed, copies, at=recipe.augmentation_size)


_NO_ROOM = N_(
    "The activations ({size}) do not fit on the disk, or into the limit of the cache (TL_CACHE_GB). Every epoch "
    "runs the frozen blocks again."
)


def _missing(of: Activations | None, ids: list[str]) -> int:
    return len(of.missing(ids)) if of else len(ids)
