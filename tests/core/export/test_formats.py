"""The table of formats: a new row is tested the day it appears."""

import importlib.util
from importlib import metadata

import pytest

from tl_core.errors import InputError
from tl_core.export import formats, page_proof, picture_bundle, prover
from tl_core.export.formats import FORMATS


def test_ids_are_unique_and_unknown_ones_name_the_others():
    assert len({each.id for each in FORMATS}) == len(FORMATS)
    assert formats.ALL not in {each.id for each in FORMATS}
    with pytest.raises(InputError, match=r"There is no format “pickle”. Choose one of: keras, saved-model, litert"):
        formats.get("pickle")


@pytest.mark.parametrize("row", FORMATS, ids=lambda row: row.id)
def test_a_row_says_how_it_is_made_and_run(row):
    module, name = row.maker.split(":")
    assert callable(getattr(importlib.import_module(module), name))
    assert row.runtime in (*prover.RUNTIMES, *page_proof.RUNTIMES) or row.not_proved
    assert row.purpose.endswith(".")
    assert not row.bundled or row.file.startswith("model.")


@pytest.mark.parametrize("row", [row for row in FORMATS if row.example], ids=lambda row: row.id)
def test_its_example_is_short_and_pinned(row, head):
    if missing := [name for name in row.packages if not importlib.util.find_spec(name.replace("-", "_"))]:
        pytest.skip(f"{missing} not installed")
    text = picture_bundle.example(head, row)
    compile(text, "example.py", "exec")
    assert len(text.splitlines()) <= 26
    for package in (*row.packages, "numpy", "pillow"):
        assert f"{package}=={metadata.version(package)}" in text.splitlines()[0]
