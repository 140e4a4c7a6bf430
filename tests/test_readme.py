"""What README tells a person to type."""

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.hues import folder_of_hues
from tl_core import jobs, runs
from tl_core.cli.parser import COMMANDS, parser
from tl_core.workspace import Workspace

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")
COMMAND = "python -m tl_core "


def commands() -> Iterator[list[str]]:
    """Yield the arguments of each command, without the comment at the end of its line."""
    for block in re.findall(r"^```bash\n(.*?)^```", README, re.MULTILINE | re.DOTALL):
        for line in block.splitlines():
            if line.startswith(COMMAND):
                yield shlex.split(line.removeprefix(COMMAND), comments=True)


def test_every_command_stands_in_readme_and_takes_what_stands_there():
    listed = {command.name for command in COMMANDS}
    typed = {arguments[0] for arguments in commands()}

    assert not listed - typed, f"README, “Command line”, lacks a line for {listed - typed}"
    assert not typed - listed, f"parser.COMMANDS lacks {typed - listed}"
    for arguments in commands():
        assert parser().parse_args(arguments).command


@pytest.mark.slow
def test_the_commands_run_in_their_order(tmp_path: Path):
    photos = folder_of_hues(tmp_path / "photos")
    for name in ("new.jpg", "other.png"):
        (tmp_path / name).write_bytes((photos / "warm" / "0.png").read_bytes())
    workspace = Workspace.open(tmp_path / "work")

    for arguments in commands():
        made = [run for project in workspace.projects() for run in runs.of_project(project)]
        if arguments[0] == "resume":
            jobs.set_status(made[0].folder, state="interrupted")
        usual = sorted(made, key=lambda run: run.recipe.everything is not None)  # not all can be asked of the others
        named = iter(run.reference for run in usual)
        typed = [next(named) if each == "RUN" else each for each in arguments]
        command = [sys.executable, "-m", "tl_core", *typed]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, (typed, done.stderr)
