"""The same pieces as the library ``tokenizers``, which shares no code with this one."""

import sys

import numpy as np
import pytest
from tokenizers import Tokenizer as Library
from tokenizers import models, normalizers, pre_tokenizers

from tl_core.errors import InputError
from tl_core.networks import bert_weights, text_catalogue
from tl_core.networks.vocabulary import Tokenizer

VOCABULARY = bert_weights.source(text_catalogue.get(None)).parent / "vocab.txt"
SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]"]
CLS, SEP, UNK = 101, 102, 100

TEXTS = {
    "plain": "The quick brown fox jumps over the lazy dog.",
    "capitals and accents": "Ünïcödé CAFÉ Straße ÅNGSTRÖM İstanbul Œuvre ΟΔΥΣΣΕΥΣ ὈΔΥΣΣΕΎΣ",
    "combining accents": "e\u0301 a\u0308o\u0302 n\u0303 \u0301alone x\u0323\u0307",
    "punctuation": "don't (stop) -- ...wait?! 50% $3.99 <a@b.c> «quoted» “curly” ¿qué? a_b/c\\d |~`^",
    "emoji": "I ❤️ this 😀👍🏽 👨‍👩‍👧‍👦 🇩🇪 ok",
    "right to left": "שלום עולם، مرحبا بالعالم؟ \u200fmarked\u200e",
    "chinese": "我喜欢吃苹果。中文English混合 㐀𠀀豈",
    "japanese and korean": "カタカナ ひらがな 漢字 한국어 텍스트",
    "thai and hindi": "สวัสดีชาวโลก नमस्ते दुनिया",
    "control": "a\x00b\x07c\x1fd\x7fe\x85f\u200bg\ufeffh\ufffdi\u00adj",
    "white space": "  a\tb\nc\r\nd\u00a0e\u2003f\u3000g\u2028h\x0bi\x0cj  ",
    "private use": "a\ue000b\U000f0000c",
    "decomposed signs": "≠ ≮ ﬁ ½ ① ² Ⅷ K Å",
    "empty": "",
    "only space": " \t\n ",
    "only dropped": "\u200b\u0301",
    "names of special pieces": "[CLS] [SEP] [PAD] [MASK] [UNK]",
    "pieces": "unaffable transfer-learning tokenisation ##ing",
    "100 characters": "a" * 100,
    "101 characters": "a" * 101 + " b",
    "50,000 characters": "lorem ipsum dolor sit amet, " * 1786,
    "50,000 characters, one word": "abcde" * 10000,
}
RANGES = [(0x20, 0x7F), (0xA0, 0x250), (0x300, 0x370), (0x370, 0x530), (0x620, 0x6F0), (0x900, 0x980), (0x1E00, 0x2000)]
RANGES += [(0x2000, 0x2070), (0x2190, 0x2300), (0x3040, 0x3100), (0x4E00, 0x4F00), (0xAC00, 0xAD00), (0x1F300, 0x1F650)]


def library(lower):
    """Return the tokenizer of the library, which takes names of special pieces for text, as Google's does."""
    pieces = VOCABULARY.read_bytes().decode().split("\n")
    vocabulary = {piece: number for number, piece in enumerate(pieces) if piece}
    made = Library(models.WordPiece(vocabulary, unk_token="[UNK]", max_input_chars_per_word=100))
    made.normalizer = normalizers.BertNormalizer(lowercase=lower)
    made.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    return made


@pytest.fixture(scope="module", params=[True, False], ids=["uncased", "cased"])
def both(request):
    return Tokenizer.load(VOCABULARY, request.param), library(request.param)


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_pieces_are_those_of_the_library(both, text):
    own, other = both
    wanted = [CLS, *other.encode(text).ids, SEP]
    assert own.lengths([text]).tolist() == [len(wanted)]
    assert own.encode([text], len(wanted) + 3).tolist() == [[*wanted, 0, 0, 0]]


