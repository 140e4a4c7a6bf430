"""Pictures imported and marked in a real browser."""

import re
import shutil
import zipfile
from contextlib import suppress
from pathlib import Path

import pytest
import requests
from playwright.sync_api import Page, expect
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from tests.conftest import write_pictures
from tests.e2e.conftest import LONG, Server, drawn
from tl_core.dataset import manifest
from tl_core.ingest import importer
from tl_core.ingest.sources import Source
from tl_core.workspace import Workspace


def open_pictures(page: Page, server: Server) -> None:
    """Open the Pictures page of a new project: cold, by its address."""
    project = Workspace(server.workspace).create_project("New")
    page.goto(f"{server.url}/images?project={project.slug}")
    expect(page.get_by_role("button", name="Choose a folder")).to_be_visible(timeout=LONG)
    expect(page.locator(".zone")).to_have_attribute("aria-busy", "false")


def press_import(page: Page) -> None:
    """Import what was uploaded, as it is read."""
    page.get_by_role("button", name="Import", exact=True).click(timeout=LONG)


def report(page: Page, label: str) -> str:
    """Return a number of the import report."""
    expect(page.get_by_text("Import report")).to_be_visible(timeout=LONG)
    box = page.locator(".st-key-import-report").get_by_test_id("stMetric").filter(has_text=label)
    return box.get_by_test_id("stMetricValue").inner_text()


def test_a_chosen_folder_comes_in_and_survives_a_refresh(page: Page, server: Server, pictures: Path):
    (pictures / "apple" / "broken.jpg").write_bytes(b"no picture")
    open_pictures(page, server)

    page.locator("input.folder").set_input_files(pictures)
    press_import(page)

    assert report(page, "Added") == "24"
    assert report(page, "Skipped") == "1"
    page.reload()
    assert report(page, "Added") == "24"
    expect(page).to_have_url(re.compile(r"project=.+job=|job=.+project="))
    with page.expect_download() as download:
        page.get_by_role("button", name="Download what was left out (CSV)").click()
    assert "broken.jpg" in download.value.path().read_text()


def test_a_dropped_folder_keeps_its_paths(page: Page, server: Server, tmp_path: Path):
    folder = write_pictures(tmp_path / "nested", {"cat": 3, "dog": 3})
    open_pictures(page, server)
    drop(page, folder)
    press_import(page)

    expect(page).to_have_url(re.compile("job=import-"))
    assert report(page, "Added") == "6"
    project = Workspace(server.workspace).projects()[0]
    assert manifest.load(project).classes == ["cat", "dog"]


def drop(page: Page, *files: Path, onto: str = ".zone") -> None:
    """Drop files or folders on a place of the page, as the browser's own protocol does it."""
    page.locator(onto).scroll_into_view_if_needed()
    box = page.locator(onto).bounding_box()
    assert box
    at = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] / 2}
    data = {"items": [], "files": [str(each) for each in files], "dragOperationsMask": 1}
    session = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        session.send("Input.dispatchDragEvent", {"type": kind, **at, "data": data})


@pytest.mark.slow
def test_a_zip_comes_in(page: Page, server: Server, tmp_path: Path):
    folder = write_pictures(tmp_path / "zipped", {"red": 4, "blue": 4})
    with zipfile.ZipFile(tmp_path / "My set.zip", "w") as archive:
        for path in sorted(folder.rglob("*.jpg")):
            archive.write(path, path.relative_to(folder))
    open_pictures(page, server)

    page.locator("input.files").set_input_files(tmp_path / "My set.zip")
    press_import(page)

    assert report(page, "Added") == "8"


@pytest.mark.slow
def test_loose_pictures_ask_for_their_class(page: Page, server: Server, pictures: Path):
    open_pictures(page, server)
    project = Workspace(server.workspace).projects()[0]
    apples, plums = (sorted((pictures / label).iterdir()) for label in ("apple", "plum"))

    page.locator("input.files").set_input_files(apples[:3])
    choose_class(page, "apple", new=True)
    assert report(page, "Added") == "3"
    add_more(page)
    page.locator("input.files").set_input_files(plums[:2])
    choose_class(page, "plum", new=True)
    assert report(page, "Added") == "2"
    add_more(page)
    page.locator("input.files").set_input_files(apples[3:5])
    choose_class(page, "apple", new=False)
    assert report(page, "Added") == "2"

    assert manifest.load(project).counts()["total"].to_dict() == {"apple": 5, "plum": 2}


def add_more(page: Page) -> None:
    """Close the report of the import before and open the ways to import more."""
    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_text("Import report")).to_be_hidden()
    # Until the page has run to its end, the drawer may close again.
    expect(page.locator(".stApp")).to_have_attribute("data-test-script-state", "notRunning")
    if not page.locator(".zone").is_visible():
        page.get_by_text("Add more pictures").click()
    expect(page.locator(".zone")).to_have_attribute("aria-busy", "false")


