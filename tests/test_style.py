"""How the code and its words are written, measured."""

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[1]
CORE = sorted((ROOT / "tl_core").rglob("*.py"))
UI = sorted((ROOT / "pages").rglob("*.py"))
PACKAGES = sorted((ROOT / "tl_core").glob("*/__init__.py"))

#: A dictionary of anything: whoever reads the function cannot know what is in it.
BAG = re.compile(r"\b(?:dict|Mapping)\[str, Any\]", re.IGNORECASE)
MOST_BAGS = 10
MOST_ANY = 0.08

LONGEST_SENTENCE = 25
LONGEST_PAGE = 80
#: Words and spellings that have a better one, the same everywhere: “undo”, “after the line”, “95%”.
UNWANTED = re.compile(
    r"\b(?:so many|told|mend(?:s|ed|ing)?|anew|all the same|brought in|bring(?:s|ing)? in|lets? (?:it|them) go|errs"
    r"|surest|commonest|behind (?:the|it|this)|likely between|vouch|whoever|nothing is known|spoken of|dozens)\b"
    r"|\d %|\} %|X %",
    re.IGNORECASE,
)


class Text(NamedTuple):
    """A string in the code that a person may read: where it stands, and its words."""

    place: str
    words: str


def place(path: Path, node: ast.AST) -> str:
    return f"{path.relative_to(ROOT)}:{getattr(node, 'lineno', 1)}"


@functools.cache
def signatures() -> list[tuple[str, str, str]]:
    """Return place, arguments and result of every function of the core."""
    return [
        (place(path, node), ast.unparse(node.args), ast.unparse(node.returns) if node.returns else "")
        for path in CORE
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]


def texts(path: Path) -> Iterator[Text]:
    """Yield the strings of a file that have several words; docstrings and word lists are none. A value is one word."""
    nodes = list(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))
    docstrings = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    parts = {id(part) for node in nodes if isinstance(node, ast.JoinedStr) for part in node.values}
    lists = [node for node in nodes if isinstance(node, ast.Call) and ast.unparse(node.func) == "word_list"]
    parts |= {id(argument) for node in lists for argument in node.args}
    for node in nodes:
        if isinstance(node, ast.JoinedStr):
            words = "".join(str(part.value) if isinstance(part, ast.Constant) else "X" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings | parts:
            words = node.value
        else:
            continue
        if " " in words:
            yield Text(place(path, node), words)


def long_sentences(words: str) -> list[str]:
    """Return the sentences of a text that are longer than they should be.

    >>> long_sentences("Short. " + "word " * 26)
    ['word word word word word word word word word word word word word word word word word word word word word word\
 word word word word ']
    """
    sentences = re.split(r"(?<=[.!?:;])\s+", words)
    return [each for each in sentences if len(re.findall(r"[\w’'%-]+", each)) > LONGEST_SENTENCE]


def test_functions_return_records_and_no_bags():
    bags = [where for where, _, result in signatures() if BAG.search(result)]

    assert len(bags) <= MOST_BAGS, bags


def test_signatures_name_their_types():
    every = signatures()
    loose = [where for where, taken, result in every if re.search(r"\bAny\b", f"{taken} {result}")]

    assert len(loose) <= MOST_ANY * len(every), loose


@pytest.mark.parametrize("path", [*CORE, *UI], ids=lambda path: str(path.relative_to(ROOT)))
def test_sentences_are_short_and_plain(path: Path):
    every = list(texts(path))
    assert [(each.place, found) for each in every for found in long_sentences(each.words)] == []
    assert [(each.place, found) for each in every for found in UNWANTED.findall(each.words)] == []


@pytest.mark.parametrize("path", PACKAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_package_says_what_is_in_it_and_imports_nothing(path: Path):
    tree = ast.parse(path.read_text(encoding="utf-8"))

    assert ast.get_docstring(tree)
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.Import | ast.ImportFrom)]


def test_pages_are_short():
    lines = {path.name: path.read_text(encoding="utf-8").count("\n") for path in (ROOT / "pages").glob("*.py")}

    assert {name: count for name, count in lines.items() if count > LONGEST_PAGE} == {}
    assert (ROOT / "app.py").read_text(encoding="utf-8").count("\n") <= LONGEST_PAGE / 2
