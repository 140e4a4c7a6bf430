"""The real server and a real browser."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, expect, sync_playwright

from tests.conftest import share_weights, write_pictures
from tl_core import jobs, runs
from tl_core.about import SplitSettings
from tl_core.dataset import edits, manifest
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.recipe import Recipe
from tl_core.workspace import Workspace

ROOT = Path(__file__).parents[2]
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
]

#: What trains or looks at all pictures takes at most so many milliseconds.
LONG = 180_000
#: A busy machine may take long to draw a page; nothing here measures time.
expect.set_options(timeout=60_000)


@dataclass
class Server:
    """A running app: where it listens, its workspace, its process, its log."""

    url: str
    workspace: Path
    process: subprocess.Popen[bytes]
    log: Path


def free_port() -> int:
    """Return a port on this machine that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def serving(workspace: Path, log: Path, **env: str) -> Iterator[Server]:
    """Run the server over a workspace; at the end it is asked to stop, as by Ctrl+C. Nothing begins by itself.

    ``env`` is added to its environment.
    """
    if not workspace.exists():
        share_weights(Workspace.open(workspace)).prefer(ahead=False)
    port = free_port()
    command = ["streamlit", "run", "app.py", f"--server.port={port}"]
    with running(command, port, workspace, log, **env) as server:
        yield server


@contextmanager
def running(command: list[str], port: int, workspace: Path, log: Path, **env: str) -> Iterator[Server]:
    """Run a command of Python that serves the app at a port, until it is asked to stop."""
    env = {**os.environ, "TL_WORKSPACE": str(workspace), **env}
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", *command], cwd=ROOT, env=env, stdout=output, stderr=subprocess.STDOUT
        )
    server = Server(f"http://127.0.0.1:{port}", workspace, process, log)
    try:
        _wait_until_up(server)
        yield server
    finally:
        stop(process)


def _wait_until_up(server: Server, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{server.url}/_stcore/health", timeout=2).close()
        except OSError:
            assert server.process.poll() is None, server.log.read_text()
            time.sleep(0.2)
        else:
            return
    raise AssertionError(f"The server did not come up:\n{server.log.read_text()}")


def stop(process: subprocess.Popen[bytes]) -> None:
    """Ask a server to stop, and end what it has started."""
    family = psutil.Process(process.pid).children(recursive=True) if process.poll() is None else []
    process.terminate()
    try:
        process.wait(timeout=20)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    for left in psutil.wait_procs(family, timeout=5)[1]:
        with contextlib.suppress(psutil.NoSuchProcess):
            left.kill()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests. What a test makes in its workspace it names in the addresses that it opens."""
    folder = tmp_path_factory.mktemp("server")
    with serving(folder / "workspace", folder / "server.log") as running:
        yield running


def chromium() -> str | None:
    """Return the path of the installed Chromium, None for Playwright's own."""
    return os.environ.get("TL_CHROMIUM") or next(filter(None, map(shutil.which, CHROMIUM)), None)


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """What starts browsers: one for all tests, as a process can have no second one."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium: the installed one, else Playwright's own. Without any the tests fail: they are never skipped."""
    started = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
    yield started
    started.close()


@contextmanager
def filming(playwright: Playwright, video: Path) -> Iterator[Page]:
    """Open a tab of a browser of its own, whose camera sees a film (MJPEG): Chromium has one camera for all tabs."""
    flags = [*FLAGS, f"--use-file-for-fake-video-capture={video}"]
    started = playwright.chromium.launch(executable_path=chromium(), args=flags)
    try:
        tab = started.new_page(viewport={"width": 1280, "height": 900})
        tab.set_default_timeout(30_000)
        yield tab
    finally:
        started.close()


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A browser window with nothing remembered."""
    opened = browser.new_context(viewport={"width": 1280, "height": 900})
    opened.set_default_timeout(30_000)
    yield opened
    opened.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    """An empty tab."""
    return context.new_page()


def drawn(page: Page) -> None:
    """Wait until a page is drawn to its end: a popover that is opened before is closed by what follows."""
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=LONG)
    # The status widget comes late, so the state of the script itself is asked.
    page.wait_for_function(
        "document.querySelector('[data-testid=stApp]').dataset.testScriptState === 'notRunning'", timeout=LONG
    )


@pytest.fixture(scope="session")
def run(server: Server, tmp_path_factory: pytest.TempPathFactory) -> runs.RunFolder:
    """A run over pictures of which two of the validation part lie in the wrong folder."""
    project = Workspace(server.workspace).create_project("Fruit")
    folder = write_pictures(tmp_path_factory.mktemp("pictures") / "fruit", {"apple": 20, "plum": 20})
    importer.import_source(project, Source("folder", str(folder)), settings=SplitSettings(validation=0.3, test=0.1))
    part = manifest.load(project).split("validation")
    edits.move(project, part.loc[part["label"] == "plum", "id"].head(2), "apple")
    options = {"backbone": "efficientnet-lite0", "image_size": 64, "seed": 0, "epochs": 4, "batch_size": 8}
    made = runs.create(project, Recipe(manifest=manifest.load(project).version, **options))
    jobs.execute(made.folder)
    return made
