import errno
import functools
import http.server
import importlib.util
import json
import subprocess
import sys
import tarfile
import threading
import time
import urllib.error
import zipfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.core.pictures import StopAfter, lay, pets
from tl_core import jobs, storage
from tl_core.dataset import manifest
from tl_core.errors import InputError, OfflineError, Stopped, StorageError
from tl_core.files import read_record
from tl_core.ingest import downloads, make_sample, samples, tfds
from tl_core.ingest.report import ImportReport
from tl_core.ingest.samples import SAMPLES, Sample
from tl_core.progress import Progress
from tl_core.tasks import table as tasks
from tl_core.workspace import Workspace

BUNDLED = [sample for sample in SAMPLES if sample.bundled]
ONLINE = [sample for sample in SAMPLES if not sample.bundled]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "job").mkdir()
    return tmp_path / "job"


def test_the_table_is_whole() -> None:
    assert len({sample.id for sample in SAMPLES}) == len(SAMPLES)
    for sample in SAMPLES:
        assert sample.title
        assert sample.advice
        assert sample.licence
        assert len(sample.classes) >= 2
        assert sample.bundled or sample.archives, f"the row of {sample.id} in samples.SAMPLES lacks maker or archives"
        assert bool(sample.archives) == bool(sample.download_mb) == (not sample.bundled), sample.id
        assert samples.get(sample.id) is sample
    assert samples.get("tfds:beans").title == "beans"
    with pytest.raises(InputError, match="digits, textures"):
        samples.get("nope")


@pytest.mark.parametrize(
    "sample",
    [pytest.param(each, marks=[pytest.mark.slow] if each.id == "digits" else [], id=each.id) for each in BUNDLED],
)
def test_a_bundled_sample_becomes_a_project(sample: Sample, workspace: Workspace) -> None:
    job = jobs.create_in(workspace, "sample", sample=sample.id, workspace=str(workspace.root))
    result = jobs.execute(job.folder)
    project = workspace.project(result.project)
    made = manifest.load(project)
    assert project.name == sample.title
    assert made.classes == list(sample.classes)
    assert len(made.table) == sample.pictures
    assert made.kind == sample.kind
    assert tasks.of(project).problems(made) == []
    assert tasks.of(project).notes(made) == []
    assert (made.counts()[["train", "validation", "test"]] > 0).all(axis=None)
    assert made.table[["width", "height"]].min(axis=None) >= 64
    assert read_record(Path(result.report), ImportReport).left_out == []
    assert not (job.folder / "pictures").exists()


def test_a_part_of_a_sample_with_several_labels_keeps_them(workspace: Workspace, folder: Path) -> None:
    result = make_sample.run(folder, Progress(), sample="together", workspace=str(workspace.root), limit=60)
    made = manifest.load(workspace.project(result.project))
    assert made.classes == ["brick", "dark", "grass", "gravel"]
    assert 50 <= len(made.table) <= 70
    assert {"brick", "brick; dark", "brick; grass"} <= set(made.table["label"])


def test_textures_of_the_parts_come_from_separate_strips(workspace: Workspace, folder: Path) -> None:
    result = make_sample.run(folder, Progress(), sample="textures", workspace=str(workspace.root), name="Ground")
    made = manifest.load(workspace.project(result.project))
    assert made.given
    assert made.counts().loc["brick"].tolist() == [80, 24, 24, 0, 128]
    assert workspace.project("ground").about().source == "sample:textures"


def test_a_limit_takes_the_same_part_of_each_class(workspace: Workspace, folder: Path) -> None:
    result = make_sample.run(folder, Progress(), sample="digits", workspace=str(workspace.root), limit=50)
    assert manifest.load(workspace.project(result.project)).counts()["total"].tolist() == [5] * 10
    with pytest.raises(InputError, match="1 or more"):
        make_sample.run(folder, Progress(), sample="digits", workspace=str(workspace.root), limit=0)


