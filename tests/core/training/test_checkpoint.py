import keras
import numpy as np
import pytest

from tl_core.errors import DamagedError
from tl_core.runs import EpochRow, History
from tl_core.training.checkpoint import Checkpoint

POINTS = np.linspace(-1, 1, 32, dtype="float32").reshape(16, 2)
SIGNS = (POINTS.sum(1, keepdims=True) > 0).astype("float32")


def learner():
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(1)])
    model.compile(keras.optimizers.Adam(0.1), "mse")
    return model


def row(phase, epoch, val_loss):
    numbers = {"loss": 1.0, "accuracy": 0.5, "val_accuracy": 0.5, "seconds": 0.1}
    return EpochRow(phase=phase, epoch=epoch, val_loss=val_loss, **numbers)


@pytest.fixture
def stored(tmp_path):
    """Three epochs, the second the best: the checkpoint, the learner, its weights after each."""
    model, checkpoint = learner(), Checkpoint(tmp_path / "checkpoint", "head", History(tmp_path / "history.csv"))
    assert not checkpoint.begun
    assert checkpoint.start(model) == 0
    assert checkpoint.begun
    weights = []
    for epoch, loss in enumerate((0.5, 0.2, 0.3), 1):
        model.fit(POINTS, SIGNS, verbose=0)
        checkpoint.save(model, row("head", epoch, loss))
        weights.append(model.get_weights())
    return checkpoint, model, weights


def same(first, second):
    return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))


def test_a_restart_goes_on_exactly_where_it_was(stored, tmp_path):
    checkpoint, model, weights = stored
    again = learner()
    assert Checkpoint(checkpoint.folder, "head", History(tmp_path / "history.csv")).start(again) == 3
    assert same(again.get_weights(), weights[2])
    for each in (model, again):
        each.fit(POINTS, SIGNS, verbose=0, shuffle=False)
    assert same(again.get_weights(), model.get_weights()), "the optimizer's state came back as well"


def test_the_best_epoch_and_the_last_are_kept_and_no_other(stored):
    checkpoint, model, weights = stored
    assert {path.name for path in checkpoint.folder.iterdir()} == {"head-0002.weights.h5", "head-0003.weights.h5"}
    checkpoint.load_best(model)
    assert same(model.get_weights(), weights[1])


def test_an_epoch_whose_row_was_not_written_is_run_again(stored, tmp_path):
    checkpoint, model, weights = stored
    model.fit(POINTS, SIGNS, verbose=0)
    model.save_weights(checkpoint.folder / "head-0004.weights.h5")
    (checkpoint.folder / ".head.part.weights.h5").write_bytes(b"cut off in mid-save")
    again = learner()
    assert Checkpoint(checkpoint.folder, "head", History(tmp_path / "history.csv")).start(again) == 3
    assert same(again.get_weights(), weights[2])


def test_a_phase_that_makes_nothing_better_gives_back_what_it_began_with(stored):
    checkpoint, model, _ = stored
    later = Checkpoint(checkpoint.folder, "fine-tune", checkpoint.history)
    before = model.get_weights()
    assert later.start(model) == 0
    model.fit(POINTS, SIGNS, verbose=0)
    later.save(model, row("fine-tune", 1, 0.9))
    later.load_best(model)
    assert same(model.get_weights(), before)


def test_an_epoch_whose_weights_are_damaged_is_run_again_from_the_best_one(stored, tmp_path):
    checkpoint, _, weights = stored
    last = checkpoint.folder / "head-0003.weights.h5"
    last.write_bytes(last.read_bytes()[:-100])
    again, history = learner(), History(tmp_path / "history.csv")
    assert Checkpoint(checkpoint.folder, "head", history).start(again) == 2
    assert same(again.get_weights(), weights[1])
    assert [each.epoch for each in History(tmp_path / "history.csv").rows] == [1, 2]


def test_weights_that_are_gone_are_a_sentence(stored):
    checkpoint, model, _ = stored
    (checkpoint.folder / "head-0002.weights.h5").unlink()
    with pytest.raises(DamagedError, match=r"head-0002\.weights\.h5 is missing or cut off"):
        checkpoint.load_best(model)
