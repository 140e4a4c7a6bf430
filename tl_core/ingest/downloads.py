"""Public sets of pictures, by their real loaders: ``keras.utils.get_file`` and ``tensorflow-datasets``.

The loaders run in a process of their own, so that Stop ends a download at once and this process stays small.
"""

import contextlib
import importlib.util
import json
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from tl_core.errors import InputError, OfflineError, Stopped, StorageError, TLError
from tl_core.progress import Progress

ANSWER_SECONDS = 8
#: A download that brings nothing for so long is given up.
STALLED_SECONDS = 90
LOOK_SECONDS = 0.3

#: Where tensorflow-datasets looks first; without an answer there it would try again for minutes.
TFDS_SITE = "https://storage.googleapis.com/tfds-data"
HOW_TO_INSTALL = (
    "Sets of tensorflow-datasets need that package, which is not installed here. Install it with "
    "`pip install tensorflow-datasets` (the extra “datasets” of this project) and try again."
)

_GET_FILE = """
import sys
from keras.utils import get_file
print(get_file(origin=sys.argv[1], cache_dir=sys.argv[2], extract=True))
"""


def check(url: str) -> int:
    """Return the bytes that lie at an address, 0 if the server does not say.

    Raises:
        OfflineError: no answer within a few seconds; the message is the reason alone.
    """
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=ANSWER_SECONDS) as answer:
            return int(answer.headers.get("Content-Length") or 0)
    except urllib.error.HTTPError as exc:
        raise OfflineError(f"the server answered {exc.code} ({exc.reason})") from exc
    except (OSError, ValueError) as exc:
        reason = getattr(exc, "reason", exc)
        raise OfflineError(str(getattr(reason, "strerror", None) or reason)) from exc


def reach(url: str) -> None:
    """Raise OfflineError if no server answers at an address, whatever it says."""
    try:
        check(url)
    except OfflineError as exc:
        if not isinstance(exc.__cause__, urllib.error.HTTPError):
            raise


def fetch(url: str, folder: Path, progress: Progress) -> Path:
    """Download an archive with ``keras.utils.get_file``, with progress in MB, and return the folder of its contents.

    Raises:
        OfflineError: the network did not answer, or stopped in the middle; the message is the reason alone.
        Stopped: a person pressed Stop.
    """
    size = check(url)
    folder.mkdir(parents=True, exist_ok=True)
    _run([sys.executable, "-c", _GET_FILE, url, str(folder)], folder, size, progress)
    (folder / "datasets" / f"{url.rsplit('/', 1)[-1]}_archive").unlink(missing_ok=True)
    return folder / "datasets" / url.rsplit("/", 1)[-1]


def fetch_dataset(name: str, folder: Path, limit: int, progress: Progress) -> Path:
    """Write at most ``limit`` pictures of an image-classification set of ``tensorflow-datasets`` as ``split/class/…``.

    Raises:
        InputError: the package is not installed, or the set is unknown or has no pictures with one label each.
        OfflineError: it could not be downloaded; the message is the reason alone.
        Stopped: a person pressed Stop.
    """
    if importlib.util.find_spec("tensorflow_datasets") is None:
        raise InputError(HOW_TO_INSTALL)
    reach(TFDS_SITE)
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / "pictures"
    command = [sys.executable, "-m", "tl_core.ingest.tfds", name, str(folder / "tfds"), str(target), str(limit)]
    _run(command, folder, 0, progress)
    return target


def _run(command: list[str], folder: Path, size: int, progress: Progress) -> None:
    """Run a loader, telling how many MB lie in ``folder``, until it ends, is stopped or stalls."""
    log = folder / "log.txt"
    with log.open("wb") as output, subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT) as loader:
        try:
            _watch(loader, folder, size, progress)
        except BaseException:
            loader.kill()
            raise
    if loader.returncode:
        raise _reason(log.read_text(encoding="utf-8", errors="replace"))


def _watch(loader: "subprocess.Popen[bytes]", folder: Path, size: int, progress: Progress) -> None:
    seen, moved = [0], time.monotonic()
    while loader.poll() is None:
        here = _sizes(folder)
        if sum(here) != sum(seen):
            moved = time.monotonic()
        seen = here
        if time.monotonic() - moved > STALLED_SECONDS:
            raise OfflineError(f"nothing came for {STALLED_SECONDS} seconds")
        if progress.stopped():
            raise Stopped("Stopped before the end: nothing was kept of the download.")
        archive = max(seen) / 1e6
        progress.emit("progress", what="MB", done=round(archive, 1), total=round(max(size / 1e6, archive), 1))
        time.sleep(LOOK_SECONDS)


def _sizes(folder: Path) -> list[int]:
    """Return the sizes of all files; the archive is the largest. Files may vanish while we look."""
    sizes = [0]
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            sizes.append(path.stat().st_size)
    return sizes


def _reason(log: str) -> TLError:
    """Return what a loader's last line says as an error; ``tl_core.ingest.tfds`` writes its own as JSON."""
    last = (log.strip().splitlines() or ["no reason given"])[-1]
    kinds = {"InputError": InputError, "OfflineError": OfflineError, "StorageError": StorageError}
    try:
        told = json.loads(last)
        return kinds[told["error"]](told["text"])
    except (ValueError, KeyError, TypeError):
        return StorageError(f"The disk is full ({last}).") if "No space left" in log else OfflineError(last[:300])
