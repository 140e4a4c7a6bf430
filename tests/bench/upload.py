"""Many small pictures through the browser: seconds to upload, seconds to the report, memory of the server.

    python -m tests.bench.upload [--pictures 3000]

Target: 3,000 pictures are uploaded in well under 15 s, and the server's memory stays flat.
"""

import argparse
import json
import tempfile
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from tests.bench import pictures
from tests.bench.memory import Watch, rss_mb
from tests.bench.servers import PORT, Server, browsing, serving

LONGEST = 600_000
TARGET_SECONDS = 15
#: Time for the workers to start after the first page, in seconds: a person needs longer to choose a folder.
WARM_SECONDS = 20.0
#: Time for the rest of the page, whose chart and thumbnails load pandas and Plotly, in seconds.
SETTLE_SECONDS = 8.0


def import_pictures(page: Page, folder: Path, count: int) -> dict[str, float]:
    """Choose the folder on the Pictures page and return the seconds of each stage.

    ``chosen``: the browser has listed the files and hands them to the page (a person waits for the file dialog here);
    ``upload``: from then until all files lie on the server's disk; ``import``: from then until the report is drawn. In
    between the page shows how the folder is read, and Import is pressed at once.
    """
    times = {"began": time.perf_counter()}
    page.on("request", lambda request: _note(times, "chosen", request.url, "/begin"))
    page.on("requestfinished", lambda request: _note(times, "uploaded", request.url, "/end"))
    page.locator("input.folder").set_input_files(folder)
    page.get_by_role("button", name="Import", exact=True).click(timeout=LONGEST)
    expect(page.get_by_text("Import report")).to_be_visible(timeout=LONGEST)
    times["report"] = time.perf_counter()
    box = page.locator(".st-key-import-report").get_by_test_id("stMetric").filter(has_text="Added")
    expect(box.get_by_test_id("stMetricValue")).to_have_text(f"{count:,}")
    stages = (("choose", "began", "chosen"), ("upload", "chosen", "uploaded"), ("import", "uploaded", "report"))
    return {name: times[end] - times[start] for name, start, end in stages}


def _note(times: dict[str, float], name: str, url: str, ending: str) -> None:
    if "/api/upload/" in url and url.endswith(ending):
        times.setdefault(name, time.perf_counter())


def measure(server: Server, folder: Path, count: int) -> dict[str, Any]:
    """Upload the folder to a warm server and return times and memory."""
    with browsing() as page:
        page.goto(f"{server.url}/images")
        expect(page.get_by_role("button", name="Choose a folder")).to_be_visible()
        time.sleep(WARM_SECONDS)
        pid = server.process.pid
        before = rss_mb(pid)
        with Watch(pid) as watch:
            seconds = import_pictures(page, folder, count)
            time.sleep(SETTLE_SECONDS)
        sent = seconds["choose"] + seconds["upload"]
        memory = {
            "before": before,
            "peak_until_uploaded": watch.peak_mb(pid, sent),
            "peak": watch.peak_mb(pid),
            "after": rss_mb(pid),
        }
        rounded = {name: round(value, 2) for name, value in seconds.items()}
        return {"seconds": rounded, "server_rss_mb": memory, "peaks": watch.peaks()}


def main() -> None:
    """Make the pictures, upload them, and print times and memory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pictures", type=int, default=3000)
    parser.add_argument("--port", type=int, default=PORT)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch, serving(("run", "app.py"), options.port) as server:
        folder = pictures.write(Path(scratch, "pictures"), options.pictures)
        measured = measure(server, folder, options.pictures)
    target = {"upload_seconds": TARGET_SECONDS, "met": measured["seconds"]["upload"] < TARGET_SECONDS}
    print(json.dumps({"benchmark": "upload", "pictures": options.pictures, **measured, "target": target}))


if __name__ == "__main__":
    main()
