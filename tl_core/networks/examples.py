"""The examples of a project as the network of a recipe takes them: pictures, or texts."""

import functools
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from tl_core.dataset import manifest
from tl_core.features.sources import Inputs, Pictures, Texts
from tl_core.networks import bert_weights, tables, text_catalogue
from tl_core.networks.vocabulary import Tokenizer
from tl_core.recipe import Recipe
from tl_core.workspace import Project


def of_items(recipe: Recipe, items: Sequence[str]) -> Inputs:
    """Return examples by what they are made from (``Inputs.items``).

    Raises:
        MissingWeightsError: the tokenizer of a network for texts is not on this machine.
    """
    if tables.takes_texts(recipe.backbone):
        return Texts(items, recipe.image_size, tokenizer(recipe.backbone).encode)
    return Pictures([Path(item) for item in items], recipe.image_size)


def of_rows(project: Project, recipe: Recipe, rows: pd.DataFrame) -> Inputs:
    """Return the examples of some rows of the project's manifest.

    Raises:
        NotFoundError: a picture is not there.
    """
    if tables.takes_texts(recipe.backbone):
        return of_items(recipe, rows["text"].tolist())
    return of_items(recipe, [str(manifest.image_path(project, id_)) for id_ in rows["id"]])


def of_ids(project: Project, recipe: Recipe, ids: Sequence[str]) -> Inputs:
    """Return the examples with these ids, in their order.

    Texts are looked up in the version of the manifest that the recipe names.
    """
    if tables.takes_texts(recipe.backbone):
        texts = manifest.load(project, recipe.manifest).table.set_index("id")["text"]
        return of_items(recipe, texts.loc[list(ids)].tolist())
    return of_items(recipe, [str(manifest.image_path(project, id_)) for id_ in ids])


def noise(recipe: Recipe) -> NDArray[np.generic]:
    """Return one example without any sense, ``(1, …)``; a text is as long as those that the network reads."""
    random, side = np.random.default_rng(0), recipe.image_size
    if tables.takes_texts(recipe.backbone):
        known = text_catalogue.get(recipe.backbone).config.vocabulary
        return random.integers(1, known, (1, side)).astype(np.int32)
    return random.uniform(0, 255, (1, side, side, 3)).astype(np.float32)


@functools.lru_cache(maxsize=4)
def tokenizer(backbone: str) -> Tokenizer:
    """Return the tokenizer of the network of that id; recent ones stay in memory. Raises what ``of_items`` raises."""
    return bert_weights.tokenizer(text_catalogue.get(backbone))
