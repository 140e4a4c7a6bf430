"""The pages in another language: chosen, kept, and complete. The language stands in ⟦brackets⟧."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from pages import steps
from tests.pages.conftest import APPLE, Open
from tests.texts import BEGIN, END, pseudo
from tl_core import language
from tl_core.networks.catalogue import CATALOGUE
from tl_core.workspace import Workspace

MARKED = re.compile(f"{BEGIN}[^{BEGIN}{END}]*{END}")
NO_WORDS = re.compile(r":material/\w+:|\{\w+\}|https?://\S+|`[^`]*`|<[^>]*>|\\.|[\w-]+\.(?:zip|png|jpg|csv|json|html)")
WORD = re.compile(r"[A-Za-z]{3,}")
#: What is the same in every language: names of people's things, of networks, formats and signs of measures.
NAMES = {
    *("thaw", "fruit", "apple", "plum", "english", "deutsch", "min", "nov"),
    *("core", "keras", "litert", "lite", "onnx", "tensorflow", "savedmodel"),
    *(word.lower() for row in CATALOGUE for word in WORD.findall(f"{row.title} {row.family}")),
}


@pytest.fixture
def translated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let there be a second language; nothing of it is left in the process afterwards."""
    monkeypatch.setattr(language, "FOLDER", pseudo(tmp_path / "locale", "de"))


def unmarked(text: str) -> str:
    """Return what is left of a text without what came from the catalogue."""
    before = None
    while before != text:
        before, text = text, MARKED.sub("", text)
    return text


def shown(app: AppTest) -> Iterator[str]:
    """Yield all that a page says: its text, and the names and options of its widgets."""
    for element in app.main:
        if element.type in TEXTS:
            yield str(element.value)
        proto = getattr(element, "proto", None)
        for name in ("label", "help", "alt", "text", "placeholder", "options"):
            said = getattr(proto, name, "")
            yield from [said] if isinstance(said, str) else [each for each in said if isinstance(each, str)]


TEXTS = ("markdown", "title", "header", "subheader", "caption", "error", "warning", "info", "success", "text")


@pytest.mark.parametrize("file", ["home.py", *(step.file for step in steps.PAGES)])
def test_nothing_is_read_that_the_catalogue_does_not_hold(
    open_page: Open, finished: Path, workspace: Workspace, translated: None, file: str
):
    shutil.copytree(finished, workspace.root, dirs_exist_ok=True)
    app = open_page(file)
    app.session_state["reads-chosen"] = "de"
    app.run()

    left = {each for text in shown(app) for each in [unmarked(text)] if not_named(each)}
    assert not app.exception
    assert not left, "\n".join(sorted(left))


def not_named(text: str) -> list[str]:
    text = NO_WORDS.sub(" ", text.replace(APPLE, " "))
    return [word for word in WORD.findall(text) if word.lower() not in NAMES]


def test_a_language_is_chosen_for_one_person_alone(open_page: Open, translated: None):
    app, other = open_page(), open_page()

    app.radio(key="language-choice").set_value("de").run()
    other.run()

    assert BEGIN in app.title[0].value
    assert BEGIN not in other.title[0].value
    assert BEGIN in app.switch_page("images.py").run().title[0].value
