"""The camera from end to end: two classes are recorded and trained, and the live answer is right; then its edges."""

import re
import time
from pathlib import Path

import pytest
from playwright.sync_api import Page, Playwright, expect

from tests.e2e.conftest import LONG, Server, drawn, filming
from tests.e2e.test_accessibility import faults_in_both_themes
from tests.films import film
from tl_core import jobs, runs, storage
from tl_core.dataset import duplicates, manifest
from tl_core.ingest import bundled
from tl_core.recipe import Recipe
from tl_core.runs import RunFolder
from tl_core.workspace import Project, Workspace

FILMED = ("astronaut", "motorcycle")
#: Keeps what the live answer says of each frame, and how long after the first.
WATCH = """element => {
    window.heard = [];
    const note = () => window.heard.push(element.dataset.answer);
    new MutationObserver(note).observe(element, {attributes: true, attributeFilter: ["data-answers"]});
}"""


@pytest.fixture(scope="module")
def films(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A film of each of two photographs."""
    folder, photographs = tmp_path_factory.mktemp("films"), dict(bundled.photographs())
    return {
        f"Class {at}": film(folder / f"{at}.mjpeg", Path(photographs[name]), at) for at, name in enumerate(FILMED, 1)
    }


def opened(page: Page, label: str) -> None:
    """Open the camera of a class whose recorder then waits."""
    name = page.get_by_label("Name of the class").and_(page.locator(f"input[value='{label}']"))
    card = page.locator("[class*=st-key-class-], [class*=st-key-planned-]").filter(has=name)
    card.get_by_role("button", name="Camera", exact=True).click()
    expect(hold(page, label)).to_be_enabled()


def hold(page: Page, label: str):
    return page.get_by_role("button", name=f"Hold to record pictures of {label}")


def recorded(server: Server, project: Project, films: dict[str, Path], playwright: Playwright) -> None:
    """Record both classes: one by pointer, one by keyboard."""
    with filming(playwright, films["Class 1"]) as page:
        page.goto(f"{server.url}/images?project={project.slug}")
        page.get_by_role("tab", name="Camera").click()
        opened(page, "Class 1")
        hold(page, "Class 1").hover()
        page.mouse.down()
        time.sleep(4)
        page.mouse.up()
        expect(page.get_by_text("pictures added.")).to_be_visible(timeout=LONG)
        expect(page.get_by_text("There is only one class")).to_be_visible()
    with filming(playwright, films["Class 2"]) as page:
        page.goto(f"{server.url}/images?project={project.slug}")
        drawn(page)
        page.get_by_role("button", name="Add a class").click()
        opened(page, "Class 2")
        hold(page, "Class 2").focus()
        page.keyboard.down("Space")
        time.sleep(4)
        page.keyboard.up("Space")
        expect(page.get_by_text("pictures added.")).to_be_visible(timeout=LONG)
        expect(page.get_by_role("button", name="Undo the last take")).to_be_visible()


def trained(project: Project) -> RunFolder:
    options = {"backbone": "efficientnet-lite0", "image_size": 224, "seed": 0}
    made = runs.create(project, Recipe(manifest=manifest.load(project).version, **options))
    jobs.execute(made.folder)
    return made


def live(page: Page, server: Server, run: RunFolder) -> None:
    """Open the live answer and wait for the first one."""
    page.goto(f"{server.url}/try_it?project={run.project.slug}&run={run.id}&try-way=Camera")
    expect(page.get_by_text("answers a second")).to_be_visible(timeout=LONG)


@pytest.mark.slow
def test_two_classes_are_recorded_and_told_apart_live(server: Server, films: dict[str, Path], playwright: Playwright):
    project = Workspace(server.workspace).create_project("Filmed")
    recorded(server, project, films, playwright)

    table = manifest.load(project).table
    assert table.groupby("label")["group"].nunique().tolist() == [1, 1]
    assert len(set(duplicates.units(table).tolist())) == 2, "each take counts as one"
    assert (table["width"] == table["height"]).all()
    assert table["label"].value_counts().min() >= 16

    run = trained(project)
    for label, filmed in films.items():
        with filming(playwright, filmed) as page:
            live(page, server, run)
            page.locator(".live").evaluate(WATCH)
            time.sleep(6)
            heard = page.evaluate("window.heard")
            print(label, len(heard) / 6, "answers a second")
            assert len(heard) >= 12
            assert sum(each == label for each in heard) / len(heard) >= 0.95
            if label == "Class 2":
                _save_a_frame(page, run)
                _train_again(page, run)
                storage.trash_run(runs.of_project(run.project)[0], "again")
                expect(page.locator(".live .message")).to_have_text(re.compile("is no longer there|has no model"))


def _save_a_frame(page: Page, run: RunFolder) -> None:
    before = len(manifest.load(run.project).table)
    page.get_by_role("button", name="Why? Save this frame").click()
    expect(page.get_by_role("heading", name="Your model says")).to_be_visible(timeout=LONG)
    assert page.locator("video").evaluate("video => video.srcObject === null"), "the light is off"
    expect(page.get_by_role("heading", name="Why", exact=True)).to_be_visible(timeout=LONG)
    expect(page.get_by_alt_text("The strongest evidence for Class 2").first).to_be_visible(timeout=LONG)
    choice = page.get_by_label("Save this frame into the class")
    choice.scroll_into_view_if_needed()
    page.wait_for_timeout(500)  # a list closes where the page still scrolls
    choice.click()
    page.get_by_role("option", name="Class 2").click()
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_text("1 picture came after this training.")).to_be_visible(timeout=LONG)
    assert len(manifest.load(run.project).table) == before + 1
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("answers a second")).to_be_visible()


def _train_again(page: Page, run: RunFolder) -> None:
    """Let the model learn the saved frame, and wait until the new one answers in its place; the camera stays on."""
    answers = page.locator(".live")
    before = answers.get_attribute("data-by")
    page.locator("video").evaluate("video => { window.filmed = video.srcObject }")
    page.get_by_role("button", name="Train again").click()
    expect(page.get_by_text(re.compile("Trained again:.? right on")).first).to_be_visible(timeout=LONG)
    expect(answers).not_to_have_attribute("data-by", before or "", timeout=LONG)
    newest = runs.of_project(run.project)[0]
    assert newest.id != run.id
    assert newest.recipe.manifest == manifest.load(run.project).version
    report = newest.report()
    assert report is not None
    print("trained again in", report.seconds["total"], "s")
    assert page.locator("video").evaluate("video => video.srcObject === window.filmed"), "the camera went off"
    assert f"run={newest.id}" in page.url
    expect(page.get_by_role("button", name="Train again")).to_have_count(0)


def test_each_camera_that_cannot_be_used_has_its_sentence(page: Page, server: Server):
    project = Workspace(server.workspace).create_project("No camera")
    errors = {
        "NotFoundError": "No camera was found.",
        "NotAllowedError": "The camera was refused.",
        "NotReadableError": "The camera is in use.",
    }
    page.add_init_script(
        "navigator.mediaDevices.getUserMedia = async () => { throw {name: window.why || 'NotFoundError'} }"
    )
    page.goto(f"{server.url}/images?project={project.slug}")
    page.get_by_role("tab", name="Camera").click()
    page.get_by_role("button", name="Camera", exact=True).first.click()
    for name, sentence in errors.items():
        if name != "NotFoundError":
            page.evaluate("name => { window.why = name; }", name)
            page.get_by_role("button", name="Try again").click()
        expect(page.get_by_text(sentence)).to_be_visible()
        expect(hold(page, "Class 1")).to_be_disabled()
    page.evaluate("Object.defineProperty(window, 'isSecureContext', {value: false, configurable: true})")
    page.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Browsers give the camera only to a page that comes by https")).to_be_visible()


#: Keeps the tracks of each camera that is opened.
TRACKS = """const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
window.tracks = [];
navigator.mediaDevices.getUserMedia = async (wanted) => {
    const stream = await open(wanted);
    window.tracks.push(...stream.getTracks());
    return stream;
};"""


def out_of_sight(page: Page, hidden: bool) -> None:
    """Let a page hear that its tab is hidden, or back: a browser without a screen hides none."""
    page.evaluate(
        """hidden => {
            Object.defineProperty(document, "hidden", {value: hidden, configurable: true});
            document.dispatchEvent(new Event("visibilitychange"));
        }""",
        hidden,
    )


def lights(page: Page) -> set[str]:
    return set(page.evaluate("window.tracks.map(track => track.readyState)"))


@pytest.mark.slow
def test_a_hidden_tab_ends_the_take_and_the_light_goes_off(page: Page, server: Server):
    project = Workspace(server.workspace).create_project("Hidden")
    page.add_init_script(TRACKS)
    page.goto(f"{server.url}/images?project={project.slug}")
    page.get_by_role("tab", name="Camera").click()
    opened(page, "Class 1")
    page.get_by_label("Mirror what I see").uncheck()
    hold(page, "Class 1").focus()
    page.keyboard.down("Enter")
    expect(hold(page, "Class 1")).to_have_text(re.compile(r"Recording · ([6-9]|\d\d)"))
    out_of_sight(page, True)
    assert lights(page) == {"ended"}
    expect(page.get_by_text("pictures added.")).to_be_visible(timeout=LONG)
    out_of_sight(page, False)
    page.keyboard.up("Enter")

    expect(page.get_by_text("This tab was out of sight. The recording was stopped")).to_be_visible()
    expect(hold(page, "Class 1")).to_be_focused()
    expect(page.get_by_label("Mirror what I see")).not_to_be_checked()
    assert manifest.load(project).table["group"].nunique() == 1

    page.get_by_role("button", name="Undo the last take").click()
    expect(page.get_by_text("There are no pictures.")).to_be_visible()
    page.get_by_role("link", name="Network").first.click()
    page.wait_for_function("window.tracks.every(track => track.readyState === 'ended')")


@pytest.mark.slow
def test_pages_with_a_camera_have_no_serious_fault(page: Page, server: Server, run: RunFolder):
    project = Workspace(server.workspace).create_project("Seen")
    page.goto(f"{server.url}/images?project={project.slug}")
    page.get_by_role("tab", name="Camera").click()
    opened(page, "Class 1")
    faults = {"recorder": faults_in_both_themes(page)}
    live(page, server, run)
    faults["live"] = faults_in_both_themes(page)
    page.get_by_role("button", name="Pause").click()
    faults["paused"] = faults_in_both_themes(page)
    page.goto(f"{page.url}&present=1")
    expect(page.locator(".live")).to_have_attribute("data-answers", re.compile(r"\d"), timeout=LONG)
    faults["presented"] = faults_in_both_themes(page)
    assert not any(faults.values()), faults