def test_pieces_of_random_characters_are_those_of_the_library(both):
    own, other = both
    random = np.random.default_rng(0)
    starts = random.integers(0, len(RANGES), (300, 60))
    texts = ["".join(chr(random.integers(*RANGES[one])) for one in row) for row in starts]
    wanted = [[CLS, *each.ids, SEP] for each in other.encode_batch(texts)]
    assert [row[row > 0].tolist() for row in own.encode(texts, 200)] == wanted


def test_the_library_differs_in_what_newer_releases_of_unicode_have(both):
    """It has the tables of an old one."""
    own, other = both
    codes = [code for code in range(1, sys.maxunicode, 29) if not 0xD800 <= code < 0xE000]
    texts = [f"a{chr(code)}b" for code in codes]
    wanted = [[CLS, *each.ids, SEP] for each in other.encode_batch(texts)]
    differ = sum(row[row > 0].tolist() != ids for row, ids in zip(own.encode(texts, 16), wanted, strict=True))
    assert differ < 0.001 * len(codes)


def test_a_lone_surrogate_is_dropped(both):
    own, _ = both
    assert own.encode(["a\ud800b"], 5).tolist() == own.encode(["ab"], 5).tolist()


@pytest.mark.parametrize("length", [2, 3, 8, 512])
def test_what_does_not_fit_is_left_out(both, length):
    own, other = both
    texts = [TEXTS["plain"], TEXTS["50,000 characters"], ""]
    rows = own.encode(texts, length)
    assert (rows.shape, rows.dtype) == ((3, length), np.int32)
    for row, text in zip(rows, texts, strict=True):
        assert row[row > 0].tolist() == [CLS, *other.encode(text).ids[: length - 2], SEP]


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_each_piece_knows_its_characters(both, text):
    own, other = both
    spans = own.words(text, 100)
    ids = own.encode([text], 100)[0]
    assert len(spans) == np.count_nonzero(ids)
    assert spans[0] == spans[-1] == (0, 0)
    inside = spans[1:-1]
    assert all(0 <= start < end <= len(text) for start, end in inside)
    assert inside == sorted(inside)
    theirs = other.encode(text).offsets[: len(inside)]
    assert [start for start, _ in inside] == [start for start, _ in theirs]
    # Of what is dropped after a character, the library makes a part of nothing.
    assert all(end >= other_end for (_, end), (_, other_end) in zip(inside, theirs, strict=True))


def test_an_accent_belongs_to_the_character_before_it():
    own = Tokenizer([*SPECIAL, "cafe", "!"], lower=True)
    assert own.words("Cafe\u0301!", 8) == [(0, 0), (0, 5), (5, 6), (0, 0)]


def test_special_pieces_in_a_text_are_text(both):
    own, _ = both
    ids = own.encode(["a [SEP] b [CLS] [PAD]"], 32)[0]
    assert ids.tolist().count(SEP) == ids.tolist().count(CLS) == 1


@pytest.mark.parametrize("missing", SPECIAL)
def test_a_vocabulary_without_a_special_piece_is_refused(missing):
    with pytest.raises(InputError, match=missing.strip("[]")):
        Tokenizer([piece for piece in SPECIAL if piece != missing], lower=True)


def test_padding_has_to_be_number_0():
    with pytest.raises(InputError, match=r"\[PAD\] is number 1"):
        Tokenizer(["a", *SPECIAL], lower=True)


def test_lines_may_end_as_on_windows(tmp_path):
    path = tmp_path / "vocab.txt"
    path.write_bytes("\r\n".join([*SPECIAL, "\u2028", "ice", ""]).encode())
    own = Tokenizer.load(path, lower=True)
    assert own.size == 6
    assert own.encode(["Ice"], 3).tolist() == [[2, 5, 3]]


def test_what_is_no_vocabulary_is_named(tmp_path):
    path = tmp_path / "vocab.txt"
    with pytest.raises(InputError, match=r"vocab\.txt"):
        Tokenizer.load(path, lower=True)
    path.write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputError, match=r"vocab\.txt"):
        Tokenizer.load(path, lower=True)
