from tl_core.training.callbacks import PatientStopping, exhausted


def test_patience_is_used_up_by_epochs_since_the_best():
    assert not exhausted([], 2)
    assert not exhausted([0.5, 0.6], 2)
    assert exhausted([0.5, 0.6, 0.7], 2)
    assert not exhausted([0.5, 0.6, 0.4], 2)


def test_a_loss_of_exactly_zero_before_a_restart_is_the_best_so_far():
    stopping = PatientStopping([0.4, 0.0, 0.1], patience=3)
    stopping.on_train_begin()
    assert (stopping.best, stopping.wait) == (0.0, 1)
