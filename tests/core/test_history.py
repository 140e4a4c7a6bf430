from tl_core.runs import EpochRow, History
from tl_core.training.callbacks import exhausted


def row(phase, epoch, val_loss):
    numbers = {"loss": 0.5, "accuracy": 0.75, "val_accuracy": 0.5, "seconds": 1.25}
    return EpochRow(phase=phase, epoch=epoch, val_loss=val_loss, **numbers)


def test_epochs_are_found_again_and_a_repeated_one_takes_its_place(tmp_path):
    history = History(tmp_path / "history.csv")
    for epoch, loss in enumerate([0.9, 0.4, 0.6], 1):
        history.add(row("head", epoch, loss))
    history.add(row("head", 3, 0.5))
    again = History(tmp_path / "history.csv")
    assert again.rows == history.rows
    assert [found.val_loss for found in again.of("head")] == [0.9, 0.4, 0.5]
    assert again.best().epoch == 2


def test_a_loss_that_is_not_a_number_is_never_best(tmp_path):
    history = History(tmp_path / "history.csv")
    history.add(row("head", 1, float("nan")))
    assert history.best() is None
    assert History(tmp_path / "history.csv").rows[0].val_loss is None


def test_patience_is_used_up_by_epochs_since_the_best():
    assert not exhausted([], 2)
    assert not exhausted([0.5, 0.6], 2)
    assert exhausted([0.5, 0.6, 0.7], 2)
    assert not exhausted([0.5, 0.6, 0.4], 2)
