"""The choice of the language, and how it is kept: in the browser, which also says what its person reads."""

from pathlib import Path

import streamlit as st
from starlette.requests import Request

from pages._ui.shell import components, state
from tl_core import language
from tl_core.language import _

COOKIE = "thaw-language"


def settle() -> None:
    """Settle which language the texts of this run are in. The frame of the app does this first."""
    language.follow(state.spoken)
    wanted = (state.language_chosen(), st.context.cookies.get(COOKIE), st.context.locale)
    state.set_language(next(filter(None, map(language.nearest, wanted)), language.SOURCE))


def settle_for(request: Request) -> None:
    """Settle which language the answer to a request is in, which comes outside a session. A route does this first."""
    language.follow(state.spoken)
    first = request.headers.get("accept-language", "").split(",")[0].split(";")[0]
    wanted = (request.cookies.get(COOKIE), first)
    state.set_language(next(filter(None, map(language.nearest, wanted)), language.SOURCE))


def choice() -> None:
    """Draw the choice beside the menu, each language by its own name, and let the browser keep it."""
    names = language.languages()
    with st.container(key="language", width="content", gap=None):
        components.load(Path(__file__).parent)(
            key="keep-language", data={"code": language.current(), "cookie": COOKIE, "chosen": state.language_chosen()}
        )
        if len(names) > 1:
            with st.popover(names[language.current()], icon=":material/translate:", type="tertiary", key="languages"):
                chosen = state.bound("language-choice", language.current(), state.choose_language)
                st.radio(_("Language"), list(names), format_func=names.__getitem__, **chosen)
