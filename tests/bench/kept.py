"""What a process that trains keeps of each run: runs that fine-tune, one after the other, and its memory after each.

    .venv/bin/python -m tests.bench.kept [RUNS]

Each run has 24 small pictures, two epochs of Adam for the head and two of the blocks after ``block_14_add``. After each
the collector has run, and the system has got back what is free (``malloc_trim``). The first runs load what all later
ones use, so what a run leaves is counted from the fourth on: megabytes, objects of Python, graphs of TensorFlow.
"""

import ctypes
import gc
import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

import psutil

from tests.core.hues import KINDS, new_run, project_of_hues
from tl_core import jobs
from tl_core.workspace import Workspace

FIRST = 3


def main(runs: int = 12) -> None:
    folder = Path(tempfile.mkdtemp())
    project, held = project_of_hues(Workspace.open(folder / "workspace"), folder / "hues"), []
    for seed in range(max(runs, FIRST + 2)):
        jobs.execute(new_run(project, **{**KINDS["tail"], "image_size": 96, "seed": seed}).folder)
        held.append(weigh())
        print(json.dumps(held[-1]), file=sys.stderr, flush=True)
    start, end, counted = held[FIRST], held[-1], len(held) - 1 - FIRST
    each = {name: round((end[name] - start[name]) / counted, 2) for name in start}
    print(json.dumps({"benchmark": "kept", "runs": len(held), "each": each, "load": os.getloadavg()[0]}))


def weigh() -> dict[str, Any]:
    """Return the resident megabytes, the objects of Python and the graphs of TensorFlow of this process."""
    import tensorflow as tf

    gc.collect()
    if sys.platform == "linux":
        ctypes.CDLL("libc.so.6").malloc_trim(0)
    objects = gc.get_objects()
    graphs = sum(isinstance(each, tf.Graph) for each in objects)
    return {"mb": psutil.Process().memory_info().rss / 2**20, "objects": len(objects), "graphs": graphs}


if __name__ == "__main__":
    main(*(int(each) for each in sys.argv[1:]))