def choose_class(page: Page, label: str, *, new: bool) -> None:
    """Answer “Which class?” with a class that there is, or the name of a new one, and import."""
    question = page.get_by_role("combobox", name="Which class?")
    expect(question).to_be_visible(timeout=LONG)
    expect(page.get_by_role("button", name="Import", exact=True)).to_be_disabled()
    option = page.get_by_role("option", name=f"Add: {label}" if new else label)
    for _ in range(5):  # when the page is drawn again, the list of options closes
        question.fill(label)
        with suppress(PlaywrightTimeout):
            option.click(timeout=10_000)
            break
    press_import(page)


@pytest.mark.slow
def test_pictures_and_a_zip_go_into_a_class_from_its_card(page: Page, server: Server, pictures: Path):
    project = Workspace(server.workspace).create_project("Cards")
    apples, plums = (sorted((pictures / label).iterdir()) for label in ("apple", "plum"))
    first = laid_out(pictures.parent / "first", [*apples[:2], *plums[:2]])
    importer.import_source(project, Source("folder", str(first)))
    with zipfile.ZipFile(pictures.parent / "more.zip", "w") as archive:
        for path in plums[2:5]:
            archive.write(path, f"any folder/{path.name}")
    page.goto(f"{server.url}/images?project={project.slug}")

    into_class(page, "apple", apples[2:6])
    assert report(page, "Added") == "4"
    page.get_by_role("button", name="Close", exact=True).click()
    into_class(page, "plum", [pictures.parent / "more.zip"])
    assert report(page, "Added") == "3"

    assert manifest.load(project).counts()["total"].to_dict() == {"apple": 6, "plum": 5}


@pytest.mark.slow
def test_what_is_dropped_on_the_card_of_a_class_goes_into_it(page: Page, server: Server, pictures: Path):
    project = Workspace(server.workspace).create_project("Cards")
    apples, plums = (sorted((pictures / label).iterdir()) for label in ("apple", "plum"))
    importer.import_source(
        project, Source("folder", str(laid_out(pictures.parent / "first", [*apples[:2], *plums[:2]])))
    )
    page.goto(f"{server.url}/images?project={project.slug}")
    drawn(page)
    drop(page, *plums[2:5], onto=".st-key-class-plum")
    assert report(page, "Added") == "3"
    assert manifest.load(project).counts()["total"].to_dict() == {"apple": 2, "plum": 5}

    page.get_by_role("button", name="Close", exact=True).click()
    expect(page.get_by_text("Import report")).to_be_hidden()
    drawn(page)
    drop(page, apples[2], onto="h1")  # beside the cards: asked about
    choose_class(page, "apple", new=False)
    assert report(page, "Added") == "1"
    page.goto(f"{server.url}/train?project={project.slug}")
    drawn(page)
    drop(page, apples[3], onto="h1")  # where nothing takes it, the page stays
    expect(page.get_by_role("heading", name="Train", level=1)).to_be_visible()


def laid_out(folder: Path, chosen: list[Path]) -> Path:
    """Copy pictures into folders of their classes."""
    for path in chosen:
        (folder / path.parent.name).mkdir(parents=True, exist_ok=True)
        shutil.copy(path, folder / path.parent.name)
    return folder


def into_class(page: Page, label: str, files: list[Path]) -> None:
    """Send files through the dialog of a class card."""
    drawn(page)
    page.locator(f".st-key-add-{label}").get_by_role("button").click()
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("all of it goes into this class")).to_be_visible()
    dialog.locator("input.files").set_input_files(files)
    expect(dialog).to_be_hidden(timeout=LONG)


def test_a_reading_is_chosen_before_the_import(page: Page, server: Server, tmp_path: Path):
    folder = write_pictures(tmp_path / "sides", {f"{side}/{state}": 2 for side in "lr" for state in ("open", "shut")})
    open_pictures(page, server)

    page.locator("input.folder").set_input_files(folder)

    expect(page.get_by_text("The classes may be")).to_be_visible(timeout=LONG)
    expect(page.get_by_role("button", name="Import", exact=True)).to_be_disabled()
    page.reload()
    page.get_by_text(re.compile("Outer folders")).click(timeout=LONG)
    expect(page.get_by_text(re.compile(r"2 classes.* l \(4\), r \(4\)"))).to_be_visible()
    press_import(page)
    assert report(page, "Added") == "8"
    assert manifest.load(Workspace(server.workspace).projects()[0]).classes == ["l", "r"]


