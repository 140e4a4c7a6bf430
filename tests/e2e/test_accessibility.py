"""Every page, light and dark, holds what axe-core checks: contrast, names, roles, the order of headings.

axe-core (https://github.com/dequelabs/axe-core) comes with the package axe-playwright-python.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from pages._ui.results.frame import VIEWS
from tests import boxed, tagged
from tests.core.boxes.test_importer import folder_of
from tests.e2e.conftest import Server, drawn
from tl_core import api
from tl_core.boxes import importer
from tl_core.ingest.sources import Source
from tl_core.runs import RunFolder
from tl_core.text.sample import SHOP
from tl_core.workspace import Workspace

#: Each page with its drawers open.
PLACES = (
    "?storage=true",
    "images?add-more=true&sizes-chart=true",
    "model?networks-table=true",
    "freeze?layers=true&head-expert=true",
    "train?train-options=true&train-expert=true&other-runs=true",
    *(f"results?view={view}" for view in VIEWS),
    "try_it?",
    "take_away?",
    "experiments?",
    "runs?",
    "learn?learn=Words",
    "learn?lesson=freeze",
)
#: Moderate and minor findings are Streamlit's own, such as the role of its drop zone.
GRAVE = ("serious", "critical")


VIOLATIONS = {"resultTypes": ["violations"]}
#: What is asked in each theme: everything in light, in dark what depends on colours.
THEMES: dict[str, dict[str, list[str]]] = {
    "light": VIOLATIONS,
    "dark": {**VIOLATIONS, "runOnly": ["color-contrast", "link-in-text-block"]},
}
#: In milliseconds.
MOMENT = 2000


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
def test_no_page_has_a_serious_fault(page: Page, server: Server, run: RunFolder, theme: str):
    faults = {}
    for place in PLACES:
        page.goto(f"{server.url}/{place}&project={run.project.slug}&run={run.id}")
        drawn(page)
        shown_in(page, theme)
        if found := serious(page, THEMES[theme]):
            faults[place] = found
    assert not faults


def tags(workspace: Workspace, folder: Path) -> RunFolder:
    return api.train(api.import_folder(workspace, tagged.lay(folder / "lamps", 40))[0])


def texts(workspace: Workspace, folder: Path) -> RunFolder:
    return api.train(api.import_texts(workspace, SHOP)[0])


def boxes(workspace: Workspace, folder: Path) -> RunFolder:
    project = workspace.create_project("Squares")
    importer.import_boxes(project, Source("folder", str(folder_of(folder / "squares", 24))))
    return boxed.ended(boxed.finished(project))


@pytest.mark.slow
@pytest.mark.parametrize("made", [tags, texts, boxes])
def test_no_page_of_another_kind_has_a_serious_fault(
    page: Page, server: Server, tmp_path: Path, made: Callable[[Workspace, Path], RunFolder]
):
    run, faults = made(Workspace(server.workspace), tmp_path), {}
    for place in PLACES:
        page.goto(f"{server.url}/{place}&project={run.project.slug}&run={run.id}")
        drawn(page)
        assert page.get_by_test_id("stException").count() == 0, place
        if found := faults_in_both_themes(page):
            faults[place] = found
    assert not faults


def faults_in_both_themes(page: Page) -> dict[str, list[str]]:
    """Return what axe-core finds in each theme, nothing of a theme without a serious fault."""
    faults = {}
    for theme, rules in THEMES.items():
        shown_in(page, theme)
        faults[theme] = serious(page, rules)
    return {theme: found for theme, found in faults.items() if found}


def shown_in(page: Page, theme: str) -> None:
    """Let the system prefer a theme, as a person who darkens it in the evening; wait until the page has followed."""
    page.emulate_media(color_scheme=theme)
    dark = "getComputedStyle(document.querySelector('.stApp')).colorScheme === 'dark'"
    page.wait_for_function(dark if theme == "dark" else f"!({dark})")


def serious(page: Page, rules: dict[str, list[str]] = VIOLATIONS) -> list[str]:
    """Return what axe-core finds, and finds again a moment later: a theme takes some time to reach each component."""
    if faults := _serious(page, rules):
        page.wait_for_timeout(MOMENT)
        return sorted(set(faults) & set(_serious(page, rules)))
    return []


def _serious(page: Page, rules: dict[str, list[str]]) -> list[str]:
    found = Axe().run(page, options=rules).response["violations"]
    grave = [(each["id"], node["html"][:200]) for each in found if each["impact"] in GRAVE for node in each["nodes"]]
    return [f"{name}: {html}" for name, html in grave]
