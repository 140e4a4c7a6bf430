"""What ten million pictures do to the list of pictures, a store, its chunks and the scheduler, without the pictures.

    python -m tests.bench.ten_million [PART …] [--rows 10000000] [--scratch DIR]

Each part runs in a process of its own, with made-up pictures of which only names exist: ``manifest`` loads a list,
``index`` opens a store (its values are a hole in a file), ``chunks`` deals a pass, which several processes then claim,
``writers`` lets several processes add rows to one store, ``workers`` connects 50 workers to a scheduler, ``queue``
queues 1,000 jobs. Prints one JSON object, in bytes and seconds: those of a processor for what one process does.
"""

import argparse
import contextlib
import json
import multiprocessing
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import psutil
import pyarrow as pa
import pyarrow.parquet as pq
from distributed import Client, Scheduler, SpecCluster, Worker
from PIL import Image

from tl_core import crew, jobs
from tl_core.dataset import manifest
from tl_core.engine import Engine
from tl_core.errors import Stopped
from tl_core.features import shares, store
from tl_core.features.shares import Chunk, Claims, Part, Pass, Work
from tl_core.features.sources import Pictures
from tl_core.features.store import Key
from tl_core.progress import Progress
from tl_core.recipe import Recipe
from tl_core.workspace import Workspace

ROOT = Path(__file__).parents[2]
STEP = 500_000
BATCH, SHAPE = 32, (1280,)
PROCESSES = (1, 2, 4, 8)
SECONDS = 8.0
WORKERS, JOBS = 50, 1000


def timed(work: Callable[[], Any]) -> tuple[Any, float]:
    """Return what a function returns, and the seconds that it took."""
    began = time.perf_counter()
    return work(), time.perf_counter() - began


def worked(work: Callable[[], Any]) -> tuple[Any, float]:
    """Return what a function returns, and the seconds of a processor that this process has spent on it."""
    began = time.process_time()
    return work(), time.process_time() - began


def resident() -> int:
    """Return the bytes of memory that this process has now."""
    return int(psutil.Process().memory_info().rss)


