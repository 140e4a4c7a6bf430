"""What is read of lessons and words, for the catalogue of languages: Babel asks here when it collects its texts."""

import tomllib
from collections.abc import Iterator
from typing import Any, BinaryIO

#: The context of the forms of a word: a word that has one form may stand by itself elsewhere.
FORMS = "forms of a word"
#: Between the forms of a word, which are one text: another language may have more of them.
BETWEEN = " | "
Found = tuple[int, str, str | tuple[str, str], list[str]]
#: What of a file is read by people.
READ = {
    *("title", "lead", "aims", "discuss", "predict", "ask", "do", "look", "explain", "likely", "label", "figure"),
    *("name", "options", "series", "text", "term"),
}


def extract(file: BinaryIO, keywords: Any, comment_tags: Any, options: Any) -> Iterator[Found]:
    """Yield the texts of a TOML file the way Babel wants them: line, function, its arguments, comments."""
    yield from ((1, *call, []) for call in _texts(tomllib.loads(file.read().decode()), ""))


def _texts(value: Any, key: str) -> Iterator[tuple[str, str | tuple[str, str]]]:
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _texts(each, name)
    elif key == "forms":
        yield "pgettext", (FORMS, BETWEEN.join(value))
    elif isinstance(value, list):
        for each in value:
            yield from _texts(each, key)
    elif key in READ and value:
        yield "_", value
