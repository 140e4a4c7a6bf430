"""A fresh server and a fresh browser, for one measurement."""

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from tests.e2e.conftest import FLAGS, ROOT, chromium, stop

APP = ("run", "app.py")
HELLO = ("hello",)
PORT = 8630


@dataclass(frozen=True)
class Server:
    """A server that answers: its address, its process, and the seconds from its start until it answered."""

    url: str
    process: subprocess.Popen[bytes]
    seconds: float
    workspace: Path


@contextmanager
def serving(what: tuple[str, ...], port: int = PORT) -> Iterator[Server]:
    """Run ``streamlit`` with these arguments over an empty workspace, with a home of its own."""
    with tempfile.TemporaryDirectory() as home:
        workspace = Path(home, "workspace")
        env = {**os.environ, "HOME": home, "TL_WORKSPACE": str(workspace)}
        options = [f"--server.port={port}", "--server.headless=true", "--server.address=127.0.0.1"]
        began = time.perf_counter()
        process = subprocess.Popen(
            [sys.executable, "-m", "streamlit", *what, *options], cwd=ROOT, env=env, stdout=sys.stderr
        )
        try:
            url = f"http://127.0.0.1:{port}"
            _wait(url, process)
            yield Server(url, process, time.perf_counter() - began, workspace)
        finally:
            stop(process)


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(1200):
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=2).close()
        except OSError:
            if process.poll() is not None:
                raise SystemExit("The server ended by itself; see above.") from None
            time.sleep(0.05)
        else:
            return
    raise SystemExit("The server did not answer within a minute.")


@contextmanager
def browsing() -> Iterator[Page]:
    """Open an empty tab in a browser that remembers nothing."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=FLAGS)
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(120_000)
        yield page
        browser.close()


DRAWN = """() => {
  const heading = document.querySelector("h1");
  const app = document.querySelector("[data-testid=stApp]");
  return heading?.checkVisibility() && heading.innerText.trim() && app?.dataset.testScriptState === "notRunning";
}"""


def seconds_to_draw(page: Page, url: str) -> float:
    """Return the seconds from navigation until the main heading is visible and the script has run to its end."""
    began = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.wait_for_function(DRAWN)
    return time.perf_counter() - began
