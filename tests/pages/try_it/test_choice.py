"""Pictures from a folder on this machine, whatever their files are called and whatever is typed."""

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from tests.core.pictures import lay
from tests.pages.conftest import markdown
from tl_core.workspace import Workspace


def listing() -> None:
    from pathlib import Path

    import streamlit as st

    from pages._ui.shell import layout
    from pages._ui.try_it import choice

    with layout.calm():
        for picture in choice.choose(choice.FOLDER):
            st.text(f"{Path(picture.data).is_file()} {picture.name}")


def typed(text: str) -> AppTest:
    app = AppTest.from_function(listing, default_timeout=60).run()
    return app.text_input[0].set_value(text).run()


def test_files_are_read_whatever_they_are_called(workspace: Workspace, tmp_path: Path):
    names = ["Ba\u0308r.png", "K\u00e4fer  2.png", "shot 9.41\u202fAM.png", "zero\u200bwidth.png"]
    app = typed(str(lay(tmp_path / "new", dict.fromkeys(names, 1))))
    assert not app.exception
    assert sorted(element.value for element in app.text) == sorted(f"True {name}" for name in names)


@pytest.mark.parametrize(
    "text", ["/dev/zero", "~nobody-of-that-name/x", "x" * 5000, "a\0b", __file__ + "/x", "pictures", "/nowhere"]
)
def test_what_is_no_path_is_a_sentence(workspace: Workspace, text: str):
    app = typed(text)
    assert not app.exception
    assert len(app.error) == 1
    assert len(markdown(app)) < 600