@pytest.mark.slow
def test_stop_leaves_no_project(workspace: Workspace, folder: Path) -> None:
    with pytest.raises(Stopped):
        make_sample.run(folder, StopAfter(15), sample="digits", workspace=str(workspace.root))
    assert workspace.projects() == []
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize("sample", ONLINE, ids=lambda sample: sample.id)
def test_without_a_network_one_sentence_says_so(
    sample: Sample, workspace: Workspace, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    nowhere = tuple((split, f"http://127.0.0.1:9/{number}.zip") for number, (split, _) in enumerate(sample.archives))
    monkeypatch.setattr(samples, "SAMPLES", (*BUNDLED, replace(sample, archives=nowhere)))
    began = time.monotonic()
    with pytest.raises(OfflineError, match=r"could not be downloaded: .* no network: “Handwritten digits”") as caught:
        make_sample.run(folder, Progress(), sample=sample.id, workspace=str(workspace.root))
    assert time.monotonic() - began < 10
    assert "\n" not in str(caught.value)
    assert workspace.projects() == []


class Site(http.server.SimpleHTTPRequestHandler):
    """Serves a folder; addresses that hold ``slow`` give a first part and then nothing."""

    def log_message(self, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        if "slow" not in self.path:
            super().do_GET()
            return
        self.send_response(200)
        self.send_header("Content-Length", "50000000")
        self.end_headers()
        self.wfile.write(b"x" * 2_000_000)
        self.wfile.flush()
        self.server.released.wait(60)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and the address where a real server shows it."""
    shown = tmp_path / "site"
    shown.mkdir()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Site, directory=str(shown)))
    server.daemon_threads = True
    server.released = threading.Event()
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield shown, f"http://127.0.0.1:{server.server_port}"
    server.released.set()
    server.shutdown()
    server.server_close()
    thread.join()


def packed(root: Path, path: Path) -> None:
    if path.suffix == ".tgz":
        with tarfile.open(path, "w:gz") as archive:
            archive.add(root, root.name)
    else:
        with zipfile.ZipFile(path, "w") as archive:
            for file in sorted(root.rglob("*")):
                archive.write(file, file.relative_to(root.parent))


@pytest.mark.slow
def test_online_sets_are_loaded_by_keras(
    site: tuple[Path, str], workspace: Workspace, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Rock-paper-scissors: two archives, each with an outer folder of its own, become training and test."""
    shown, address = site
    packed(lay(tmp_path / "rps", pets(6)), shown / "rps.zip")
    packed(lay(tmp_path / "rps-test-set", {name: int(seed) + 50 for name, seed in pets(3).items()}), shown / "test.tgz")
    hands = replace(
        samples.get("rock-paper-scissors"),
        archives=(("train", f"{address}/rps.zip"), ("test", f"{address}/test.tgz")),
    )
    monkeypatch.setattr(samples, "SAMPLES", (*BUNDLED, hands))
    listener = StopAfter(10**9)
    result = make_sample.run(folder, listener, sample=hands.id, workspace=str(workspace.root))
    made = manifest.load(workspace.project(result.project))
    assert made.counts()[["train", "validation", "test"]].to_numpy().tolist() == [[5, 1, 3], [5, 1, 3]]
    assert {fields["what"] for _, fields in listener.events} == {"MB", "pictures"}
    assert list(folder.iterdir()) == []


def test_a_missing_address_says_what_the_server_answered(site: tuple[Path, str], tmp_path: Path) -> None:
    with pytest.raises(OfflineError, match="404"):
        downloads.fetch(f"{site[1]}/gone.zip", tmp_path / "d", Progress())


def test_reaching_a_server_is_enough_whatever_it_answers(site: tuple[Path, str]) -> None:
    downloads.reach(f"{site[1]}/gone")
    with pytest.raises(OfflineError, match="refused"):
        downloads.reach("http://127.0.0.1:9/")


def test_stop_ends_a_download_at_once(site: tuple[Path, str], tmp_path: Path) -> None:
    shown, address = site
    (shown / "slow.zip").write_bytes(b"")

    class StopWhenSomethingCame(StopAfter):
        def stopped(self) -> bool:
            return any(fields["done"] > 1 for _, fields in self.events)

    listener = StopWhenSomethingCame(0)
    with pytest.raises(Stopped, match="Nothing was saved"):
        downloads.fetch(f"{address}/slow.zip", tmp_path / "d", listener)


def test_a_download_that_stalls_is_given_up(
    site: tuple[Path, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (site[0] / "slow.zip").write_bytes(b"")
    monkeypatch.setattr(downloads, "STALLED_SECONDS", 2)
    with pytest.raises(OfflineError, match="nothing came for 2 seconds"):
        downloads.fetch(f"{site[1]}/slow.zip", tmp_path / "d", Progress())


@pytest.mark.skipif(importlib.util.find_spec("tensorflow_datasets") is not None, reason="the extra is installed")
def test_without_the_extra_one_sentence_says_how_to_install_it(workspace: Workspace, folder: Path) -> None:
    with pytest.raises(InputError, match="pip install tensorflow-datasets"):
        make_sample.run(folder, Progress(), sample="tfds:beans", workspace=str(workspace.root))
    assert workspace.projects() == []


def test_the_loader_of_the_extra_answers_in_one_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code = tfds.main(["not a name!", str(tmp_path), str(tmp_path), "10"])
    assert code == 2
    assert json.loads(capsys.readouterr().out)["error"] == "InputError"


def test_a_loader_is_found_from_any_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PYTHONPATH", raising=False)
    loader = ["tl_core.ingest.tfds", "not a name!", str(tmp_path), str(tmp_path), "10"]
    with pytest.raises(InputError, match="tensorflow-datasets"):
        downloads.run_loader(loader, tmp_path / "log.txt", list, 0, Progress())


def test_a_loader_that_ends_unexpectedly_is_a_bug_and_not_offline(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="No module named"):
        downloads.run_loader(["tl_core.no_such_loader"], tmp_path / "log.txt", list, 0, Progress())


@pytest.mark.parametrize(
    ("problem", "kind"),
    [
        (ConnectionResetError(), OfflineError),
        (urllib.error.URLError("no route"), OfflineError),
        (Exception("URL fetch failure on http://x: None -- timed out"), OfflineError),
        (OSError(errno.ENOSPC, "full"), StorageError),
        (InputError("no such set"), InputError),
        (KeyError("a bug"), type(None)),
    ],
)
def test_what_a_loader_reports(problem: Exception, kind: type) -> None:
    assert type(downloads.as_error(problem)) is kind


@pytest.mark.slow
def test_a_sample_that_was_killed_leaves_no_project_and_another_try_makes_one(workspace: Workspace) -> None:
    code = "import sys\nfrom pathlib import Path\nfrom tl_core import jobs\njobs.execute(Path(sys.argv[1]))"
    job = jobs.create_in(workspace, "sample", sample="textures", workspace=str(workspace.root))
    with subprocess.Popen([sys.executable, "-c", code, job.folder]) as killed:
        while not any(workspace.projects_folder.glob(".new-*/imports/.incoming-*/*")):
            assert killed.poll() is None
            time.sleep(0.01)
        killed.kill()
    assert workspace.projects() == workspace.damaged_projects() == []

    storage.sweep(workspace)

    assert list(workspace.projects_folder.iterdir()) == []
    result = jobs.execute(job.folder)
    assert [project.slug for project in workspace.projects()] == [result.project]
    assert Path(result.report).is_file()
