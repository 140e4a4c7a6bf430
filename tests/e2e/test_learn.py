"""What a page explains, in a real browser."""

import re

from playwright.sync_api import Page, expect

from tests.e2e.conftest import Server

#: Where the first underlined word of a page lies, and what it is; None before there is one.
FIRST = """() => {
  const [range] = CSS.highlights.get("thaw-terms") ?? [];
  if (!range) return null;
  const box = range.getBoundingClientRect();
  return { x: box.x + box.width / 2, y: box.y + box.height / 2, word: range.toString() };
}"""


def test_a_word_is_underlined_and_a_press_explains_it(page: Page, server: Server):
    page.goto(f"{server.url}/")
    place = page.wait_for_function(FIRST).json_value()
    page.mouse.click(place["x"], place["y"])

    card = page.get_by_role("dialog", name="What this word means")
    expect(card).to_contain_text(re.compile(place["word"], re.IGNORECASE))
    held = page.locator(".st-key-words-of-page").bounding_box()
    assert held is not None
    assert held["width"] < 20, "wider, it lets a phone scroll sideways while the page loads"
    card.get_by_role("button", name="More about it on Learn").click()
    expect(page.get_by_role("heading", name="Learn", level=1)).to_be_visible()
    expect(page).to_have_url(re.compile(r"/learn\?.*word="))


def test_what_is_this_leads_to_the_words_of_the_page_and_back(page: Page, server: Server):
    page.goto(f"{server.url}/images")
    page.get_by_role("link", name="What is this?").click()

    expect(page.get_by_role("heading", name="What the page Pictures is for")).to_be_visible()
    page.get_by_role("link", name="Back to Pictures").click()
    expect(page.get_by_role("heading", name="Pictures", level=1)).to_be_visible()
