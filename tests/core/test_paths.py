import os
from pathlib import Path

import pytest

from tl_core import paths
from tl_core.errors import InputError


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "This is no path"),
        (' "" ', "This is no path"),
        ("a\0b", "This is no path"),
        ("~nobody-of-that-name/x", "home of somebody unknown"),
        ("/" + "x" * 5000, "too long"),
        ("/" + "/".join(["x" * 200] * 40), "too long"),
        ("/nowhere/at all", "There is no folder or file"),
        (f"{__file__}/pictures", "a part of it is a file"),
        ("nowhere\n\u202e", "There is no folder or file"),
    ],
)
def test_what_is_no_path_is_a_short_sentence(text: str, says: str):
    with pytest.raises(InputError, match=says) as raised:
        paths.existing(text)
    assert len(str(raised.value)) < 300
    assert str(raised.value).isprintable()


def test_a_part_of_a_path_is_a_path_on_the_command_line_and_none_on_a_page(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pets").mkdir()
    assert paths.existing("pets") == tmp_path / "pets"
    with pytest.raises(InputError, match="Type the whole path"):
        paths.existing("pets", relative=False)


@pytest.mark.parametrize("name", ["Ka\u0308fer 1.png", "K\u00e4fer  2.png", "shot 9.41\u202fAM.png", " blank .png"])
def test_the_path_is_the_one_that_was_typed(tmp_path: Path, name: str):
    path = tmp_path / name
    path.touch()
    assert paths.existing(f'  "{path}" ') == path


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may open everything")
def test_a_folder_that_may_not_be_opened_is_a_sentence(tmp_path: Path):
    tmp_path.chmod(0)
    try:
        with pytest.raises(InputError, match="permission denied"):
            paths.existing(str(tmp_path))
    finally:
        tmp_path.chmod(0o700)
