"""Every page, light and dark, holds what axe-core checks: contrast, names, roles, the order of headings.

axe-core (https://github.com/dequelabs/axe-core) comes with the package axe-playwright-python.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, expect

from pages._ui.results.frame import VIEWS
from tests.e2e.conftest import Server
from tl_core.runs import RunFolder

LONG = 180_000
#: Each page with its drawers open.
PLACES = (
    "?storage=true",
    "images?add-more=true&sizes-chart=true",
    "model?networks-table=true",
    "freeze?layers=true&head-expert=true",
    "train?train-options=true&train-expert=true&other-runs=true",
    *(f"results?view={view}" for view in VIEWS),
    "try_it?",
)
#: Moderate and minor findings are Streamlit's own, such as the role of its drop zone.
GRAVE = ("serious", "critical")


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_no_page_has_a_serious_fault(browser: Browser, server: Server, run: RunFolder, theme: str):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, color_scheme=theme)
    page = context.new_page()
    faults = {place: found for place in PLACES if (found := serious(page, f"{server.url}/{place}", run))}
    context.close()
    assert not faults


def serious(page: Page, address: str, run: RunFolder) -> list[str]:
    """Return what axe-core finds on a page that is drawn to its end."""
    page.goto(f"{address}&project={run.project.slug}&run={run.id}")
    expect(page.get_by_role("heading", level=1)).to_be_visible(timeout=LONG)
    page.wait_for_function("!document.querySelector('[data-testid=stStatusWidget]')", timeout=LONG)
    found = Axe().run(page).response["violations"]
    grave = [(each["id"], node["html"][:200]) for each in found if each["impact"] in GRAVE for node in each["nodes"]]
    return [f"{name}: {html}" for name, html in grave]
