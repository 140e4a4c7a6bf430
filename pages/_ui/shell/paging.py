"""Long lists, page by page."""

import streamlit as st

from pages._ui.shell import state


def page(count: int, per_page: int, key: str) -> slice:
    """Show the numbers of the pages, if there are several, and return the rows of the chosen one.

    Args:
        count: rows in all.
        per_page: rows of one page.
        key: names the list; with another number of pages it starts at the first again.
    """
    pages = -(-count // per_page)
    name = f"{key}-{pages}"
    number = st.pagination(pages, **state.kept(name, 1, range(1, pages + 1))) if pages > 1 else 1
    return slice((number - 1) * per_page, number * per_page)
