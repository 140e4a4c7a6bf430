"""A Chromium without a window, to prove what runs in a browser.

It is driven over two pipes by its DevTools protocol, https://chromedevtools.github.io/devtools-protocol/: that takes no
library and opens no port, waits for what is asked, measures real time, and sees every request, which printing the page
with ``--dump-dom`` does not.
"""

import contextlib
import itertools
import json
import os
import select
import shutil
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil

from tl_core.errors import Stopped, TLError
from tl_core.language import _
from tl_core.progress import Progress

#: Programs that are looked for, the first one is taken; ``TL_CHROMIUM`` names another.
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge", "chrome")
PLACES = (
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
)
FLAGS = (
    "--headless",
    "--remote-debugging-pipe",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
#: How often Stop is looked for, in seconds.
STEP = 0.2
#: How addresses of what is inside a page begin: they ask nobody.
INSIDE = ("blob:", "data:", "about:")


class BrowserError(TLError):
    """The browser does not start, or does not do what it is asked."""


def installed() -> str | None:
    """Return the path of the Chromium of this machine, None if there is none."""
    named = os.environ.get("TL_CHROMIUM")
    places = [place for place in PLACES if Path(place).is_file()]
    return named or next(filter(None, map(shutil.which, NAMES)), None) or next(iter(places), None)


@contextlib.contextmanager
def opened(address: str, seconds: float, progress: Progress) -> Iterator["Tab"]:
    """Give a tab that shows an address; the browser is gone after the block.

    Args:
        address: of the page.
        seconds: after which it is given up, all in all.
        progress: is asked whether to stop.

    Raises:
        Stopped: a person pressed Stop.
        BrowserError: there is no browser, it does not start, or the time is over.
    """
    if os.name != "posix":
        raise BrowserError(_("What runs in a browser can be proved on Linux and macOS only."))
    program = installed()
    if program is None:
        raise BrowserError(_("No browser was found on this machine. Install Chromium or Chrome, then export it again."))
    with TemporaryDirectory(prefix="thaw-chromium-", ignore_cleanup_errors=True) as profile:
        process, reads, writes = _started(program, profile)
        try:
            yield Tab(address, reads, writes, time.monotonic() + seconds, progress)
        finally:
            _end(process)
            os.close(reads)
            os.close(writes)


def _started(program: str, profile: str) -> tuple[int, int, int]:
    """Start Chromium; return its process and the ends of the pipes to read from and to write to."""
    import fcntl

    (theirs_in, ours_out), (ours_in, theirs_out) = os.pipe(), os.pipe()
    # Chromium reads from 3 and writes to 4: what becomes 3 and 4 lies above, so that neither covers the other.
    high = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 16) for end in (theirs_in, theirs_out)]
    silent = [(os.POSIX_SPAWN_OPEN, number, os.devnull, os.O_WRONLY, 0) for number in (1, 2)]
    pipes = [(os.POSIX_SPAWN_DUP2, end, number) for end, number in zip(high, (3, 4), strict=True)]
    root = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium refuses to start its sandbox for root
    command = [program, *FLAGS, *root, f"--user-data-dir={profile}", "about:blank"]
    try:
        process = os.posix_spawn(program, command, os.environ, file_actions=[*silent, *pipes])
    except OSError as exc:
        raise BrowserError(
            _("The browser {program} does not start ({problem}).").format(program=program, problem=exc.strerror)
        ) from exc
    finally:
        for end in (theirs_in, theirs_out, *high):
            os.close(end)
    return process, ours_in, ours_out


def _end(process: int) -> None:
    """End a browser and all that it has started."""
    with contextlib.suppress(psutil.NoSuchProcess):
        family = [psutil.Process(process), *psutil.Process(process).children(recursive=True)]
        for each in family:
            with contextlib.suppress(psutil.NoSuchProcess):
                each.send_signal(signal.SIGKILL)
        psutil.wait_procs(family, timeout=5)
    with contextlib.suppress(ChildProcessError):
        os.waitpid(process, 0)


class Tab:
    """A page in a browser.

    Args:
        address: that it opens.
        reads, writes: the pipes.
        end: when the time is over, as ``time.monotonic`` counts.
        progress: is asked whether to stop.

    Attributes:
        requests: addresses that the page has asked anybody for.
    """

    def __init__(self, address: str, reads: int, writes: int, end: float, progress: Progress) -> None:
        self._address, self._progress = address, progress
        os.set_blocking(writes, False)
        self._reads, self._writes, self._end = reads, writes, end
        self._numbers = itertools.count(1)
        self._left = b""
        self._session: str | None = None
        self._loaded = False
        self.requests: list[str] = []
        target = self._ask("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._ask("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        self._ask("Network.enable")
        self._ask("Page.enable")
        self._ask("Page.navigate", url=address)
        while not self._loaded:
            self._take(self._message())

    def evaluate(self, script: str) -> Any:
        """Return the value of a script, waiting for what it promises.

        Raises:
            BrowserError: the script fails; the message says how.
        """
        result = self._ask("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            details = result["exceptionDetails"]
            said = str(details.get("exception", {}).get("description") or details["text"]).splitlines()[0]
            raise BrowserError(_("The page fails in the browser: {problem}.").format(problem=said.rstrip(".")))
        return result["result"].get("value")

    def _ask(self, method: str, **parameters: object) -> Any:
        number = next(self._numbers)
        asked = {"id": number, "method": method, "params": parameters}
        if self._session:
            asked["sessionId"] = self._session
        self._write(json.dumps(asked).encode() + b"\0")
        while True:
            message = self._message()
            if message.get("id") == number:
                if "error" in message:
                    raise BrowserError(
                        _("The browser does not do {method}: {problem}.").format(
                            method=method, problem=message["error"].get("message")
                        )
                    )
                return message["result"]
            self._take(message)

    def _take(self, message: dict[str, Any]) -> None:
        """Note an event."""
        self._loaded |= message.get("method") == "Page.loadEventFired"
        if message.get("method") in ("Network.requestWillBeSent", "Network.webSocketCreated"):
            address = str(message["params"].get("request", message["params"])["url"])
            if address != self._address and not address.startswith(INSIDE):
                self.requests.append(address)

    def _write(self, content: bytes) -> None:
        try:
            while content:
                self._wait([], [self._writes])
                content = content[os.write(self._writes, content) :]
        except OSError as exc:
            raise BrowserError(_("The browser has ended.")) from exc

    def _wait(self, reads: list[int], writes: list[int]) -> None:
        """Wait until a pipe has something to read, or room to write."""
        while not any(select.select(reads, writes, [], STEP)):
            if self._progress.stopped():
                raise Stopped(_("Stopped before the file was proved. Nothing was saved."))
            if time.monotonic() > self._end:
                raise BrowserError(_("The browser takes too long."))

    def _message(self) -> dict[str, Any]:
        while b"\0" not in self._left:
            self._wait([self._reads], [])
            content = os.read(self._reads, 1 << 20)
            if not content:
                raise BrowserError(_("The browser has ended."))
            self._left += content
        first, self._left = self._left.split(b"\0", 1)
        message: dict[str, Any] = json.loads(first)
        return message
