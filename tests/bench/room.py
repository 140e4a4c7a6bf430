"""Twenty people in one room who look at pages while a training runs: how long a page takes, from asking to its end.

    .venv/bin/python -m tests.bench.room [PEOPLE] [SECONDS]

Each person has a websocket of their own, as a browser has, and asks for the next page after a pause of two seconds. One
of them trains again and again, in a process of its own. Prints how many pages came, median and 95th percentile of their
seconds, and the load of the machine.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection, connect

from tests.conftest import write_pictures
from tests.e2e.conftest import Server, serving
from tl_core import jobs, mode, runs
from tl_core.dataset import manifest
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.recipe import Recipe
from tl_core.spaces import gifts
from tl_core.spaces import room as rooms
from tl_core.workspace import Project, Workspace

PAGES = ("", "images", "model", "train", "runs")
PAUSE = 2.0
#: Of seconds to a page, at the 95th percentile.
TARGET = 0.5


def main(people: int = 20, seconds: float = 60.0) -> None:
    folder = Path(tempfile.mkdtemp())
    root = Workspace.open(folder / "workspace").root
    code = rooms.begin(root).code
    project = Workspace.open(folder / "teacher").create_project("Fruit")
    importer.import_source(project, Source("folder", str(write_pictures(folder / "in", {"apple": 60, "plum": 60}))))
    joined = [rooms.join(root, code, f"Person {number}") for number in range(people)]
    for space, _token in joined:
        space.workspace.prefer(ahead=False)
        gifts.give(project, space.workspace)
    with serving(root, folder / "server.log", **{mode.VARIABLE: "classroom"}) as server:
        trained, end, took = joined[0][0].workspace.projects()[0], time.monotonic() + seconds, []
        trains = threading.Thread(target=train, args=(trained, end))
        clicks = [threading.Thread(target=click, args=(server, token, end, took)) for _space, token in joined]
        for each in (trains, *clicks):
            each.start()
        for each in (trains, *clicks):
            each.join()
    within = statistics.quantiles(took, n=20)[18]
    print(
        json.dumps(
            {
                "benchmark": "room",
                "people": people,
                "pages": len(took),
                "median_s": round(statistics.median(took), 3),
                "p95_s": round(within, 3),
                "load": os.getloadavg()[0],
                "target": TARGET,
                "met": within <= TARGET,
            }
        )
    )


def train(project: Project, end: float) -> None:
    """Train again and again, in a process of its own, as a worker does."""
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
        jobs.set_status(run.folder, state="interrupted")
        command = [sys.executable, "-m", "tl_core", "resume", run.reference, "--workspace", str(project.workspace.root)]
        subprocess.run(command, check=True, capture_output=True)


def click(server: Server, token: str, end: float, took: list[float]) -> None:
    with opened(server, token) as socket:
        ask(socket, "")
        number = 0
        while time.monotonic() < end:
            time.sleep(PAUSE)
            number += 1
            began = time.perf_counter()
            ask(socket, PAGES[number % len(PAGES)])
            took.append(time.perf_counter() - began)


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