@pytest.mark.slow
def test_an_upload_that_is_cut_off_says_so_and_can_be_done_again(page: Page, server: Server, pictures: Path):
    open_pictures(page, server)
    page.route("**/api/upload/*/files*", lambda route: route.abort("connectionreset"))

    page.locator("input.folder").set_input_files(pictures)

    message = page.get_by_role("alert").filter(has_text="The connection was cut")
    expect(message).to_contain_text("Nothing was imported. Try again.")
    page.unroute("**/api/upload/*/files*")
    page.locator("input.folder").set_input_files(pictures)
    press_import(page)
    assert report(page, "Added") == "24"


def test_a_second_project_begins_empty(page: Page, server: Server):
    first = Workspace(server.workspace).create_project("First")
    page.goto(f"{server.url}/images?project={first.slug}")
    drawn(page)
    page.get_by_role("button", name="New project").click()
    page.get_by_role("textbox", name="Name").fill("Second")

    page.get_by_role("button", name="Create").click()

    expect(page).to_have_url(re.compile("project=second"))
    expect(page.get_by_role("button", name="Choose a folder")).to_be_visible()


def test_cancel_leaves_nothing(page: Page, server: Server, pictures: Path):
    open_pictures(page, server)
    page.route("**/api/upload/*/files*", lambda route: None)
    page.locator("input.folder").set_input_files(pictures)
    expect(page.get_by_role("progressbar", name="Upload")).to_have_attribute(
        "aria-valuetext", re.compile("0 of 24 files")
    )

    page.get_by_role("button", name="Cancel").click()

    expect(page.get_by_role("alert").filter(has_text="Cancelled. Nothing was imported.")).to_be_visible()
    expect(page.get_by_role("button", name="Choose a folder")).to_be_visible()


def test_buttons_are_reached_by_keyboard(page: Page, server: Server):
    # The browser tells of file choosers only once this has reached it; asked for later, the key may be quicker.
    page.on("filechooser", lambda chooser: None)
    open_pictures(page, server)
    page.get_by_role("button", name="Choose a folder").focus()

    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Enter")

    assert chooser.value.is_multiple()


def test_marked_pictures_are_moved_and_removed(page: Page, server: Server, pictures: Path):
    open_pictures(page, server)
    page.locator("input.folder").set_input_files(pictures)
    press_import(page)
    assert report(page, "Added") == "24"

    for number in (0, 1):
        page.locator(".face").nth(number).click()
    expect(page.get_by_text("2 marked")).to_be_visible()
    page.get_by_role("button", name="Remove").click()

    expect(page.locator(".st-key-sizes").get_by_text("22", exact=True)).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".st-key-sizes").get_by_text("24", exact=True)).to_be_visible()


@pytest.mark.parametrize(
    "step",
    ["train", *(pytest.param(each, marks=pytest.mark.slow) for each in ("model", "freeze", "results", "try_it"))],
)
def test_deep_links_open_cold_in_the_frame(page: Page, server: Server, step: str):
    page.goto(f"{server.url}/{step}")

    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator(".st-key-stepper")).to_contain_text("Pictures")


def test_the_server_never_loads_tensorflow(page: Page, server: Server):
    page.goto(server.url)
    expect(page.get_by_role("heading", level=1)).to_be_visible()

    maps = Path(f"/proc/{server.process.pid}/maps")
    if not maps.exists():
        pytest.skip("Only Linux tells which libraries a process has loaded.")
    assert "tensorflow" not in maps.read_text()


@pytest.mark.slow
def test_marks_outlive_a_check_and_are_seen(page: Page, server: Server, pictures: Path):
    """The page is laid out anew while the check runs, and the grid is mounted again."""
    project = Workspace(server.workspace).create_project("Marked")
    importer.import_source(project, Source("folder", str(pictures)))
    page.goto(f"{server.url}/images?project={project.slug}")
    page.locator(".face").first.click(timeout=LONG)
    expect(page.get_by_text("1 marked")).to_be_visible()

    page.get_by_role("button", name="Check now").click()
    expect(page.get_by_role("button", name="Check again")).to_be_visible(timeout=LONG)

    expect(page.get_by_text("1 marked")).to_have_count(1)  # while the page is drawn, the bar before may still be there
    expect(page.locator('.face[aria-pressed="true"]')).to_have_count(1)
    page.locator('.face[aria-pressed="true"]').click()
    expect(page.get_by_text("1 marked")).to_be_hidden()


def test_under_a_foreign_name_the_server_says_nothing(server: Server):
    assert requests.get(server.url, timeout=30).status_code == 200
    assert requests.get(server.url, headers={"host": "evil.example"}, timeout=30).status_code == 400
    assert {path.stat().st_mode & 0o077 for path in server.workspace.glob("*/")} <= {0}
