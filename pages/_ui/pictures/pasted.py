"""Texts that are pasted: lines of text and label, or texts of one label."""

import json

import streamlit as st

from pages._ui.pictures import upload_route
from pages._ui.shell import state
from tl_core.ingest.sources import Source
from tl_core.language import N_, _

LINES, ONE = N_("Each line has a text and its label"), N_("All of one label: each line is a text")
EXAMPLE = N_("Where is my parcel?\tquestion\nThank you, I love it!\tpraise")


def lines(key: str) -> tuple[Source, str | None] | None:
    """Draw the field for pasted texts; once the button is pressed return where they lie, and their label if it is one.

    Args:
        key: of the form.
    """
    how = st.radio(_("What do you paste?"), (LINES, ONE), format_func=_, horizontal=True, key=f"{key}-how")
    with st.form(key, border=False):
        text = st.text_area(
            _("Texts"), placeholder=_(EXAMPLE) if how == LINES else _("One text in each line"), height=200
        )
        if how == LINES:
            st.caption(
                _("A tab, a comma or a semicolon stands between them. Rows copied from a spreadsheet have tabs.")
            )
        label = st.text_input(_("Label of all texts")) if how == ONE else None
        pressed = st.form_submit_button(_("Look inside"), type="primary")
    if not pressed:
        return None
    if not text.strip() or (label is not None and not label.strip()):
        st.warning(_("Paste at least one text, and say which label it has."))
        return None
    return (staged(text), None) if label is None else (of_one(text), label.strip())


def staged(text: str) -> Source:
    """Return pasted lines of text and label as a source."""
    return _stage(".txt", text)


def of_one(text: str) -> Source:
    """Return pasted texts without labels, one in each line, as a source."""
    each = [json.dumps({"text": line}) for line in text.splitlines() if line.strip()]
    return _stage(".jsonl", "\n".join(each))


def _stage(ending: str, content: str) -> Source:
    name = _("pasted lines")
    folder = upload_route.stage(state.workspace(), {name + ending: content.encode("utf-8", "replace")})
    return Source("upload", str(folder))
