"""Models on the disk: whole, and read without running what is in them."""

import io
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

from tl_core.errors import DamagedError
from tl_core.networks import saved


def small() -> keras.Model:
    picture = keras.Input((2,))
    return keras.Model(picture, keras.layers.Dense(1, name="dense")(picture))


def hostile(path: Path, mark: Path) -> None:
    """Save a model that writes a file when it is loaded without care."""
    picture = keras.Input((2,))
    code = keras.layers.Lambda(lambda x, mark=str(mark): (__import__("pathlib").Path(mark).touch(), x)[1])
    keras.Model(picture, code(picture)).save(path)
    mark.unlink(missing_ok=True)


def test_a_model_comes_back_as_it_was(tmp_path: Path):
    model, points = small(), np.ones((3, 2), np.float32)
    saved.save(model, tmp_path / "model.keras")
    assert [path.name for path in tmp_path.iterdir()] == ["model.keras"]
    again = saved.load(tmp_path / "model.keras")
    assert np.array_equal(again(points), model(points))


def test_what_is_no_whole_model_is_a_sentence(tmp_path: Path):
    path = tmp_path / "model.keras"
    saved.save(small(), path)
    whole = path.read_bytes()
    empty = io.BytesIO()
    zipfile.ZipFile(empty, "w").close()
    junk = whole.replace(b"Dense", b"Nosuc")
    for data in (b"", whole[: len(whole) // 2], bytes(len(whole)), b"junk" * 100, empty.getvalue(), junk):
        path.write_bytes(data)
        with pytest.raises(DamagedError, match="cannot be read as a model"):
            saved.load(path)
    path.unlink()
    path.mkdir()
    with pytest.raises(DamagedError):
        saved.load(path)


def test_code_in_a_model_is_not_run(tmp_path: Path):
    mark = tmp_path / "was here"
    hostile(tmp_path / "model.keras", mark)
    with pytest.raises(DamagedError):
        saved.load(tmp_path / "model.keras")
    assert not mark.exists()
