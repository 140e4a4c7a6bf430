"""Models on the disk: whole, and read without running what is in them."""

import io
import zipfile
from pathlib import Path

import keras
import numpy as np
import pytest

from tl_core import runs
from tl_core.errors import DamagedError
from tl_core.evaluation import predict
from tl_core.files import write_json
from tl_core.networks import saved
from tl_core.recipe import Recipe
from tl_core.runs import RunFolder
from tl_core.workspace import Workspace


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
    small().save(tmp_path / "model.h5")
    h5 = (tmp_path / "model.h5").read_bytes()
    for data in (b"", whole[: len(whole) // 2], bytes(len(whole)), b"junk" * 100, empty.getvalue(), junk, h5, h5[:900]):
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


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    """A run of two classes and pictures of 32 pixels, without its model."""
    project = Workspace.open(tmp_path).create_project("Any")
    made = runs.create(project, Recipe(manifest=1, backbone="efficientnet-lite0", image_size=32, seed=0))
    write_json(made.folder / "classes.json", {"classes": ["one", "two"]})
    return made


def classifier(side: int | None = 32, classes: int = 2, inputs: int = 1) -> keras.Model:
    pictures = [keras.Input((side, side, 3)) for _ in range(inputs)]
    pooled = keras.layers.GlobalAveragePooling2D()(sum(pictures[1:], pictures[0]))
    return keras.Model(pictures, keras.layers.Dense(classes, "softmax")(pooled))


OTHERS = {
    "no pictures": small,
    "other size": lambda: classifier(side=16),
    "any size": lambda: classifier(side=None),
    "other classes": lambda: classifier(classes=3),
    "two pictures": lambda: classifier(inputs=2),
}


@pytest.mark.parametrize("other", OTHERS.values(), ids=OTHERS)
def test_the_model_of_something_else_is_a_sentence(run: RunFolder, other):
    saved.save(classifier(), run.model_path)
    assert saved.of_run(run).output_shape == (None, 2)
    saved.save(other(), run.model_path)
    for ask in (saved.of_run, lambda run: predict.predict(run.folder, [b""])):
        with pytest.raises(DamagedError, match=r"model\.keras is the model of something else"):
            ask(run)
