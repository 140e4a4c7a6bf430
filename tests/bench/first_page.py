"""The first page against that of ``streamlit hello``: fresh server, fresh browser, taken in turns.

    python -m tests.bench.first_page [--rounds 5]

Target: the page takes at most 1.3 times as long, and the server never loads TensorFlow.
"""

import argparse
import json
import statistics
import time
from typing import Any

from tests.bench.memory import loads_tensorflow, rss_mb
from tests.bench.servers import APP, HELLO, PORT, browsing, seconds_to_draw, serving

KINDS = {"hello": HELLO, "thaw": APP}
#: By then the workers, which start after the first page, have loaded TensorFlow; the server must not have.
WARM_SECONDS = 20.0


def measure(what: tuple[str, ...], port: int, settle: float) -> dict[str, Any]:
    """Return the times of one cold first page and what the server holds afterwards.

    Args:
        what: arguments of ``streamlit``.
        port: to listen on.
        settle: seconds between the answer of the server and the navigation.
    """
    with browsing() as page, serving(what, port) as server:
        time.sleep(settle)
        seconds = seconds_to_draw(page, server.url)
        return {
            "start": server.seconds,
            "page": seconds,
            "both": server.seconds + seconds,
            "rss_mb": rss_mb(server.process.pid),
            "tensorflow": loads_tensorflow(server.process.pid),
        }


def after_warming(port: int) -> dict[str, Any]:
    """Return what our server holds once its workers are warm."""
    with browsing() as page, serving(APP, port) as server:
        seconds_to_draw(page, server.url)
        time.sleep(WARM_SECONDS)
        return {"rss_mb": rss_mb(server.process.pid), "tensorflow": loads_tensorflow(server.process.pid)}


def main() -> None:
    """Measure in turns and print medians and ratios."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="of each kind (default: %(default)s)")
    parser.add_argument("--settle", type=float, default=0.0, help="seconds before navigating (default: %(default)s)")
    parser.add_argument("--port", type=int, default=PORT)
    options = parser.parse_args()
    figures: dict[str, list[dict[str, Any]]] = {kind: [] for kind in KINDS}
    for _ in range(options.rounds):
        for kind, what in KINDS.items():
            figures[kind].append(measure(what, options.port, options.settle))
    print(json.dumps({**summary(figures), "warm_server": after_warming(options.port)}))


def summary(figures: dict[str, list[dict[str, Any]]]) -> dict[str, Any]:
    """Return medians and ratios of all rounds, with the single times."""

    def median(kind: str, name: str) -> float:
        return round(statistics.median(row[name] for row in figures[kind]), 2)

    names = ("start", "page", "both", "rss_mb")
    return {
        "benchmark": "first_page",
        "rounds": len(figures["thaw"]),
        "median": {kind: {name: median(kind, name) for name in names} for kind in figures},
        "ratio": {name: round(median("thaw", name) / median("hello", name), 2) for name in names},
        "pages": {kind: [round(row["page"], 2) for row in rows] for kind, rows in figures.items()},
        "target": {"page_ratio": 1.3},
        "server_loads_tensorflow": any(row["tensorflow"] for row in figures["thaw"]),
    }


if __name__ == "__main__":
    main()
