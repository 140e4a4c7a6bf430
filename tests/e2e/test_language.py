"""The language of a page in a real browser: as the browser asks for, as a person chooses, and that again tomorrow."""

from playwright.sync_api import Browser, expect

from tests.e2e.conftest import Server


def test_the_browser_says_the_language_and_a_choice_outlives_it(browser: Browser, server: Server):
    context = browser.new_context(locale="de-AT", viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.goto(f"{server.url}/learn")
    expect(page.get_by_role("heading", level=1)).to_have_text("school Lernen")
    expect(page.locator("html")).to_have_attribute("lang", "de")

    page.get_by_role("button", name="Deutsch").click()
    page.get_by_role("radio", name="Español").check(force=True)
    expect(page.get_by_role("heading", level=1)).to_have_text("school Aprender")
    expect(page.locator("html")).to_have_attribute("lang", "es")
    page.close()

    tomorrow = context.new_page()
    tomorrow.goto(server.url)
    expect(tomorrow.get_by_role("link", name="Imágenes", exact=True)).to_be_visible()
    expect(tomorrow.locator("html")).to_have_attribute("lang", "es")
    context.close()
