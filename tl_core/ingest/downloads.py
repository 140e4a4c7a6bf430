"""Downloads, watched: a loader runs in a process of its own, so that Stop ends it at once and this process stays small.

Data sets come by their real loaders, ``keras.utils.get_file`` (``python -m tl_core.ingest.downloads ADDRESS FOLDER``)
and ``tensorflow-datasets``; weights come by Keras (``networks.weights``). All are run and watched by ``run_loader``.
"""

import contextlib
import errno
import importlib.util
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from tl_core import language
from tl_core.errors import InputError, MissingWeightsError, OfflineError, Stopped, StorageError, TLError
from tl_core.language import N_, _
from tl_core.progress import Progress

ANSWER_SECONDS = 8
#: A download that brings nothing for this time is given up.
STALLED_SECONDS = 180
LOOK_SECONDS = 0.2
MEGABYTE = 10**6
LOG = "log.txt"

#: Where tensorflow-datasets looks first; without an answer there it would try again for minutes.
TFDS_SITE = "https://storage.googleapis.com/tfds-data"
HOW_TO_INSTALL = N_(
    "Sets of tensorflow-datasets need that package, which is not installed here. Install it "
    "with `pip install tensorflow-datasets` and try again."
)

#: What a loader may report; anything else that ends it is a bug.
REPORTED = {kind.__name__: kind for kind in (InputError, MissingWeightsError, OfflineError, StorageError)}
#: The variable by which a loader knows the language that it reports in.
_LANGUAGE = "THAW_LANGUAGE"
_ROOT = Path(__file__).parents[2]


def check(url: str) -> int:
    """Return the bytes that lie at an address, 0 if the server does not say.

    Raises:
        OfflineError: no answer within a few seconds; the message is the reason alone.
    """
    try:
        with urllib.request.urlopen(urllib.request.Request(url, method="HEAD"), timeout=ANSWER_SECONDS) as answer:
            return int(answer.headers.get("Content-Length") or 0)
    except urllib.error.HTTPError as exc:
        raise OfflineError(_("the server answered {code} ({reason})").format(code=exc.code, reason=exc.reason)) from exc
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
    """Download an archive with ``keras.utils.get_file`` and return the folder of its contents.

    Raises:
        OfflineError: the network did not answer, or stopped in the middle; the message is the reason alone.
        StorageError: the disk is full.
        Stopped: a person pressed Stop.
    """
    size = check(url)
    _load_into(folder, ["tl_core.ingest.downloads", url, str(folder)], size, progress)
    name = url.rsplit("/", 1)[-1]
    (folder / "datasets" / f"{name}_archive").unlink(missing_ok=True)
    return folder / "datasets" / name


def fetch_dataset(name: str, folder: Path, limit: int, progress: Progress) -> Path:
    """Write at most ``limit`` images of a classification set of ``tensorflow-datasets`` as ``split/class/…``.

    Raises:
        InputError: the package is not installed, or the set is unknown or has no images with one label each.
        OfflineError: it could not be downloaded; the message is the reason alone.
        StorageError: the disk is full.
        Stopped: a person pressed Stop.
    """
    if importlib.util.find_spec("tensorflow_datasets") is None:
        raise InputError(_(HOW_TO_INSTALL))
    reach(TFDS_SITE)
    target = folder / "pictures"
    _load_into(folder, ["tl_core.ingest.tfds", name, str(folder / "tfds"), str(target), str(limit)], 0, progress)
    return target


def _load_into(folder: Path, module: Sequence[str], size: int, progress: Progress) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    run_loader(module, folder / LOG, lambda: _sizes(folder), size, progress)


