import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages._ui.shell import hosts
from pages._ui.take_away import share_route, sharing
from tests.pages.conftest import Open, markdown, wait_for
from tests.pages.take_away.test_take_away import put
from tl_core import runs, storage
from tl_core.export import addresses, phones
from tl_core.export.addresses import Address
from tl_core.runs import RunFolder
from tl_core.workspace import Workspace

HERE, ELSEWHERE = Address(ip="127.0.0.1", interface="wlan0"), Address(ip="203.0.113.9", interface="docker0")
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36"
SAFARI = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari"
START, STOP = "share-start", "share-stop"


@pytest.fixture(autouse=True)
def networks(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Address]]:
    """The networks that this machine is in: in tests only itself."""
    found = [HERE]
    monkeypatch.setattr(addresses, "reachable", lambda: list(found))
    yield found
    sharing.stop()


@pytest.fixture
def run(finished: Path, workspace: Workspace, tmp_path: Path) -> RunFolder:
    shutil.copytree(finished, workspace.root, symlinks=True, dirs_exist_ok=True)
    made = next(iter(runs.of_project(workspace.projects()[0])))
    put(made, "web", tmp_path, not_proved="No browser.")
    return made


@pytest.fixture
def app(open_page: Open, run: RunFolder) -> AppTest:
    return open_page("take_away.py", project=run.project.slug)


def keys(app: AppTest) -> set[str]:
    return {each.key for each in app.button} & {START, STOP}


def shared_address(app: AppTest) -> str:
    return next(each.value for each in app.code if each.value.startswith("http://"))


def test_a_page_is_made_before_it_is_shared(open_page: Open, run: RunFolder):
    shutil.rmtree(run.exports)
    app = open_page("take_away.py", project=run.project.slug)

    assert "Make the page first." in markdown(app)
    assert not keys(app)
    assert not app.get("link_button")


def test_phones_open_it_after_a_press_until_the_next(app: AppTest, open_page: Open, run: RunFolder):
    assert keys(app) == {START}
    assert sharing.current() is None or sharing.current().ended

    app.button(key=START).click().run()
    address = shared_address(app)
    assert address.startswith("http://127.0.0.1:")
    assert "Open to phones for **about 1 h** more." in markdown(app)
    assert "Browsers allow live video only by https" in markdown(app)
    image = app.get("image")[0].proto.imgs[0]
    assert image.alt == f"QR code of {address}"
    assert image.url.startswith("data:image/svg+xml")

    other_tab = open_page("take_away.py", project=run.project.slug)
    assert shared_address(other_tab) == address
    other_tab.button(key=STOP).click().run()
    assert keys(other_tab) == {START}
    assert phones.STOPPED in markdown(other_tab)
    assert keys(app.run()) == {START}


def test_the_tab_sees_that_it_has_ended(app: AppTest):
    app.button(key=START).click().run()
    sharing.current().stop(phones.TIME_IS_UP)

    assert keys(app.run()) == {START}
    assert phones.TIME_IS_UP in markdown(app)


def test_one_page_is_shared_at_a_time(app: AppTest, open_page: Open, run: RunFolder, tmp_path: Path):
    app.button(key=START).click().run()
    first = sharing.current()
    shutil.copytree(run.folder, run.folder.with_name("**other**"))
    other = RunFolder(run.folder.with_name("**other**"))

    page = open_page("take_away.py", project=other.project.slug, run=other.id)
    assert "Phones can open another page now" in markdown(page)
    assert "**other**" not in markdown(page)
    assert keys(page) == {STOP}
    assert sharing.start(run, HERE) is first
    assert sharing.start(other, HERE) is not first
    assert first.ended == sharing.REPLACED


def test_without_a_network_no_phone_can_open_it(networks: list[Address], app: AppTest):
    networks.clear()

    assert not keys(app.run())
    assert "this machine is in no network" in markdown(app)
    assert app.get("link_button")


def test_of_several_networks_a_person_picks_one(networks: list[Address], app: AppTest):
    networks.insert(0, ELSEWHERE)
    networks.append(Address(ip="8.8.4.4", interface="eth1"))
    assert app.run().selectbox(key="share-network").options[0] == "docker0 · 203.0.113.9"

    app.button(key=START).click().run()
    assert "This machine no longer has the address" in app.error[0].value
    app.selectbox(key="share-network").set_value("eth1 · 8.8.4.4").run()
    assert "machines on the Internet" in markdown(app)
    app.selectbox(key="share-network").set_value("wlan0 · 127.0.0.1").run()
    app.button(key=START).click().run()
    assert shared_address(app).startswith("http://127.0.0.1:")


def test_a_run_that_is_deleted_is_no_longer_shared(
    app: AppTest, run: RunFolder, workspace: Workspace, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(phones, "TICKS", 1)
    app.button(key=START).click().run()
    share = sharing.current()
    storage.trash_run(run)

    wait_for(lambda: share.ended, 20)
    assert share.ended == phones.GONE


@pytest.mark.parametrize(
    ("address", "browser", "expected"),
    [
        ("http://127.0.0.1:8501/take_away?run=1", CHROME, f"http://{hosts.ALONE}:8501/fruit/one%20two"),
        ("http://localhost:9000/", CHROME, f"http://{hosts.ALONE}:9000/fruit/one%20two"),
        ("http://localhost", CHROME, f"http://{hosts.ALONE}/fruit/one%20two"),
        ("http://127.0.0.1:8501/", SAFARI, "/api/page/fruit/one%20two"),
        ("https://localhost:8501/", CHROME, "/api/page/fruit/one%20two"),
        ("https://lab.example/", CHROME, "/api/page/fruit/one%20two"),
        ("", "", "/api/page/fruit/one%20two"),
    ],
)
def test_the_page_opens_where_nothing_else_is(address: str, browser: str, expected: str):
    run = RunFolder(Path("projects/fruit/runs/one two"))

    assert share_route.url(run, address, browser) == expected
