"""The route of downloads: files that a job made, and no others."""

import threading
import time
from collections.abc import Iterator

import pytest
import requests
import uvicorn
from starlette.applications import Starlette

from pages._ui.shell import download_route
from tests.e2e.conftest import free_port
from tl_core import jobs
from tl_core.files import to_json
from tl_core.travel.made import Made
from tl_core.workspace import Workspace


@pytest.fixture(scope="module")
def home() -> Iterator[str]:
    """The route on a real HTTP server."""
    port = free_port()
    app = Starlette(routes=download_route.routes())
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


def get(address: str) -> requests.Response:
    return requests.get(address, timeout=20)


def job_with(workspace: Workspace, kind: str, name: str) -> jobs.Job:
    job = jobs.create_in(workspace, kind)
    jobs.set_status(job.folder, state="done", result=to_json(Made(file=name, bytes=3, sentence="")))
    return job


def test_a_file_is_given_by_its_job(home: str, workspace: Workspace):
    job = job_with(workspace, "pack", "tiere-猫.zip")
    (job.folder / "tiere-猫.zip").write_bytes(b"zip")
    given = get(home + download_route.link(job))
    assert (given.status_code, given.content) == (200, b"zip")
    assert given.headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize("name", ["../../secret.json", "/etc/passwd", "job.json/..", "gone.zip", ""])
def test_no_other_file_is_given(home: str, workspace: Workspace, name: str):
    (workspace.root / "secret.json").write_text("{}")
    assert get(home + download_route.link(job_with(workspace, "pack", name))).status_code == 404


def test_jobs_that_make_no_download_give_nothing(home: str, workspace: Workspace):
    assert get(home + download_route.link(job_with(workspace, "import", "job.json"))).status_code == 404
    assert get(f"{home}{download_route.URL}/no-such-job").status_code == 404
    assert get(f"{home}{download_route.URL}/..%2F..%2Fsecret.json").status_code == 404
