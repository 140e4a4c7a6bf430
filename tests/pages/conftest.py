"""The app as a person meets it, without a browser.

As in a server, TensorFlow is only ever in the workers: where Keras is loaded, Streamlit empties its session after each
run of a script, which takes longer than the script.
"""

import contextlib
import shutil
import sys
import threading
import time
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest
import requests
import uvicorn
from filelock import FileLock
from starlette.applications import Starlette
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from pages._ui.pictures import box_route, upload_route
from pages._ui.shell import download_route, state
from pages._ui.shell import workers as server_workers
from pages._ui.try_it import live_route
from tests.conftest import share_weights, write_pictures
from tests.e2e.conftest import free_port
from tl_core import jobs, runs
from tl_core.about import SplitSettings
from tl_core.dataset import edits, manifest
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.jobs import Job
from tl_core.networks import catalogue
from tl_core.recipe import Recipe
from tl_core.workspace import Project, Workspace

NAVIGATION = Path(__file__).parents[2] / "pages" / "navigation.py"
Open = Callable[..., AppTest]
#: The name of a class, as nasty as a person can type it.
APPLE = "**apple** <b>"


@pytest.fixture(scope="package", autouse=True)
def workers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Workers for all tests, started by the first question or job; TensorFlow stays with them."""
    loaded_before = "tensorflow" in sys.modules
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TL_WORKSPACE", str(tmp_path_factory.mktemp("unused")))
        yield
    server_workers.close()
    assert loaded_before or "tensorflow" not in sys.modules


@pytest.fixture(autouse=True)
def main_module() -> Iterator[None]:
    """Put ``__main__`` back, which an ``AppTest`` replaces by its script: a worker that starts later would run it."""
    before = sys.modules["__main__"]
    yield
    sys.modules["__main__"] = before


def work(job: Job) -> None:
    """Let the workers do a job to its end."""
    server_workers.engine().submit(job)
    wait_for(lambda: not job.active)
    with FileLock(job.folder / ".running", timeout=60):  # tidied after its end, too: until then it is no thing to copy
        pass
    assert job.state == "done", job.status()


@pytest.fixture(scope="session", autouse=True)
def installed_components() -> Iterator[None]:
    """Let Streamlit look through the installed packages for components once, and not again for each ``AppTest``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture
def open_page(workspace: Workspace) -> Open:
    """Open a page of the app by its file, with a query string; None is the first page. Nothing begins by itself."""

    def open_one(file: str | None = None, **query: str) -> AppTest:
        if not (Workspace.open().root / "preferences.json").exists():
            Workspace.open().prefer(ahead=False)
        app = AppTest.from_file(str(NAVIGATION), default_timeout=60)
        if file and file != "home.py":
            app.switch_page(file)
        for key, value in query.items():
            app.query_params[key] = value
        return app.run()

    return open_one


class Client(requests.Session):
    """A browser on our page, as far as the server can tell."""

    def __init__(self, port: int) -> None:
        super().__init__()
        self.home = f"http://localhost:{port}"
        self.headers.update({"origin": self.home, "sec-fetch-site": "same-origin", "x-xsrftoken": "signed"})
        self.cookies.set("_streamlit_xsrf", "signed")

    def get(self, path: str, **options) -> requests.Response:
        return super().get(self.home + path, **{"timeout": 20, **options})

    def post(self, path: str, **options) -> requests.Response:
        return super().post(self.home + path, **{"timeout": 20, **options})


@pytest.fixture(scope="package")
def port() -> Iterator[int]:
    """Our routes on a real HTTP server."""
    app = Starlette(
        routes=[*upload_route.routes(), *live_route.routes(), *download_route.routes(), *box_route.routes()]
    )
    with served(app) as port:
        yield port


@contextlib.contextmanager
def served(app: Starlette) -> Iterator[int]:
    """Serve an app on this machine until the end of the block, and give its port."""
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield port
    server.should_exit = True
    thread.join()


@pytest.fixture
def client(port: int) -> Iterator[Client]:
    with Client(port) as made:
        yield made


@pytest.fixture(scope="package")
def outlines(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the outline of the usual network, drawn once for all tests."""
    root = tmp_path_factory.mktemp("outlines")
    server_workers.engine().ask("outline", str(root), catalogue.DEFAULT)
    return root / "networks"


@pytest.fixture
def project(workspace: Workspace, tmp_path: Path, outlines: Path) -> Project:
    """A project with 24 pictures of two classes, of which the names are as nasty as a person can type them."""
    shutil.copytree(outlines, share_weights(workspace).root / "networks")
    folder = write_pictures(tmp_path / "named", {"apple": 12, "plum": 12})
    made = workspace.create_project("**Fruit** <b>:red[x]</b>")
    importer.import_source(made, Source("folder", str(folder)))
    return made


@pytest.fixture(scope="package")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workspace with a run over pictures of which one, a test picture, lies in the wrong folder; test pictures are
    opened. Who changes what is in it takes a copy."""
    root = tmp_path_factory.mktemp("finished")
    project = share_weights(Workspace.open(root / "workspace")).create_project("Fruit")
    folder = write_pictures(root / "pictures", {"apple": 16, "plum": 16})
    importer.import_source(project, Source("folder", str(folder)), settings=SplitSettings(validation=0.25, test=0.25))
    edits.rename_class(project, "apple", APPLE)
    table = manifest.load(project).table
    wrong = table[(table["label"] == "plum") & (table["split"] == "test")]["id"].head(1)
    edits.move(project, wrong, APPLE)
    options = {"backbone": "efficientnet-lite0", "image_size": 64, "seed": 0, "epochs": 8, "batch_size": 8}
    run = runs.create(project, Recipe(manifest=manifest.load(project).version, **options))
    work(run.job)
    work(jobs.create_in(project.workspace, "evaluate", run=str(run.folder)))
    return root / "workspace"


def markdown(app: AppTest) -> str:
    """Return all text of a page that is rendered as Markdown."""
    kinds = ("markdown", "title", "header", "subheader", "caption", "error", "warning", "info", "success", "metric")
    return "\n".join(str(element.value) for kind in kinds for element in app.get(kind))


def text(app: AppTest) -> str:
    """Return all words of a page."""
    return markdown(app) + "\n".join(str(element.value) for element in app.get("text"))


def words(app: AppTest) -> str:
    """Return the words of a page as a person reads them."""
    return text(app).replace("\\", "").replace("\u2060", "")


def query(app: AppTest) -> dict[str, str]:
    """Return the query string of a page."""
    return {key: value if isinstance(value, str) else value[-1] for key, value in app.query_params.items()}


def wait_for(condition: Callable[[], object], seconds: float = 300) -> None:
    """Wait until something is true."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.2)


def metric(app: AppTest, label: str) -> str:
    """Return what a metric shows."""
    return str(next(element.value for element in app.metric if element.label == label))


def open_drawers(app: AppTest, *keys: str) -> AppTest:
    """Open drawers that draw nothing while they are closed."""
    chosen = dict(app.session_state[state.KEPT]) if state.KEPT in app.session_state else {}
    app.session_state[state.KEPT] = {**chosen, **dict.fromkeys(keys, True)}
    return app.run()
