"""The route of downloads: files that a job made, and no others."""

import pytest

from pages._ui.shell import download_route
from tests.pages.conftest import Client
from tl_core import jobs
from tl_core.files import to_json
from tl_core.travel.made import Made
from tl_core.workspace import Workspace


def job_with(workspace: Workspace, kind: str, name: str) -> jobs.Job:
    job = jobs.create_in(workspace, kind)
    jobs.set_status(job.folder, state="done", result=to_json(Made(file=name, bytes=3, sentence="")))
    return job


def test_a_file_is_given_by_its_job(client: Client, workspace: Workspace):
    job = job_with(workspace, "pack", "tiere-猫.zip")
    (job.folder / "tiere-猫.zip").write_bytes(b"zip")
    given = client.get(download_route.link(job))
    assert (given.status_code, given.content) == (200, b"zip")
    assert given.headers["content-disposition"].startswith("attachment")


@pytest.mark.parametrize("name", ["../../secret.json", "/etc/passwd", "job.json/..", "gone.zip", ""])
def test_no_other_file_is_given(client: Client, workspace: Workspace, name: str):
    (workspace.root / "secret.json").write_text("{}")
    assert client.get(download_route.link(job_with(workspace, "pack", name))).status_code == 404


def test_jobs_that_make_no_download_give_nothing(client: Client, workspace: Workspace):
    assert client.get(download_route.link(job_with(workspace, "import", "job.json"))).status_code == 404
    assert client.get(f"{download_route.URL}/no-such-job").status_code == 404
    assert client.get(f"{download_route.URL}/..%2F..%2Fsecret.json").status_code == 404
