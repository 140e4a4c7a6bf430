"""The words of the list that a page uses: each is underlined once, and a press on it says what it means."""

from collections.abc import Sequence
from pathlib import Path

from pages._ui.shell import components
from tl_core.language import _
from tl_core.lessons import glossary
from tl_core.lessons.glossary import Word

KEY, ASKED = "terms", "asked"


def terms(words: Sequence[Word]) -> str:
    """Underline words on the page. Those that cannot press them find the same words behind “What is this?”.

    Args:
        words: the list.

    Returns:
        The id of the word of which a person wants to read more, "" for none.
    """
    listed = [
        {"id": each.id, "term": _(each.term), "forms": glossary.forms(each), "text": _(each.text)} for each in words
    ]
    data = {"words": listed, "label": _("What this word means"), "more": _("More about it on Learn")}
    pressed = components.load(Path(__file__).parent)(key=KEY, data=data, on_asked_change=lambda: None)
    return str(getattr(pressed, ASKED, None) or "")
