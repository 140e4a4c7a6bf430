"""The texts of the code as a catalogue, brought into the file of each language by ``python -m tests.texts [LANGUAGE]``.

Also a language of which one sees at once what lacks a translation.

What is said otherwise where a project holds no pictures is written by hand into ``en@texts``, and from there comes into
``de@texts`` and its like.
"""

import io
import sys
from functools import cache
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).parents[1]
LOCALE = ROOT / "assets" / "locale"
KEYWORDS = {**DEFAULT_KEYWORDS, **parse_keywords(["N_", "NP_:1c,2", "plural:2,3"])}
BEGIN, END = "⟦", "⟧"


@cache
def extracted() -> Catalog:
    """Return all texts of the code, with the files that they stand in."""
    with (LOCALE / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    catalog = Catalog()
    found = extract_from_dir(ROOT, methods, options, KEYWORDS, directory_filter=_is_ours)
    for name, _line, message, _comments, context in found:
        catalog.add(message, locations=[(name, 0)], context=context)
    return catalog


def _is_ours(folder: str) -> bool:
    return not Path(folder).name.startswith(".")


def files() -> list[Path]:
    """Return the file of each language that translators work on; what is read lies beside it, with the end ``.mo``."""
    return [path for path in sorted(LOCALE.glob("*/LC_MESSAGES/thaw.po")) if "@" not in path.parents[1].name]


def variants(things: str = "*") -> list[Path]:
    """Return the files of what is said otherwise of something, the English one first; of everything by default."""
    every = LOCALE.glob(f"*@{things}/LC_MESSAGES/thaw.po")
    return sorted(every, key=lambda path: (not path.parents[1].name.startswith("en@"), path))


def code_of(path: Path) -> str:
    """Return the code of the language of a file."""
    return path.parents[1].name.partition("@")[0]


def read(path: Path) -> Catalog:
    """Return what has been translated into a language; the file may not be there yet."""
    if not path.exists():
        return Catalog(locale=code_of(path))
    with path.open("rb") as file:
        return read_po(file, locale=code_of(path))


def wanted(path: Path) -> list[Message]:
    """Return the texts that the file of a language has: all of the code, or those that are said otherwise."""
    code, _at, things = path.parents[1].name.partition("@")
    if not things:
        return [message for message in extracted() if message.id]
    source = read(variants(things)[0])
    return [
        Message(
            message.id,
            locations=message.locations,
            auto_comments=[] if code == "en" else [_said(known)],
            context=message.context,
        )
        for message in extracted()
        if message.id and (known := source.get(message.id, message.context))
    ]


def _said(message: Message) -> str:
    return " | ".join([message.string] if isinstance(message.string, str) else message.string)


def update(path: Path) -> None:
    """Bring the texts of the code into the file of a language, drop those that are no longer there, and compile it."""
    before, code = read(path), code_of(path)
    name = Locale.parse(code).get_display_name("en")
    about = {"project": "Thaw", "version": "1", "msgid_bugs_address": "", "last_translator": "", "language_team": name}
    dates = {"creation_date": before.creation_date, "revision_date": before.revision_date}
    catalog = Catalog(locale=code, fuzzy=False, header_comment=f"# {name} texts of Thaw.", **about, **dates)
    for message in wanted(path):
        known, more = before.get(message.id, message.context), {"auto_comments": message.auto_comments}
        string = known.string if known else None
        added = catalog.add(message.id, string, message.locations, context=message.context, **more)
        added.flags.discard("python-format")  # values are put in by str.format: a per cent sign is one
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        write_po(file, catalog, width=0, include_lineno=False)
    path.with_suffix(".mo").write_bytes(compiled(path))


def compiled(path: Path) -> bytes:
    """Return a language as it is read."""
    file = io.BytesIO()
    write_mo(file, read(path))
    return file.getvalue()


def pseudo(folder: Path, code: str) -> Path:
    """Write a language in which every translated text stands in ⟦brackets⟧, and return the folder of languages."""
    catalog = Catalog(locale=code)
    for message in extracted():
        if message.id:
            forms = (message.id,) if isinstance(message.id, str) else message.id
            marked = [f"{BEGIN}{form}{END}" for form in forms]
            catalog.add(message.id, marked[0] if isinstance(message.id, str) else marked, context=message.context)
    place = folder / code / "LC_MESSAGES"
    place.mkdir(parents=True)
    with (place / "thaw.mo").open("wb") as file:
        write_mo(file, catalog)
    return folder


if __name__ == "__main__":
    begun = [LOCALE / code / "LC_MESSAGES" / "thaw.po" for code in sys.argv[1:]]
    for each in {*files(), *variants(), *begun}:
        update(each)
