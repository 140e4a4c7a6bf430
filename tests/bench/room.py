"""Twenty people in one room who look at pages while a training runs: how long a page takes, from asking to its end.

    .venv/bin/python -m tests.bench.room [PEOPLE] [SECONDS]

Each person has a websocket of their own, as a browser has, and asks for the next page after a pause of two seconds on
average, each at times of their own (exponentially distributed: nobody waits for the others). One of them trains again
and again, with a worker as the app has it. Everybody reloads the app after every 25 pages. Prints how many pages came,
median and 95th percentile of their seconds, of all and of those that a person sees again, the server's resident memory
in ten moments at even distances, and the load of the machine.
"""

import json
import math
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

import psutil
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from tests.conftest import write_pictures
from tests.e2e.conftest import Server, serving
from tl_core import mode, runs
from tl_core.dataset import manifest
from tl_core.engine import Engine
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.recipe import Recipe
from tl_core.spaces import gifts
from tl_core.spaces import room as rooms
from tl_core.spaces.spaces import Space
from tl_core.workspace import Project, Workspace

PAGES = ("", "images", "model", "train", "runs")
PAUSE = 2.0
RELOAD, WEIGHED = 25, 10
#: Of seconds to a page, at the 95th percentile.
TARGET = 0.5


def joined_room(root: Path, folder: Path, people: int) -> list[tuple[Space, str]]:
    """Begin a room whose people each have a project of 120 pictures of their own; return spaces with their tokens."""
    code = rooms.begin(root).code
    project = Workspace.open(folder / "teacher").create_project("Fruit")
    importer.import_source(project, Source("folder", str(write_pictures(folder / "in", {"apple": 60, "plum": 60}))))
    joined = [rooms.join(root, code, f"Person {number}") for number in range(people)]
    for space, _token in joined:
        space.workspace.prefer(ahead=False)
        gifts.give(project, space.workspace)
    return joined


def main(people: int = 20, seconds: float = 60.0) -> None:
    folder = Path(tempfile.mkdtemp())
    root = Workspace.open(folder / "workspace").root
    joined = joined_room(root, folder, people)
    with serving(root, folder / "server.log", **{mode.VARIABLE: "classroom"}) as server:
        trained, end = joined[0][0].workspace.projects()[0], time.monotonic() + seconds
        took: list[tuple[bool, float]] = []
        trains = threading.Thread(target=train, args=(trained, end))
        clicks = [
            threading.Thread(target=click, args=(server, token, end, took, random.Random(seed)))
            for seed, (_space, token) in enumerate(joined)
        ]
        for each in (trains, *clicks):
            each.start()
        held = []
        for _ in range(WEIGHED):
            time.sleep(seconds / WEIGHED)
            held.append(psutil.Process(server.process.pid).memory_info().rss // 2**20)
        for each in (trains, *clicks):
            each.join()
    every = [seconds for _again, seconds in took]
    within = percentile95(every)
    print(
        json.dumps(
            {
                "benchmark": "room",
                "people": people,
                "pages": len(took),
                "median_s": round(statistics.median(every), 3),
                "p95_s": round(within, 3),
                "p95_again_s": round(percentile95([seconds for again, seconds in took if again]), 3),
                "memory_mb": held,
                "load": os.getloadavg()[0],
                "target": TARGET,
                "met": within <= TARGET,
            }
        )
    )


def percentile95(seconds: list[float]) -> float:
    return statistics.quantiles(seconds, n=20)[18] if len(seconds) > 1 else math.nan


def train(project: Project, end: float) -> None:
    """Train again and again, with a worker of the app's own kind."""
    engine = Engine()
    while time.monotonic() < end:
        recipe = Recipe(
            manifest=manifest.load(project).version,
            backbone="efficientnet-lite0",
            image_size=128,
            freeze="block_14_add",
            fine_tune_epochs=3,
            seed=time.time_ns() % 1000,
        )
        run = runs.create(project, recipe)
        engine.submit(run.job)
        while run.job.active and time.monotonic() < end:
            time.sleep(0.5)
    engine.close()


def click(server: Server, token: str, end: float, took: list[tuple[bool, float]], pauses: random.Random) -> None:
    """Look at one page after the other; add whether it is one that was seen before, and its seconds."""
    number = 0
    while time.monotonic() < end:
        with opened(server, token) as socket:
            ask(socket, "")
            for _ in range(RELOAD):
                time.sleep(pauses.expovariate(1 / PAUSE))
                number += 1
                began = time.perf_counter()
                ask(socket, PAGES[number % len(PAGES)])
                took.append((number > len(PAGES), time.perf_counter() - began))
                if time.monotonic() >= end:
                    break


def opened(server: Server, token: str) -> ClientConnection:
    url, headers = server.url.replace("http", "ws") + "/_stcore/stream", {"cookie": f"thaw-space={token}"}
    return connect(
        url, additional_headers=headers, origin=server.url, subprotocols=["streamlit", "xsrf"], max_size=None
    )


def ask(socket: ClientConnection, page: str) -> None:
    asked = BackMsg()
    asked.rerun_script.page_name = page
    socket.send(asked.SerializeToString())
    while True:
        message = ForwardMsg()
        message.ParseFromString(socket.recv(timeout=120))
        if message.WhichOneof("type") == "script_finished":
            return


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:]))
