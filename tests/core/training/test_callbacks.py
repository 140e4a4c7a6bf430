"""The epochs of a phase, with a small network that draws all that a run draws: dropout, order, live augmentation."""

import itertools
from dataclasses import replace

import keras
import numpy as np
import pytest
from PIL import Image

from tl_core.features.augment import augmented
from tl_core.features.batches import Batches, Examples
from tl_core.features.sources import Pictures
from tl_core.progress import Progress
from tl_core.recipe import Recipe
from tl_core.runs import EpochRow, History, best_epoch
from tl_core.training.callbacks import Epochs, ends, is_over, patience
from tl_core.training.checkpoint import Checkpoint

SIZE, COUNT, EPOCHS = 8, 10, 3
RECIPE = Recipe(manifest=1, backbone="efficientnet-lite0", image_size=16, seed=3, batch_size=4, patience=2)


class Killed(BaseException):
    """Ends a phase where it is, as a power cut does."""


class KillAt(Progress):
    """Kills a phase at the n-th thing that it reports, or never."""

    def __init__(self, at=None):
        self.at = at
        self.heard = itertools.count()

    def emit(self, event, **fields):
        if next(self.heard) == self.at:
            raise Killed


def row(val_loss, loss=0.5, epoch=1):
    return EpochRow(phase="head", epoch=epoch, loss=loss, accuracy=0.5, val_loss=val_loss, val_accuracy=0.5)


def rows(*losses):
    return [row(loss) for loss in losses]


def test_a_phase_is_over_once_patience_is_used_up_by_epochs_since_the_best():
    assert not is_over([], 2)
    assert not is_over(rows(0.5, 0.6), 2)
    assert is_over(rows(0.5, 0.6, 0.7), 2)
    assert not is_over(rows(0.5, 0.6, 0.4), 2)
    assert is_over(rows(0.5, 0.5, 0.5), 2), "as low is not lower"
    assert not is_over(rows(0.4, 0.0, 0.1), 2), "0 is the best so far"
    assert not is_over(rows(None, None, 0.5, None), 2), "no number is worse than any"


def test_patience_does_not_cut_a_cosine_short():
    cosine = replace(RECIPE, schedule="cosine")
    assert (patience(cosine, "head"), patience(RECIPE, "fine-tune")) == (2, 2), "the head has no cosine"
    assert not is_over(rows(0.5, *[0.6] * 99), patience(cosine, "fine-tune"))
    assert is_over([row(0.5), row(None, loss=None)], patience(cosine, "fine-tune"))


def test_a_phase_of_many_pictures_ends_once_nothing_is_left_to_learn():
    learned, long = rows(0.5, 0.009), replace(RECIPE, epochs=9)
    assert ends(long, "head", learned, 500)
    assert not ends(long, "head", learned, 499), "few cannot say so"
    assert not ends(long, "head", rows(0.5, 0.011), 500)
    assert not ends(replace(long, patience=9), "head", learned, 500), "all epochs are wanted"
    assert ends(long, "head", rows(0.5, 0.6, 0.7), 9), "patience is used up"
    cosine = replace(long, freeze="none", fine_tune_epochs=9, schedule="cosine")
    assert not ends(cosine, "fine-tune", learned, 500), "its rate must come down to 0"


def test_a_phase_is_over_once_its_loss_is_no_number():
    assert is_over([row(0.5), row(None, loss=None)], 5)


def test_without_validation_pictures_only_a_loss_that_is_no_number_ends_a_phase():
    plain = replace(row(None), val_accuracy=None)
    assert not is_over([plain] * 9, 2)
    assert is_over([plain, replace(plain, loss=None)], 2)
    assert best_epoch([plain, replace(plain, epoch=2)]).epoch == 2
    assert best_epoch([plain, replace(plain, loss=None)]) is None


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    folder, chance = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    for number in range(COUNT):
        Image.fromarray(chance.integers(0, 255, (SIZE, SIZE, 3), np.uint8)).save(folder / f"{number}.png")
    return Pictures(sorted(folder.iterdir()), SIZE)


def learner():
    model = keras.Sequential(
        [
            keras.Input((SIZE, SIZE, 3)),
            keras.layers.Rescaling(1 / 255),
            keras.layers.SpatialDropout2D(0.3),
            keras.layers.Conv2D(2, 3, kernel_initializer=keras.initializers.GlorotUniform(1)),
            keras.layers.GlobalAveragePooling2D(),
            keras.layers.Dropout(0.3),
            keras.layers.Dense(1, kernel_initializer=keras.initializers.GlorotUniform(2)),
        ]
    )
    model.compile("adam", "mse", metrics=["accuracy"])
    return model


def learn(folder, pictures, progress):
    """Go through a phase from wherever it is; return its history without times, and its weights."""
    labels = (np.arange(COUNT) % 2).astype(np.float32)[:, None]
    history = History(folder / "history.csv")
    live = augmented(pictures, [path.name for path in pictures.paths], "full", RECIPE.seed)
    train, validation = (
        Examples(source=source, targets=labels, weights=np.ones(COUNT, np.float32)) for source in (live, pictures)
    )
    checkpoint, model = Checkpoint(folder / "checkpoint", "head", history), learner()
    finished = checkpoint.start(model)
    batches = Batches(train, RECIPE.batch_size, RECIPE.seed)
    model.fit(
        batches,
        validation_data=Batches(validation, RECIPE.batch_size),
        initial_epoch=finished,
        epochs=EPOCHS,
        callbacks=[Epochs(RECIPE, "head", batches, checkpoint, progress)],
        shuffle=False,
        verbose=0,
    )
    assert [each.epoch for each in history.rows] == list(range(1, EPOCHS + 1))
    return [(each.loss, each.accuracy, each.val_loss, each.val_accuracy) for each in history.rows], model.get_weights()


@pytest.fixture(scope="module")
def whole(pictures, tmp_path_factory):
    """A phase that nothing interrupts. It reports three batches and the end of each epoch."""
    return learn(tmp_path_factory.mktemp("run"), pictures, KillAt())


@pytest.mark.parametrize(
    "reports",
    [pytest.param((0, 3, 1, 3, 2, 3), marks=pytest.mark.slow), (1, 6)],
    ids=["in and after every epoch", "later"],
)
def test_a_phase_that_is_killed_again_and_again_ends_as_if_it_was_not(pictures, whole, tmp_path, reports):
    for at in reports:
        with pytest.raises(Killed):
            learn(tmp_path, pictures, KillAt(at))

    history, weights = learn(tmp_path, pictures, KillAt())

    assert history == whole[0]
    assert all(np.array_equal(mine, other) for mine, other in zip(weights, whole[1], strict=True))


def test_each_epoch_and_phase_draws_something_else(pictures):
    model, picture = learner(), np.ones((64, SIZE, SIZE, 3))

    def drawn(phase, epoch):
        batches = Batches(Examples(source=pictures, targets=np.zeros((COUNT, 1)), weights=np.ones(COUNT)), 4)
        callback = Epochs(RECIPE, phase, batches, None, Progress())
        callback.set_model(model)
        callback.on_epoch_begin(epoch)
        return [np.asarray(model(picture, training=True)).tobytes() for _ in range(2)]

    first = drawn("head", 0)
    others = [*drawn("head", 1), *drawn("fine-tune", 0)]
    assert len({*first, *others}) == 6
    assert drawn("head", 0) == first
