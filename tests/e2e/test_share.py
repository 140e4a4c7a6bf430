"""The page of a model, given by the server of the app: it is given nothing of the app, whatever is in it."""

import shutil
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest
import requests
from playwright.sync_api import Page, expect

from tests.e2e.conftest import Server
from tl_core import arrays
from tl_core.export import stored
from tl_core.export.stored import Export
from tl_core.runs import RunFolder

#: Tries whatever a page could do to the app that gave it, and lists what has worked.
HOSTILE = """<!doctype html><title>Hostile</title><meta charset="utf-8"><p id="done">trying</p><p id="worked"></p>
<script>
const app = "{app}", host = new URL(app).host, worked = [];
const attempt = async (name, act) => {{ try {{ if (await act()) worked.push(name); }} catch {{}} }};
const loads = (name, attribute, address) => new Promise((done, failed) => {{
  const element = document.createElement(name);
  element.onload = () => done(true);
  element.onerror = failed;
  element[attribute] = address;
  document.body.append(element);
  setTimeout(failed, 1500);
}});
const opens = (address) => new Promise((done, failed) => {{
  const socket = new WebSocket(address);
  socket.onopen = () => done(true);
  socket.onerror = failed;
}});
const answers = (worker) => new Promise((done, failed) => {{
  worker.onmessage = () => done(true);
  worker.onerror = failed;
}});
(async () => {{
  await attempt("cookie", () => (document.cookie = "a=1", document.cookie.includes("_streamlit")));
  await attempt("fetch", () => fetch(`${{app}}/_stcore/health`, {{ mode: "no-cors" }}));
  await attempt("socket", () => opens(`ws://${{host}}/_stcore/stream`));
  await attempt("own socket", () => opens(`ws://${{location.host}}/_stcore/stream`));
  await attempt("image", () => loads("img", "src", `${{app}}/favicon.png`));
  await attempt("script", () => loads("script", "src", `${{app}}/static/index.js`));
  await attempt("window", () => window.open(app));
  await attempt("worker", () => answers(new Worker(URL.createObjectURL(new Blob(["postMessage(1)"])))));
  await attempt("opener", () => window.opener);
  await attempt("camera", async () => (await navigator.mediaDevices.getUserMedia({{ video: true }})).active);
  document.getElementById("worked").textContent = worked.join(" ");
  document.getElementById("done").textContent = "done";
}})();
</script>"""


@pytest.fixture
def shared(server: Server, run: RunFolder) -> Iterator[RunFolder]:
    """A run whose page is hostile: it came from somebody else."""
    content = HOSTILE.format(app=server.url).encode()
    filled = server.workspace / "filled"
    filled.mkdir()
    (filled / "page.html").write_bytes(content)
    about = Export(format="web", file="page.html", bytes=len(content), made=1.0, model=arrays.model_of(run))
    stored.put(run, about, filled)
    yield run
    shutil.rmtree(run.exports)


def worked(page: Page, address: str) -> str:
    """Return what a hostile page could do."""
    page.goto(address)
    expect(page.locator("#done")).to_have_text("done")
    return page.locator("#worked").inner_text()


def test_a_page_cannot_act_on_the_app(page: Page, server: Server, shared: RunFolder):
    page.goto(f"{server.url}/take_away?project={shared.project.slug}&run={shared.id}")
    with page.expect_popup() as opened:
        page.get_by_role("link", name="Open the page").click()
    tab, port = opened.value, urlsplit(server.url).port

    expect(tab.locator("#done")).to_have_text("done")
    assert tab.url == f"http://page.localhost:{port}/{shared.project.slug}/{shared.id}"
    assert tab.locator("#worked").inner_text() == "camera"
    assert page.url.startswith(server.url)
    assert not worked(page, f"{server.url}/api/page/{shared.project.slug}/{shared.id}")
    assert page.evaluate("origin") == "null"


def test_where_the_page_is_there_is_no_app(server: Server, shared: RunFolder):
    alone = {"host": f"page.localhost:{urlsplit(server.url).port}"}
    for path in (
        "/",
        "/take_away",
        "/_stcore/health",
        "/api/upload/x/begin",
        "/static/x.js",
        "/fruit/../",
        "/fruit/none",
    ):
        assert requests.get(f"{server.url}{path}", headers=alone, timeout=30).status_code == 404, path
    page = f"/{shared.project.slug}/{shared.id}"
    assert requests.get(f"{server.url}{page}", headers=alone, timeout=30).status_code == 200
    assert requests.post(f"{server.url}{page}", headers=alone, timeout=30).status_code == 405
    for path in (f"/api/page{page}x", "/api/page/..%2f/x", "/api/page/fruit/%00", f"/api/page/{'x' * 3000}/x"):
        assert requests.get(f"{server.url}{path}", timeout=30).status_code in (400, 404), path


@pytest.mark.parametrize(
    "origin", ["http://page.localhost:{port}", "http://127.0.0.1:1", "http://localhost:{port}", "null"]
)
def test_a_page_of_another_origin_cannot_speak_to_the_app(server: Server, origin: str):
    origin = origin.format(port=urlsplit(server.url).port)
    handshake = {"connection": "Upgrade", "upgrade": "websocket", "sec-websocket-version": "13"}
    handshake["sec-websocket-key"] = "dGhlIHNhbXBsZSBub25jZQ=="
    stream = f"{server.url}/_stcore/stream"

    assert requests.get(stream, headers={**handshake, "origin": origin}, timeout=30).status_code == 403
    assert requests.get(f"{server.url}/_stcore/health", headers={"origin": origin}, timeout=30).status_code == 403
    with requests.get(stream, headers={**handshake, "origin": server.url}, timeout=30, stream=True) as own:
        assert own.status_code == 101
