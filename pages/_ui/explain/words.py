"""Which words of a text an answer depends on, as marks in the text and as numbers."""

from itertools import pairwise
from typing import Any

import streamlit as st

from pages._ui.explain import asked
from pages._ui.shell import layout, state
from tl_core.explain.words import METHODS, Method, Words
from tl_core.language import N_, _
from tl_core.runs import RunFolder
from tl_core.wording import certainty, decimal

#: From this share of the strongest weight on a word is marked, and from that on as a strong one.
MARKED, STRONG = 0.15, 0.5
#: Of the text with its marks, in pixels; a longer one is scrolled.
HEIGHT = 320
#: Characters from which on a text is scrolled.
LONG = 1200
FOUND = N_(
    "Left out: each word is left out in turn, and the network is asked again. Where the class loses, the word "
    "spoke for it. Integrated gradients ask from inside the network. Where both agree, you can rely on it more."
)
LEGEND = N_("Blue words speak for “{label}”, orange ones against it; the strongest have a coloured ground.")


def show(run: RunFolder, text: str, key: str) -> None:
    """Show which words speak for a class.

    Args:
        run: whose model is asked.
        text: as a person wrote it.
        key: of the widgets.
    """
    with st.spinner(_("Looking for the words …")):
        predicted: Words = asked.ask("why-words", run, text, None)
    shares = predicted.probabilities
    order = sorted(shares, key=lambda label: -shares[label])
    with st.container(horizontal=True, vertical_alignment="bottom"):
        choice = state.kept(f"why-{key[:12]}", order[0], order)
        label = st.selectbox(
            _("Words for"),
            order,
            format_func=lambda each: f"{each} · {certainty(shares[each])}",
            width=320,
            **choice,
        )
        methods: list[Method] = list(METHODS)
        method: Method = st.segmented_control(
            _("How it is found"),
            methods,
            format_func=lambda each: _(METHODS[each]),
            required=True,
            help=_(FOUND),
            **state.kept("why-words-method", methods[0], methods),
        )
    found = predicted if label == predicted.label else asked.ask("why-words", run, text, label)
    for sentence in found.sentences():
        st.markdown(layout.escape(sentence))
    with st.container(height=HEIGHT if found.read > LONG else "content", border=True, key=f"marks-{key[:12]}"):
        st.markdown(marked(found, method))
    st.caption(layout.escape(_(LEGEND).format(label=label)))
    _numbers(found)


def marked(found: Words, method: Method) -> str:
    """Return the text as Markdown in which words that matter are marked; what the network does not read is left out."""
    ends = [0, *(word.end for word in found.words)]
    said = ""
    for (before, _end), word, weight in zip(pairwise(ends), found.words, found.scaled(method), strict=True):
        gap = found.text[before : word.start]
        said += "  \n" if "\n" in gap else " " if gap else ""
        said += _mark(layout.escape(found.of(word)), weight)
    return said


def _mark(word: str, weight: float) -> str:
    if abs(weight) < MARKED:
        return word
    colour = "blue" if weight > 0 else "orange"
    return f":{colour}-background[**{word}**]" if abs(weight) >= STRONG else f":{colour}[{word}]"


def _numbers(found: Words) -> None:
    """Show the strongest words with what is left of the class without them, and what gradients say of them."""
    rows = [
        {
            "word": found.text[word.start : word.end],
            "left": certainty(word.probability),
            "left_out": decimal(word.left_out, 2),
            "gradient": decimal(word.gradient, 2),
        }
        for word in found.strongest()
    ]
    if not rows:
        return
    columns: dict[str, Any] = {
        "word": _("Word"),
        "left": st.column_config.TextColumn(_("Without it"), help=_("The probability of the class without the word.")),
        "left_out": st.column_config.TextColumn(
            _("Log-odds lost"), help=_("By how much the class loses. 0 is nothing.")
        ),
        "gradient": _(METHODS["gradient"]),
    }
    st.dataframe(rows, column_config=columns, hide_index=True, width="content")
