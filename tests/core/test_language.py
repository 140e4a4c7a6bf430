"""The catalogue of texts: nothing is missing, nothing is stale, nothing is broken by its translation."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.texts import ROOT, compiled, extracted, files, read, variants, wanted
from tl_core import language, progress, wording
from tl_core.cli.parser import main

BY_VARIANT = pytest.mark.parametrize("path", variants(), ids=lambda path: path.parents[1].name)
EVERY = pytest.mark.parametrize("path", [*files(), *variants()], ids=lambda path: path.parents[1].name)
BY_LANGUAGE = pytest.mark.parametrize("path", files(), ids=lambda path: path.parents[1].name)
#: What a translation must keep: names of values, icons, and how often something is bold.
KEPT = re.compile(r"\{\w*\}|:material/\w+:|\*\*|`")


def forms(text: str | tuple[str, ...]) -> tuple[str, ...]:
    return (text,) if isinstance(text, str) else tuple(text)


def marked_in_an_f_string(path: Path) -> list[int]:
    """Return the lines with a text that nobody finds: Babel does not look into f-strings."""
    strings = [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.JoinedStr)]
    calls = [(each.lineno, call) for each in strings for call in ast.walk(each) if isinstance(call, ast.Call)]
    return [line for line, call in calls if _is_mark(call) and isinstance(call.args[-1], ast.Constant)]


def _is_mark(call: ast.Call) -> bool:
    return ast.unparse(call.func).split(".")[-1] in ("_", "N_", "NP_", "ngettext", "pgettext", "plural")


@pytest.mark.parametrize("room", ["pages", "tl_core"])
def test_no_text_hides_in_an_f_string(room: str):
    hidden = {str(path): marked_in_an_f_string(path) for path in (ROOT / room).rglob("*.py")}

    assert not {path: lines for path, lines in hidden.items() if lines}


def test_whatever_work_is_counted_in_is_in_the_catalogue():
    code = "".join(path.read_text("utf-8") for path in (ROOT / "tl_core").rglob("*.py"))

    assert set(re.findall(r'what="([^"]*)"', code)) <= set(progress.COUNTED)


def test_german_and_spanish_are_there_beside_english():
    assert list(language.languages().items()) == [("en", "English"), ("de", "Deutsch"), ("es", "Español")]


@BY_LANGUAGE
def test_every_text_of_the_code_is_translated_and_no_other(path: Path):
    ours = {(message.id, message.context) for message in extracted() if message.id}
    read_ones = [message for message in read(path) if message.id and all(forms(message.string))]
    translated = {(message.id, message.context) for message in read_ones}

    assert not ours - translated, "run `make texts`, then translate what is empty"
    assert not translated - ours, "run `make texts`: these texts are no longer in the code"
    assert not [message.id for message in read(path) if message.fuzzy and message.id]


@BY_VARIANT
def test_what_is_said_otherwise_is_said_so_in_every_language(path: Path):
    asked = {message.id for message in wanted(path)}
    translated = {message.id for message in read(path) if message.id and all(forms(message.string))}

    assert not asked - translated, "run `make texts`, then translate what is empty"
    assert not translated - asked, "run `make texts`: these texts are no longer in the code, or not in English"
    assert {each.parents[1].name.partition("@")[0] for each in variants()} == set(language.languages())


def test_what_is_spoken_of_goes_with_the_language():
    with language.written_in("de@texts"):
        assert (language.current(), language.things(), wording.pictures(2)) == ("de", "texts", "2 Texte")
        with language.written_in("en"):
            assert (language.spoken(), wording.pictures(1)) == ("en@texts", "1 text")
    assert (language.spoken(), wording.pictures(1)) == ("en@pictures", "1 picture")


@EVERY
def test_a_translation_keeps_values_icons_and_bold(path: Path):
    for message in read(path):
        if not message.id:
            continue
        ones = forms(message.id)
        for number, form in enumerate(forms(message.string)):
            source = ones[min(number, len(ones) - 1)]
            assert sorted(KEPT.findall(form)) == sorted(KEPT.findall(source)), message.id
            assert form.startswith("\n") == source.startswith("\n"), message.id
            assert form.endswith("\n") == source.endswith("\n"), message.id
            assert form.strip(" ") == form or source.strip(" ") != source, message.id


@EVERY
def test_what_is_read_is_what_was_translated(path: Path):
    assert path.with_suffix(".mo").read_bytes() == compiled(path), "run `make texts`"


@pytest.fixture
def reading(request: pytest.FixtureRequest) -> Iterator[str]:
    code: str = request.param
    language.follow(lambda: code)
    yield code
    language.follow(lambda: language.SOURCE)


@pytest.mark.parametrize("reading", ["de"], indirect=True)
def test_numbers_are_written_as_the_language_writes_them(reading: str):
    assert wording.percent(0.983, 300) == "98,3\u00a0%"
    assert wording.number(12345.0) == "12.345"
    assert wording.percent(0.00001) == "<0,01\u00a0%"
    assert wording.duration(1.26) == "1,3 s"
    assert wording.size(1434000) == "1,4 MB"
    assert wording.rate(0.0003) == "0,0003"
    assert wording.separators() == ",."
    assert "%" not in wording.points_between(0.02, 0.31)


@pytest.mark.parametrize("reading", ["xx"], indirect=True)
def test_a_language_that_there_is_not_reads_in_english(reading: str):
    assert language._("Pictures") == "Pictures"
    assert language.ngettext("run", "runs", 2) == "runs"
    assert language.nearest("xx-YY") is None


def test_nobody_who_asks_for_nothing_gets_the_heading_of_the_catalogue():
    assert language._("") == ""


def test_a_command_on_texts_leaves_the_next_one_speaking_of_pictures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    table = tmp_path / "empty.csv"
    table.write_text("")
    assert main(["train", str(table), "--kind", "texts", "--workspace", str(tmp_path / "workspace")]) == 2
    assert capsys.readouterr().err
    assert wording.pictures(1) == "1 picture"
