"""An hour of a room in which people look at pages and train, one after the other: whether memory stays flat.

    .venv/bin/python -m tests.bench.hour [PEOPLE] [MINUTES]

Each person has a websocket of their own and asks for the next page every 15 seconds on average. Meanwhile the Train
button is pressed for one person after the other, as a browser presses it, so the server's own workers train: heads, and
every third time the blocks after ``block_14_add``, too. Every minute the resident memory of the server and of each of
its processes is written down, and the load of the machine. Prints the medians of the first and of the last quarter.
"""

import itertools
import json
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
from websockets.sync.client import ClientConnection

from tests.bench import room
from tests.conftest import share_weights
from tests.e2e.conftest import Server, serving
from tl_core import mode, runs
from tl_core.draft import Draft
from tl_core.files import to_json, write_json
from tl_core.spaces.spaces import Space
from tl_core.workspace import Workspace

PAUSE, EVERY = 15.0, 60.0
#: So long a run is waited for, in seconds, and so long after it, until the next one is pressed for.
MOST, AFTER = 300.0, 5.0
DRAFTS = (
    Draft(image_size=128),
    Draft(image_size=128, l2=10.0),
    Draft(image_size=128).changed(freeze="block_14_add", fine_tune_epochs=3),
)


def main(people: int = 20, minutes: int = 60) -> None:
    folder = Path(tempfile.mkdtemp())
    root = share_weights(Workspace.open(folder / "workspace")).root
    joined = room.joined_room(root, folder, people)
    room.PAUSE = PAUSE
    with serving(root, folder / "server.log", **{mode.VARIABLE: "classroom"}) as server:
        end, took, trained = time.monotonic() + 60 * minutes, list[tuple[bool, float]](), list[str]()
        threads = [threading.Thread(target=train, args=(server, joined, end, trained))]
        threads += [
            threading.Thread(target=room.click, args=(server, token, end, took, random.Random(seed)))
            for seed, (_space, token) in enumerate(joined)
        ]
        for each in threads:
            each.start()
        weighed = []
        while time.monotonic() < end:
            time.sleep(EVERY)
            weighed.append(weigh(server))
            print(json.dumps({**weighed[-1], "pages": len(took), "runs": len(trained)}), file=sys.stderr, flush=True)
        for each in threads:
            each.join()
        problems = server.log.read_text().count("Traceback")
    every = [seconds for _again, seconds in took]
    print(
        json.dumps(
            {
                "benchmark": "hour",
                "people": people,
                "minutes": minutes,
                "pages": len(took),
                "p95_s": round(room.percentile95(every), 3),
                "runs": {state: trained.count(state) for state in sorted(set(trained))},
                "first_quarter_mb": quarter(weighed[: max(1, len(weighed) // 4)]),
                "last_quarter_mb": quarter(weighed[-max(1, len(weighed) // 4) :]),
                "load": quarter([{"load": each["load"]} for each in weighed]),
                "tracebacks": problems,
            }
        )
    )


def weigh(server: Server) -> dict[str, float]:
    """Return the MB of the server and of its processes, each by its number, and the load."""
    process = psutil.Process(server.process.pid)
    held = {"server": process.memory_info().rss / 2**20}
    for each in process.children(recursive=True):
        try:
            held[f"process {each.pid}"] = each.memory_info().rss / 2**20
        except psutil.NoSuchProcess:
            continue
    return {name: round(mb) for name, mb in held.items()} | {"load": round(os.getloadavg()[0], 2)}


def quarter(weighed: list[dict[str, float]]) -> dict[str, float]:
    """Return the median of each, of those that were there all the time."""
    always = set.intersection(*map(set, weighed)) - ({"load"} if len(weighed[0]) > 1 else set())
    return {name: statistics.median(each[name] for each in weighed) for name in weighed[0] if name in always}


def train(server: Server, joined: list[tuple[Space, str]], end: float, trained: list[str]) -> None:
    """Press Train for one person after the other; add how each run ended."""
    for (space, token), draft in zip(itertools.cycle(joined), itertools.cycle(DRAFTS), strict=False):
        if time.monotonic() > end:
            return
        project = space.workspace.projects()[0]
        write_json(project.folder / "draft.json", to_json(draft))
        before = len(runs.of_project(project))
        with room.opened(server, token) as socket:
            button = next(id_ for id_ in buttons(socket) if id_.endswith("-train"))
            buttons(socket, button)
        began = time.monotonic()
        while time.monotonic() - began < MOST:
            time.sleep(0.5)
            every = runs.of_project(project)
            if len(every) > before and not every[0].job.active:
                break
        trained.append(every[0].job.state if len(every) > before else "not begun")
        time.sleep(AFTER)


def buttons(socket: ClientConnection, pressed: str | None = None) -> list[str]:
    """Ask for the page Train, with a button of it pressed; return the ids of its buttons."""
    asked, found = BackMsg(), list[str]()
    asked.rerun_script.page_name = "train"
    if pressed:
        asked.rerun_script.widget_states.widgets.add(id=pressed, trigger_value=True)
    socket.send(asked.SerializeToString())
    while True:
        message = ForwardMsg()
        message.ParseFromString(socket.recv(timeout=120))
        if message.delta.new_element.HasField("button"):
            found.append(message.delta.new_element.button.id)
        if message.WhichOneof("type") == "script_finished":
            return found


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:]))
