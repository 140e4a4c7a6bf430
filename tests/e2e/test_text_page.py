"""The page of a model that takes texts: its tokenizer is that of the app, and it answers as the app does."""

import unicodedata

import pytest
from playwright.sync_api import Page

from tl_core.export import page_file
from tl_core.networks import bert_weights, text_catalogue
from tl_core.networks.wordpiece import WordPieces

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
