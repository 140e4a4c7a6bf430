import io

import pytest

from tl_core.cli.terminal import Terminal, epoch_line
from tl_core.runs import EpochRow


class Screen(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


EPOCH = {
    "phase": "head",
    "epoch": 2,
    "loss": 0.5,
    "accuracy": 0.75,
    "val_loss": None,
    "val_accuracy": 0.5,
    "seconds": 1.24,
}


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setenv("COLUMNS", "100")
    return Screen()


def test_a_terminal_shows_how_far_the_work_is_and_is_wiped_at_the_end(screen: Screen):
    terminal = Terminal(screen)
    terminal.emit("progress", what="[b]pictures", done=5, total=10)
    terminal.emit("progress", what="steps", done=1, total=3)
    terminal.close()
    drawn = screen.getvalue()
    assert "[b]pictures" in drawn
    assert " 5/10" in drawn
    assert "1/3" in drawn
    assert drawn.rpartition("1/3")[2].count("\x1b[2K") == 1, "the bar's line is erased"


def test_lines_stay_above_the_bar(screen: Screen):
    terminal = Terminal(screen)
    terminal.emit("progress", what="steps", done=1, total=3)
    terminal.emit("epoch", **EPOCH)
    terminal.emit("warning", text="The activations do not fit.")
    terminal.close()
    assert epoch_line(EpochRow(**EPOCH)) in screen.getvalue()
    assert "The activations do not fit." in screen.getvalue()


def test_without_a_terminal_only_lines_are_written():
    file = io.StringIO()
    terminal = Terminal(file)
    terminal.emit("progress", what="pictures", done=1, total=2)
    terminal.emit("message", text="Loading [bold]:smile: " + "x" * 200)
    terminal.emit("epoch", **EPOCH)
    terminal.close()
    assert file.getvalue() == f"Loading [bold]:smile: {'x' * 200}\n{epoch_line(EpochRow(**EPOCH))}\n"


def test_an_epoch_is_one_line():
    assert epoch_line(EpochRow(**EPOCH)) == (
        "head epoch 2: loss 0.5, accuracy 75%; validation loss not a number, accuracy 50% (1.2 s)"
    )
    of_boxes = {**EPOCH, "accuracy": None, "val_loss": 0.7, "val_accuracy": None, "val_map50": 0.91}
    assert epoch_line(EpochRow(**of_boxes)) == "head epoch 2: loss 0.5; validation loss 0.7, mAP@50 0.910 (1.2 s)"


def test_stop_is_asked_once_and_said():
    file = io.StringIO()
    terminal = Terminal(file)
    assert not terminal.stopped()
    terminal.stop()
    assert terminal.stopped()
    assert "Stopping after this batch" in file.getvalue()
