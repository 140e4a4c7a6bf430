import pytest

from tl_core.dataset.names import LONGEST_NAME, class_name, key, matching_class, safe_cell
from tl_core.errors import InputError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("cat", "cat"),
        ("  two \n words\t", "two words"),
        ("and/or", "and\u2215or"),
        ("back\\slash", "back\u2216slash"),
        ("a | b", "a \u2223 b"),
        ("evil\u202egnp.exe", "evilgnp.exe"),
        ("\u2067mixed\u2069", "mixed"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("nul\x00 bell\x07", "nul bell"),
        ("**bold** [x](http://example.org) `c` <b>", "**bold** [x](http://example.org) `c` <b>".replace("/", "\u2215")),
        ("קטן", "קטן"),
        ("e\u0301te\u0301", "été"),
        ("bad\udcff", "bad\N{REPLACEMENT CHARACTER}"),
        ("猫", "猫"),
        ("-", "-"),
    ],
)
def test_class_names_are_made_fit(text: str, expected: str) -> None:
    assert class_name(text) == expected
    assert class_name(expected) == expected


@pytest.mark.parametrize("text", ["", "   ", "\u200b\u202e", "\n", ".", "..", "\u200d"])
def test_a_name_with_nothing_to_see_is_refused(text: str) -> None:
    with pytest.raises(InputError, match="at least one visible character"):
        class_name(text)


def test_long_names_are_cut_and_kept_apart() -> None:
    one, other = class_name("x" * 200), class_name("x" * 199 + "y")
    assert len(one) == LONGEST_NAME
    assert one != other
    assert class_name(one) == one


def test_only_invisible_differences_are_one_class() -> None:
    assert key("cat") == key("c\u200dat") == key("ca\u200ct")
    assert key("e\u0301te") == key("éte")
    for one, other in (("A", "a"), ("Cat", "cat"), ("①", "1"), ("straße", "STRASSE"), ("²", "2")):
        assert key(one) != key(other)
    assert matching_class("c\u200dat", ["dog", "cat"]) == "cat"
    assert matching_class("CAT", ["Cat"]) == "CAT"


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx"])
def test_no_cell_is_a_formula(text: str) -> None:
    assert safe_cell(text) == f"'{text}"
    assert safe_cell("cat.jpg") == "cat.jpg"


def test_a_letter_with_many_accents_does_not_take_forever() -> None:
    assert len(class_name("a" + "\u0301\u0316" * 10**5)) == LONGEST_NAME
