"""The words of the list that a page uses: each is underlined once, and a press on it says what it means."""

from collections.abc import Sequence
from pathlib import Path

from pages._ui.shell import components
from tl_core.lessons.glossary import Word

KEY, ASKED = "terms", "asked"


def terms(words: Sequence[Word]) -> str:
    """Underline words on the page. Those that cannot press them find the same words behind “What is this?”.

    Args:
        words: the list.

    Returns:
        The id of the word of which a person wants to read more, "" for none.
    """
    data = {"words": [{"id": each.id, "term": each.term, "forms": each.forms, "text": each.text} for each in words]}
    pressed = components.load(Path(__file__).parent)(key=KEY, data=data, on_asked_change=lambda: None)
    return str(getattr(pressed, ASKED, None) or "")
