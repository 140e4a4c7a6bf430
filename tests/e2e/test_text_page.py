"""Pages of models that take texts, or give several labels: they answer as the app does, and ask nobody for anything."""

import unicodedata
from collections.abc import Iterator
from dataclasses import replace

import pytest
from playwright.sync_api import Browser, Page, expect

from tests import tagged
from tests.conftest import Once, share_weights
from tests.e2e.conftest import chromium
from tests.e2e.test_web_page import export
from tests.shop import trained
from tl_core import api
from tl_core.dataset import manifest
from tl_core.export import page_file, page_size, stored
from tl_core.networks import bert_weights, text_catalogue
from tl_core.networks.wordpiece import WordPieces
from tl_core.tasks import table
from tl_core.workspace import Workspace


@pytest.fixture(scope="module", autouse=True)
def app_finds_chromium(browser: Browser) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TL_CHROMIUM", chromium() or browser.browser_type.executable_path)
        yield


TEXTS = (
    *("", " ", "Hello, world!", "Schön wär's: ÄÖÜ ß ẞ", "naïve café — “quoted” … ‘so’", "İstanbul ığdır Σίσυφος ΣΑΣ"),
    *(
        "😀👍🏽👨‍👩‍👧 ok",
        "今日は良い天気ですね。",
        "안녕하세요 여러분",
        "한글",
        "東京2020",
        "مرحبا بالعالم",
        "שלום, עולם",
    ),
    *("นี่คือ ไทย", "हिन्दी में", "e\u0301 a\u0308 \u0301", "tab\tnew\nline\r\n end", "zero\u200bwidth\u200djoiner\ufeff"),
    *("a\u00a0b\u2003c\u2028d\u2029e\u3000f", "\x00\x07bell\x1c\x85\x0b\x0c", "\ufffd replaced \ue000 private"),
    *(
        "[CLS] [SEP] ##ing [unused3]",
        "x" * 100,
        "x" * 101,
        "pneumonoultramicroscopicsilicovolcanoconiosis",
        "ⅷ ① ² ﬁ ﬀ",
    ),
    *("http://example.org/a?b=c&d=e#f", "£5.00 €3 $2 ^`~|<>=+", "don't can't I'll", "𝔘𝔫𝔦𝔠𝔬𝔡𝔢 𠀀𪚥", "ǅ ŉ ǰ ΐ ŀ"),
    "Congratulations! You have WON a free prize, call 09061 701 461 NOW. " * 10,
)


@pytest.mark.parametrize("lower", [True, False])
def test_the_tokenizer_in_the_page_is_that_of_the_app(page: Page, lower: bool):
    network = text_catalogue.get(None)
    lines = bert_weights.vocabulary(network).decode().removesuffix("\n").split("\n")
    script = (page_file.WEB / "wordpiece.js").read_text(encoding="utf-8")
    page.set_content(f'<meta charset="utf-8"><script>{script}</script>')
    every = [*TEXTS, *_each_character()]

    said = page.evaluate(
        """([lines, lower, texts]) => {
            const pieces = new WordPieces(lines, lower);
            return texts.map((text) => Array.from(pieces.encode(text, 64)));
        }""",
        [lines, lower, every],
    )

    expected = WordPieces(lines, lower).encode(every, 64).tolist()
    assert [text for text, one, other in zip(every, said, expected, strict=True) if one != other] == []


def _each_character() -> list[str]:
    """Return each character that has had its place in Unicode for long, between two letters, some to a text."""
    known = unicodedata.ucd_3_2_0
    codes = [code for code in range(0x20000) if known.category(chr(code)) not in ("Cn", "Cs")]
    return ["".join(f"a{chr(code)}b " for code in codes[at : at + 12]) for at in range(0, len(codes), 12)]


@pytest.mark.slow
def test_a_page_for_texts_answers_as_the_app_while_a_person_types(once: Once, page: Page, tmp_path_factory):
    run = trained(once, tmp_path_factory.mktemp("texts"))
    made = export(run, "web")
    assert made.proof is not None, made.not_proved
    assert made.proof.agree == made.proof.n == made.proof.refusals
    assert made.proof.max_difference < 1e-3
    assert page_size.expected(run) == pytest.approx(made.bytes, rel=0.15)

    page.goto(stored.path(run, made).as_uri())
    expect(page.get_by_text("Ready. Nothing leaves this device.")).to_be_visible(timeout=120_000)
    row = manifest.of_run(run).split("train").iloc[0]
    page.get_by_label("Type or paste a text").fill(row["text"])
    expect(page.locator("#answer")).to_have_text(row["label"], timeout=60_000)
    expect(page.locator("#cut")).to_be_hidden()
    page.get_by_label("Type or paste a text").fill("word " * 1000)
    expect(page.locator("#cut")).to_be_visible(timeout=60_000)


@pytest.mark.slow
def test_a_page_of_tags_lights_several_or_none(page: Page, tmp_path_factory):
    root = tmp_path_factory.mktemp("lamps")
    workspace = share_weights(Workspace.open(root / "workspace"))
    project = api.import_folder(workspace, tagged.lay(root / "lamps", 40))[0]
    run = api.train(project, replace(table.of(project).draft(None, manifest.load(project)), image_size=64))
    made = export(run, "web")
    assert made.proof is not None, made.not_proved
    assert (made.proof.agree, made.proof.several) == (made.proof.n, True)

    page.goto(stored.path(run, made).as_uri())
    for red, dark, said, lit in ((True, True, "dark, red", 2), (False, False, "No label", 0)):
        content = tagged.picture(1000, red=red, dark=dark)
        page.locator("#files").set_input_files({"name": "a.png", "mimeType": "image/png", "buffer": content})
        expect(page.locator("#answer")).to_have_text(said, timeout=60_000)
        expect(page.locator("#bars .named")).to_have_count(lit)
        expect(page.locator("#bars .mark")).to_have_count(2)
