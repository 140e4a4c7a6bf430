"""A cluster of one's own, as README has it: scheduler and workers are processes that show each other a certificate."""

import contextlib
import os
import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.core.hues import new_run, project_of_hues
from tests.e2e.conftest import free_port
from tl_core.engine import Engine
from tl_core.errors import TLError

ROOT = Path(__file__).parents[2]
CONFIG = ROOT / "assets" / "cluster"
#: Trains a run on the cluster of TL_SCHEDULER, or says why not; then asks its interactive worker something.
APP = """
import sys
import time
from pathlib import Path
from tl_core.engine import Engine
from tl_core.errors import TLError
from tl_core.jobs import Job

engine, job = Engine(), Job(Path(sys.argv[1]))
try:
    engine.client()
except TLError as exc:
    sys.exit(str(exc))
engine.submit(job)
while job.active:
    time.sleep(0.2)
print(job.state, job.status().error, engine.client().scheduler_info()["address"])
print(len(engine.ask("outline", sys.argv[2], "efficientnet-lite0").blocks) > 10)
engine.close()
"""


def lines(port: int) -> list[str]:
    """Return the commands of README's section, for a scheduler on this machine."""
    section = (ROOT / "README.md").read_text().split("### A cluster of your own")[1].split("## Command line")[0]
    (block,) = re.findall(r"```bash\n(.*?)```", section, re.DOTALL)
    return [
        line.partition(" #")[0].replace("10.0.0.1", "127.0.0.1").replace("8786", str(port))
        for line in block.splitlines()
    ]


@contextlib.contextmanager
def started(command: str, folder: Path, env: dict[str, str]) -> Iterator[None]:
    """Let a command of README run in a folder until the end of the block."""
    program, *rest = shlex.split(command)
    arguments = [str(Path(sys.executable).with_name(Path(program).name)), *rest]
    with (folder / "log").open("ab") as log:
        process = subprocess.Popen(arguments, cwd=folder, env=env, stdout=log, stderr=log)
    try:
        yield
    finally:
        process.terminate()
        process.wait(30)


def app(run: Path, root: Path, folder: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", APP, str(run), str(root)]
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, timeout=180, check=False)


@pytest.mark.slow
def test_the_cluster_of_readme_trains_and_answers_only_with_its_certificate(workspace, tmp_path):
    project = project_of_hues(workspace, tmp_path / "hues")
    port, run = free_port(), new_run(project, epochs=1)
    make, export, scheduler, train, pinned, interactive, serve = lines(port)
    assert "taskset" in pinned
    assert serve == f"TL_SCHEDULER=tls://127.0.0.1:{port} make run"
    (tmp_path / "assets").symlink_to(ROOT / "assets")
    plain = {**os.environ, "PYTHONPATH": str(ROOT), "TL_SCHEDULER": f"tls://127.0.0.1:{port}"}
    env = {**plain, "DASK_CONFIG": export.removeprefix("export DASK_CONFIG=").strip()}
    subprocess.run(make, shell=True, cwd=tmp_path, check=True, capture_output=True)
    assert (tmp_path / "cluster.pem").stat().st_mode & 0o077 == 0
    with started(scheduler, tmp_path, env), started(train, tmp_path, env), started(interactive, tmp_path, env):
        time.sleep(3)
        done = app(run.folder, project.workspace.root, tmp_path, env)
        assert done.stdout.split()[:1] == ["done"], (done.stdout, done.stderr, (tmp_path / "log").read_text())
        assert f"tls://127.0.0.1:{port}" in done.stdout
        assert done.stdout.splitlines()[-1] == "True"

        other = tmp_path / "other"
        other.mkdir()
        (other / "assets").symlink_to(ROOT / "assets")
        subprocess.run(make, shell=True, cwd=other, check=True, capture_output=True)
        for folder, settings in ((other, env), (tmp_path, {**plain, "TL_SCHEDULER": f"tcp://127.0.0.1:{port}"})):
            refused = app(run.folder, project.workspace.root, folder, settings)
            assert refused.returncode == 1
            assert "cannot be reached" in refused.stderr
        assert "wants a certificate, and none is set" in app(run.folder, project.workspace.root, tmp_path, plain).stderr


def test_a_certificate_that_is_not_there_is_a_sentence(tmp_path):
    with pytest.raises(TLError, match=r"tls://127\.0\.0\.1:9 wants a certificate, and none is set"):
        Engine("tls://127.0.0.1:9").client()
    env = {**os.environ, "PYTHONPATH": str(ROOT), "TL_SCHEDULER": "tls://127.0.0.1:9", "DASK_CONFIG": str(CONFIG)}
    said = app(tmp_path, tmp_path, tmp_path, env).stderr
    assert "wants a certificate, and cluster.pem is not there" in said