def run_loader(
    module: Sequence[str],
    log: Path,
    sizes: Callable[[], Sequence[int]],
    size: int,
    progress: Progress,
    environment: Mapping[str, str] | None = None,
) -> None:
    """Run a loader, telling how many MB have arrived, until it ends, is stopped or stalls.

    Args:
        module: the module that ``python -m`` runs, and its arguments. It ends with ``report``.
        log: file for what the loader prints.
        sizes: returns the bytes of each file that has arrived so far; the largest is what is downloaded.
        size: expected bytes of the largest file; 0 if unknown.
        progress: hears of the MB that have come.
        environment: further variables for the loader.

    Raises:
        TLError: what the loader reported.
        OfflineError: nothing came for ``STALLED_SECONDS``.
        Stopped: a person pressed Stop.
        RuntimeError: the loader ended in any other way; the message is its log.
    """
    paths = os.pathsep.join(filter(None, [str(_ROOT), os.environ.get("PYTHONPATH")]))
    variables = {**os.environ, "PYTHONPATH": paths, "CUDA_VISIBLE_DEVICES": "-1", **(environment or {})}
    variables[_LANGUAGE] = language.spoken()
    command = [sys.executable, "-m", *module]
    with (
        log.open("wb") as output,
        subprocess.Popen(
            command, env=variables, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
        ) as loader,
    ):
        try:
            _watch(loader, sizes, size, progress)
        finally:
            loader.kill()
    if loader.returncode:
        raise _reported(log.read_text(encoding="utf-8", errors="replace"))


def _watch(
    loader: "subprocess.Popen[bytes]", sizes: Callable[[], Sequence[int]], size: int, progress: Progress
) -> None:
    before, moved = 0, time.monotonic()
    while loader.poll() is None:
        now = sizes()
        if sum(now) != before:
            before, moved = sum(now), time.monotonic()
        if time.monotonic() - moved > STALLED_SECONDS:
            raise OfflineError(_("nothing came for {number} seconds").format(number=STALLED_SECONDS))
        if progress.stopped():
            raise Stopped(_("The download was stopped. Nothing was saved."))
        here = max(now, default=0)
        progress.emit("progress", what="MB", done=megabytes(here), total=megabytes(max(size, here)))
        time.sleep(LOOK_SECONDS)


def megabytes(size: int) -> float:
    """Return bytes in MB (10⁶ bytes), to a tenth."""
    return round(size / MEGABYTE, 1)


def _sizes(folder: Path) -> list[int]:
    """Return the sizes of all files. Files may vanish while we look."""
    sizes = []
    for path in folder.rglob("*"):
        with contextlib.suppress(OSError):
            sizes.append(path.stat().st_size)
    return sizes


def _reported(log: str) -> Exception:
    """Return the error that a loader's last line reports."""
    last = (log.strip().splitlines() or [""])[-1]
    try:
        value = json.loads(last)
        return REPORTED[value["error"]](value["text"])
    except (ValueError, KeyError, TypeError):
        return RuntimeError(f"The loader ended without a report:\n{log}")


def report(load: Callable[[], object]) -> int:
    """Load, in the loader's process; print an error that a person can act on as a line of JSON. Return the exit code.

    Any other error is a bug and is raised.
    """
    language.speak(os.environ.get(_LANGUAGE, ""))
    try:
        load()
    except Exception as exc:
        error = as_error(exc)
        if error is None:
            raise
        print(json.dumps({"error": type(error).__name__, "text": str(error)}))
        return 2
    return 0


def as_error(problem: Exception) -> TLError | None:
    """Return what went wrong in a download as an error for a person; None if it is something else."""
    if isinstance(problem, TLError):
        return problem
    if isinstance(problem, OSError) and problem.errno in (errno.ENOSPC, errno.EDQUOT):
        return StorageError(_("The disk is full. Free some space and try again."))
    # Keras wraps what urllib raises into an Exception of this text; tensorflow-datasets asks by requests.
    by_network = isinstance(problem, TimeoutError | ConnectionError | urllib.error.URLError)
    if (
        by_network
        or "URL fetch failure" in str(problem)
        or type(problem).__module__.startswith(("requests", "urllib3"))
    ):
        return OfflineError(str(problem)[:300])
    return None


def main(arguments: Sequence[str]) -> int:
    """Let Keras download and unpack an archive: ``ADDRESS FOLDER``."""
    from keras.utils import get_file

    url, folder = arguments
    return report(lambda: get_file(origin=url, cache_dir=folder, extract=True))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
