"""The probe for several labels, on features that are made up."""

import numpy as np
import pytest

from tl_core.dataset import manifest
from tl_core.freezing import tag_probe
from tl_core.networks.structure import Block


def block(name: str) -> Block:
    return Block(id=name, label=name, shape=(1, 1, 1), parameters=0, multiply_adds=0, receptive_field=None, layers=())


def probed(*skills: float, n: int = 80) -> tag_probe.Probed:
    """Return a probe of blocks whose features know the labels that well."""
    random = np.random.default_rng(0)
    has = random.random((n, 2)) < 0.4
    labels = ["; ".join(tag for tag, flag in zip("ab", row, strict=True) if flag) for row in has]
    about = {"split": "train", "width": 1, "height": 1, "source": "", "flags": "", "look": "", "taken": ""}
    rows = [manifest.Row(id=f"{at:064d}", label=label, **about) for at, label in enumerate(labels)]
    made = tag_probe.Probed(manifest.table_of(rows), ["a", "b"])
    for skill in skills:
        made.add((skill * has @ random.normal(size=(2, 6)) + random.normal(size=(n, 6))).astype(np.float32))
    return made


def test_the_highest_block_that_is_not_worse_is_suggested():
    made, blocks = probed(0.0, 3.0, 0.5), [block("low"), block("middle"), block("top")]
    figures = [figure for figure, __ in made.figures()]
    assert figures[1] > figures[2] > 0.3
    found = made.suggestion(blocks)
    assert found.line == "middle"
    assert "mean average precision" in found.why


@pytest.mark.parametrize(("skills", "said"), [((0.0, 0.0), "too few"), ((1.0, 3.0), "separates your labels best")])
def test_the_top_is_suggested_where_nothing_below_is_better(skills, said):
    found = probed(*skills).suggestion([block("low"), block("top")])
    assert found.line == "all"
    assert said in found.why
