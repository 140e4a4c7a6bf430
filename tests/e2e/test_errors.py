"""A cell of the confusion matrix in a real browser: pressed by mouse and by key, its picture opened and put right."""

from playwright.sync_api import Page, expect

from tests.e2e.conftest import LONG, Server
from tl_core import runs
from tl_core.dataset import manifest
from tl_core.evaluation import predictions, scores


def test_a_cell_opens_its_pictures_and_they_are_put_right(page: Page, server: Server, run: runs.RunFolder):
    found = predictions.load(run, "validation")
    wrong = scores.cell(found, found.classes.index("apple"), found.classes.index("plum"))
    assert len(wrong) == 2
    page.goto(f"{server.url}/results?project={run.project.slug}&run={run.id}")
    page.get_by_text("Mistakes", exact=True).click(timeout=LONG)
    cell = page.get_by_role("button", name="It is apple, the model says plum")
    cell.press("Enter", timeout=LONG)
    expect(cell).to_have_attribute("aria-pressed", "true")
    faces = page.locator("button.face")
    expect(faces).to_have_count(2)
    faces.first.click()
    expect(faces.first).to_have_attribute("aria-current", "true")
    page.get_by_role("button", name="Change to plum").click()
    expect(page.get_by_text("Changed since this run was trained: 1 picture relabelled.")).to_be_visible()
    expect(faces).to_have_count(1)
    expect(faces.first).to_have_attribute("aria-current", "true")
    table = manifest.load(run.project).table.set_index("id")
    assert table.loc[wrong, "label"].tolist() == ["plum", "apple"]
    page.get_by_role("button", name="Undo").first.click()
    expect(faces).to_have_count(2)
    page.get_by_role("button", name="Mark plum").first.press("Space")
    page.get_by_role("button", name="Mark plum").last.click()
    expect(page.get_by_text("2 marked")).to_be_visible()
    page.get_by_role("button", name="Remove").click()
    expect(page.get_by_text("Changed since this run was trained: 2 pictures removed.")).to_be_visible()
    assert not manifest.load(run.project).table["id"].isin(wrong).any()
