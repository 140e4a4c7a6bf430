import io

from tl_core.cli.terminal import Terminal, epoch_line


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


def test_a_terminal_shows_a_bar_that_redraws_itself_and_is_wiped_at_the_end():
    screen = Screen()
    terminal = Terminal(screen)
    for done in (0, 5, 10):
        terminal._drawn = 0
        terminal.emit("progress", what="pictures", done=done, total=10)
    terminal.close()
    drawn = screen.getvalue().split("\r\x1b[K")
    assert "pictures ███████████████░░░░░░░░░░░░░░░ 5/10" in drawn[2]
    assert "10/10" in drawn[3]
    assert drawn[-1] == ""


def test_without_a_terminal_only_lines_are_written():
    file = io.StringIO()
    terminal = Terminal(file)
    terminal.emit("progress", what="pictures", done=1, total=2)
    terminal.emit("message", text="Loading")
    terminal.emit("epoch", **EPOCH)
    assert file.getvalue() == f"Loading\n{epoch_line(EPOCH)}\n"
    assert "validation loss not a number" in epoch_line(EPOCH)


def test_stop_is_asked_once_and_told():
    file = io.StringIO()
    terminal = Terminal(file)
    assert not terminal.stopped()
    terminal.stop()
    assert terminal.stopped()
    assert "Stopping after this batch" in file.getvalue()
