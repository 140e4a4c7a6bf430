"""Which activations a run needs, and how they get there: one store for pictures as they are, one for each variant."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import keras

from tl_core.features import augment
from tl_core.features import sources as features_sources
from tl_core.features import store as features_store
from tl_core.features.batches import Source
from tl_core.features.runtime import forward
from tl_core.features.sources import Forward, Kept, Pictures
from tl_core.features.store import Activations, Key
from tl_core.progress import Progress
from tl_core.recipe import Recipe

#: Between the seeds of two variants: each uses a few seeds in a row.
SEED_STEP = 100


@dataclass(frozen=True)
class Keeper:
    """Keeps what a frozen trunk makes of the pictures of a run.

    Args:
        recipe: of the run.
        cache: folder of all stores.
        line: the last frozen layer; ``"all"`` for the whole backbone with the head's pooling.
        trunk: returns the frozen part; called only if something has to be computed.
    """

    recipe: Recipe
    cache: Path
    line: str
    trunk: Callable[[], keras.Model | None]

    def sources(
        self, ids: dict[str, list[str]], pictures: dict[str, Pictures], progress: Progress
    ) -> dict[str, Source]:
        """Return the kept activations of each part, computing those that are not there yet.

        Args:
            ids: of the pictures of each part, ``"train"`` and ``"validation"``.
            pictures: the same, to decode. They are returned, and a message says so, where the disk or the bound of
                the cache has no room for the activations.
            progress: told how many pictures are done, variants counted.

        Raises:
            Stopped: a person pressed Stop; what was computed is found again by the next run.
        """
        passes = [(part, variant) for part in ids for variant in self._variants(part)]
        stores = {variant: features_store.found(self.cache, self.key(variant)) for _, variant in passes}
        new = {each: len(_missing(stores[each[1]], ids[each[0]])) for each in passes}
        if any(new.values()):
            trunk = self.trunk()
            assert trunk is not None, "a freeze line has a trunk in front of it"
            shape = tuple(trunk.output.shape[1:])
            needed = sum(new.values()) * features_store.row_bytes(shape, self.recipe.cache_precision)
            if not features_store.make_room(self.cache, needed, [store.folder for store in stores.values() if store]):
                progress.emit("warning", text=_NO_ROOM.format(needed / 2**30))
                return dict(pictures)
            run, done = forward(trunk, sum(new.values())), 0
            for part, variant in passes:
                store = stores[variant] = stores[variant] or self._opened(variant, shape)
                ahead = self._changed(variant, run)
                total = sum(new.values())
                done += features_sources.compute(
                    store, ids[part], pictures[part], ahead, progress, before=done, total=total
                )
        return {part: Kept([_there(stores[variant]) for variant in self._variants(part)], ids[part]) for part in ids}

    def key(self, variant: int | None = None) -> Key:
        """Return what tells a store from all others.

        Args:
            variant: number of the variant of every picture, None for the pictures as they are.
        """
        recipe = self.recipe
        return {
            "backbone": recipe.backbone,
            "weights": recipe.weights if recipe.weights == "imagenet" else f"random {recipe.seed}",
            "line": self.line,
            "pooling": recipe.head.pooling if self.line == "all" else None,
            "size": recipe.image_size,
            "precision": recipe.cache_precision,
            "variant": None if variant is None else [recipe.augmentation, recipe.seed, variant],
        }

    def _variants(self, part: str) -> Sequence[int | None]:
        changed = part == "train" and self.recipe.augmentation != "off"
        return range(self.recipe.augmentation_variants) if changed else [None]

    def _opened(self, variant: int | None, shape: tuple[int, ...]) -> Activations:
        return features_store.opened(self.cache, self.key(variant), shape, self.recipe.cache_precision)

    def _changed(self, variant: int | None, run: Forward) -> Forward:
        if variant is None:
            return run
        seed = (self.recipe.seed + SEED_STEP * (variant + 1)) % 2**31
        return augment.before(self.recipe.augmentation, self.recipe.image_size, seed, run)


_NO_ROOM = (
    "The activations ({:.1f} GB) do not fit: the disk is full or the bound of the cache is reached (TL_CACHE_GB). "
    "Every epoch runs the frozen part again."
)


def _missing(store: Activations | None, ids: list[str]) -> Sequence[int]:
    return store.missing(ids) if store else range(len(ids))


def _there(store: Activations | None) -> Activations:
    assert store is not None
    return store