def digits(count: int, length: int, seed: int) -> list[str]:
    """Return made-up words of hex digits."""
    text = np.random.default_rng(seed).bytes(length // 2 * count).hex()
    return [text[at : at + length] for at in range(0, len(text), length)]


def table(count: int, seed: int) -> pa.Table:
    """Return rows of a list of pictures."""
    numbers = np.arange(count)
    rows = {name: [""] * count for name in manifest.COLUMNS}
    rows |= {"id": digits(count, 64, seed), "look": digits(count, 160, seed + 1)}
    rows |= {"label": [f"class {number % 100}" for number in numbers]}
    rows |= {"split": np.where(numbers % 10 < 7, "train", np.where(numbers % 10 < 9, "validation", "test")).tolist()}
    rows |= {"source": [f"folder/{seed}/{number:08d}.jpg" for number in numbers]}
    rows |= {"width": [1024] * count, "height": [768] * count}
    return pa.Table.from_pandas(pd.DataFrame(rows).astype(manifest.COLUMNS), preserve_index=False)


def of_manifest(rows: int, scratch: Path) -> dict[str, Any]:
    """Write a list, load it, and take from it what a run needs."""
    project = Workspace.open(scratch).create_project("Many")
    project.manifests.mkdir(exist_ok=True)
    path = project.manifests / "0001.parquet"
    writer = None
    for at in range(0, rows, STEP):
        part = table(min(STEP, rows - at), at)
        writer = writer or pq.ParquetWriter(path, part.schema, compression="zstd")
        writer.write_table(part)
    writer.close()
    project.update(manifest=1, redo=())
    before = resident()
    data, load = worked(lambda: manifest.load(project))
    loaded = resident() - before
    names, split = worked(lambda: list(data.split("train")["id"]))
    return {
        "file": path.stat().st_size,
        "load_seconds": load,
        "memory": loaded,
        "classes_seconds": worked(lambda: data.classes)[1],
        "ids_of_train_seconds": split,
        "ids_of_train_memory": resident() - before - loaded,
        "train": len(names),
        "peak": peak(),
    }


def peak() -> int:
    """Return the most bytes of memory that this process has had; Linux counts in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def key() -> Key:
    """Return what identifies a made-up store."""
    return Key(backbone="a", weights="b", line="all", pooling="average", size=224, precision="float32", variant=None)


def of_index(rows: int, scratch: Path) -> dict[str, Any]:
    """Open a store with that many rows, and look for a batch."""
    folder = store.find_or_create(scratch, key(), SHAPE).folder
    with (folder / store.IDS).open("w") as file:
        for at in range(0, rows, STEP):
            count = min(STEP, rows - at)
            names, checks = digits(count, 64, at), digits(count, 8, at + 1)
            file.write("".join(f"{name}{check}" for name, check in zip(names, checks, strict=True)))
    row = store.row_bytes(SHAPE, "float32")
    with (folder / store.VALUES).open("r+b") as file:
        file.truncate(rows * row)
    before = resident()
    opened, seconds = worked(lambda: store.find(scratch, key()))
    return {
        "ids": (folder / store.IDS).stat().st_size,
        "values": rows * row,
        "open_seconds": seconds,
        "memory": resident() - before,
        "batch_seconds": worked(lambda: opened.missing(digits(BATCH, 64, 999)))[1],
    }


class Aborted(Progress):
    """Lets processes claim all chunks once there is an offer, and ends the pass."""

    def __init__(self) -> None:
        self.began, self.over, self.found = time.process_time(), False, {}

    def emit(self, event: str, **fields: Any) -> None:
        if event != "offer":
            return
        folder = Path(fields["folder"])
        chunks = list(folder.glob("*.chunk"))
        self.found = {"deal_seconds": time.process_time() - self.began, "chunks": len(chunks)}
        self.found["bytes"] = sum(path.stat().st_size for path in chunks)
        with multiprocessing.get_context("spawn").Pool(PROCESSES[-1]) as pool:
            claimed, seconds = timed(lambda: pool.map(claim_all, [folder] * PROCESSES[-1]))
        self.found |= {"claimed": claimed, "claim_seconds": seconds}
        self.over = True

    def stopped(self) -> bool:
        return self.over


def claim_all(folder: Path) -> int:
    """Take one chunk after the other, without computing anything, and return how many."""
    with Claims(folder) as claims:
        taken = 0
        for path, _ in claims:
            claims.finish(path)
            taken += 1
    return taken


def of_chunks(rows: int, scratch: Path) -> dict[str, Any]:
    """Deal a pass, and let processes claim it."""
    picture = scratch / "picture.png"
    Image.new("RGB", (8, 8)).save(picture)
    names = [name for at in range(0, rows, STEP) for name in digits(min(STEP, rows - at), 64, at)]
    opened = store.find_or_create(scratch, key(), SHAPE)
    recipe = Recipe(manifest=1, backbone="efficientnet-lite0", image_size=224, seed=0)
    work = Work(
        lambda variant: opened,
        lambda chunk: Pictures([picture] * len(chunk.ids), 224),
        features,
        Pictures([], 224).at_a_time,
    )
    opened.reserve = lambda rows: None  # type: ignore[method-assign]  # 51 GB that are not needed

    def about(first: Chunk) -> Pass:
        return Pass(recipe=recipe, weights="b", line="all", folder="", converted="", sample=first)

    heard = Aborted()
    with contextlib.suppress(Stopped):
        shares.compute(scratch, [Part(None, names, [str(picture)] * rows)], work, about, heard)
    return {**heard.found, "peak": peak()}


def features(pictures: Any) -> Any:
    """Return made-up features."""
    return np.zeros((len(pictures), *SHAPE), np.float32)


def write_rows(folder: Path, seed: int) -> int:
    """Add batches of rows to a store for some seconds, and return how many rows."""
    opened, rows, end = store.opened(folder), np.ones((BATCH, *SHAPE), np.float32), time.monotonic() + SECONDS
    added = 0
    while time.monotonic() < end:
        opened.add(digits(BATCH, 64, seed * 1_000_000 + added), rows)
        added += BATCH
    return added


def of_writers(rows: int, scratch: Path) -> dict[str, Any]:
    """Let several processes write to one store, as fast as they can."""
    found = {}
    for count in PROCESSES:
        folder = store.find_or_create(scratch / str(count), key(), SHAPE).folder
        with multiprocessing.get_context("spawn").Pool(count) as pool:
            pool.map(abs, range(count))
            added = pool.starmap(write_rows, [(folder, number) for number in range(count)])
        found[f"{count}_rows_a_second"] = sum(added) / SECONDS
        found[f"{count}_least_and_most"] = [min(added), max(added)]
    return found


def of_workers(rows: int, scratch: Path) -> dict[str, Any]:
    """Connect many workers, and ask what a job that wants help asks."""
    options = {"host": "127.0.0.1", "dashboard": False}
    own = {"nthreads": 1, "resources": {crew.TRAIN: 1}, **options}
    workers = {number: {"cls": Worker, "options": own} for number in range(WORKERS)}
    cluster, start = timed(lambda: SpecCluster(workers=workers, scheduler={"cls": Scheduler, "options": options}))
    with cluster, Client(cluster) as client:
        others, listed = timed(lambda: crew.train_workers(client.scheduler_info(n_workers=-1)))
        asked, ask = timed(
            lambda: [client.submit(os.getpid, workers=[each], pure=False, priority=crew.PRIORITY) for each in others]
        )
        answered = timed(lambda: client.gather(asked))[1]
    return {
        "workers": len(others),
        "start_seconds": start,
        "list_seconds": listed,
        "ask_seconds": ask,
        "answer_seconds": answered,
    }


def of_queue(rows: int, scratch: Path) -> dict[str, Any]:
    """Queue many jobs, each of which ends at once: its folder of pictures is not there."""
    workspace, engine = Workspace.open(scratch), Engine()
    engine.client()
    project, source = workspace.create_project("Many"), {"kind": "folder", "path": str(scratch / "nowhere")}
    made = [
        jobs.create(folder, "import", project=str(project.folder), source=source)
        for folder in (scratch / "waiting" / str(number) for number in range(JOBS))
    ]
    ended, submit = timed(lambda: [engine.submit(job) for job in made])
    began = time.perf_counter()
    while any(job.active for job in made):
        time.sleep(0.5)
    worked = time.perf_counter() - began
    engine.close()
    return {"jobs": len(ended), "submit_seconds": submit, "work_seconds": worked, "memory": resident()}


PARTS = {
    "manifest": of_manifest,
    "index": of_index,
    "chunks": of_chunks,
    "writers": of_writers,
    "workers": of_workers,
    "queue": of_queue,
}


def apart(part: str, rows: int, scratch: Path | None) -> dict[str, Any]:
    """Run a part in a process of its own and return what it found."""
    command = [sys.executable, "-m", "tests.bench.ten_million", part, "--rows", str(rows), "--here"]
    with tempfile.TemporaryDirectory(dir=scratch) as folder:
        done = subprocess.run([*command, "--scratch", folder], cwd=ROOT, stdout=subprocess.PIPE, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def main() -> None:
    """Run the parts, and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=[])
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--scratch", type=Path, help="folder for what is made up (default: the system's)")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        print(json.dumps(PARTS[options.parts[0]](options.rows, options.scratch)))
        return
    found = {part: apart(part, options.rows, options.scratch) for part in options.parts or PARTS}
    print(json.dumps({"benchmark": "ten_million", "rows": options.rows, **found}))


if __name__ == "__main__":
    main()
