"""Many pictures are decoded by processes: the same result as by threads, and nothing of it stays behind."""

import contextlib
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import psutil
import pytest
from loky.process_executor import ProcessPoolExecutor
from PIL import Image

from tests.core.pictures import StopAfter, encoded, lay, picture, png_header, zipped
from tl_core import language
from tl_core.dataset import manifest
from tl_core.errors import Stopped, TLError
from tl_core.ingest import decoder, decoding, importer
from tl_core.ingest.sources import Source
from tl_core.progress import Progress
from tl_core.workspace import Project, Workspace

Files = dict[str, int | bytes]


@pytest.fixture(scope="module")
def files() -> Files:
    """More pictures than threads decode: two of deep grey, a damaged one, an empty one, one that is no picture."""
    tiny = [encoded(Image.new("RGB", (8, 8), (at % 256, at // 256, 99))) for at in range(decoding.MANY)]
    plain = {f"{'ab'[at % 2]}/{at:04d}.png": data for at, data in enumerate(tiny)}
    deep = {f"a/deep-{at}.png": encoded(Image.fromarray(np.full((8, 8), 1000 * at + 500, np.uint16))) for at in (1, 2)}
    return {**plain, **deep, "b/cut.png": picture(1)[:60], "b/empty.png": b"", "b/header.png": png_header(9, 9)}


def decoders(of: int | None = None) -> list[psutil.Process]:
    return [each for each in psutil.Process(of).children() if decodes(each)]


def decodes(process: psutil.Process) -> bool:
    """Whether it runs and decodes; one that ends while it is looked at does not."""
    try:
        return process.status() != psutil.STATUS_ZOMBIE and "--process-name" in process.cmdline()
    except psutil.NoSuchProcess:
        return False


@pytest.mark.parametrize("kind", ["folder", pytest.param("zip", marks=pytest.mark.slow)])
def test_processes_give_what_threads_give(
    kind: str, files: Files, workspace: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = lay(tmp_path / "many", files) if kind == "folder" else zipped(tmp_path / "many.zip", files)
    results = []
    for most in (decoding.MANY, 10**6):
        monkeypatch.setattr(decoding, "MANY", most)
        project = workspace.create_project(f"of-{most}")
        made = importer.import_source(project, Source(kind, str(path)))
        stored = {image.name: image.stat().st_size for image in project.images.rglob("*.png")}
        results.append((made.manifest.table, made.report.left_out, made.report.notes, stored))
    (one, *rest), (other, *same) = results
    assert one.equals(other)
    assert rest == same
    assert len(one) == len(files) - 3
    assert len(rest[0]) == 3
    assert not decoders()


class Killer(Progress):
    """Kills the processes that decode as soon as something is done."""

    def emit(self, event: str, **fields: Any) -> None:
        for each in decoders():
            with contextlib.suppress(psutil.NoSuchProcess):
                each.kill()


def test_a_killed_process_is_a_sentence_and_harms_nothing(files: Files, project: Project, tmp_path: Path) -> None:
    with pytest.raises(TLError, match="was killed: most often the memory is full"):
        importer.import_source(project, Source("folder", str(lay(tmp_path / "many", files))), progress=Killer())
    assert not manifest.is_stored(project)
    assert not list(project.folder.rglob("*.png"))


def test_stop_ends_the_processes(files: Files, project: Project, tmp_path: Path) -> None:
    with pytest.raises(Stopped):
        importer.import_source(project, Source("folder", str(lay(tmp_path / "many", files))), progress=StopAfter(1))
    assert not decoders()
    assert not list(project.folder.rglob("*.png"))


@pytest.mark.skipif(not hasattr(os, "nice"), reason="there is no niceness")
def test_a_process_that_decodes_stands_back_for_the_one_that_began_it() -> None:
    with ProcessPoolExecutor(1, initializer=decoder.begin, initargs=(os.getpid(), language.spoken())) as pool:
        assert pool.submit(os.nice, 0).result() == min(19, os.nice(0) + decoder.NICENESS)


ROOT = str(Path(__file__).parents[3])
SCRIPT = """
import sys
import tl_core as tl
print(tl.import_pictures(tl.open_workspace(sys.argv[1]), sys.argv[2]).name)
"""


@pytest.mark.slow
def test_a_script_needs_no_main_guard(files: Files, tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text(SCRIPT, encoding="utf-8")
    command = [sys.executable, str(tmp_path / "plain.py"), str(tmp_path / "ws"), str(lay(tmp_path / "many", files))]
    ended = subprocess.run(command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": ROOT})
    assert ended.stdout == "many\n"


@pytest.mark.slow
def test_the_processes_end_with_the_one_that_is_killed(files: Files, tmp_path: Path) -> None:
    (tmp_path / "plain.py").write_text(SCRIPT, encoding="utf-8")
    more = {f"c/{at:05d}.png": picture(at) for at in range(2000)}
    command = [sys.executable, str(tmp_path / "plain.py"), str(tmp_path / "ws"), str(lay(tmp_path / "many", more))]
    with subprocess.Popen(command, env={**os.environ, "PYTHONPATH": ROOT}) as script:
        while not (begun := decoders(script.pid)):
            time.sleep(0.05)
        script.kill()
    _, alive = psutil.wait_procs(begun, timeout=10)
    assert not alive
