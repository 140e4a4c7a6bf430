"""The texts of the code as a catalogue, and a language of which one sees at once what lacks a translation."""

from functools import cache
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.frontend import parse_keywords, parse_mapping_cfg
from babel.messages.mofile import write_mo

ROOT = Path(__file__).parents[1]
LOCALE = ROOT / "assets" / "locale"
#: As in the Makefile.
KEYWORDS = {**DEFAULT_KEYWORDS, **parse_keywords(["N_", "plural:2,3"])}
BEGIN, END = "⟦", "⟧"


@cache
def extracted() -> Catalog:
    """Return what ``make texts`` finds in the code."""
    with (LOCALE / "babel.cfg").open(encoding="utf-8") as file:
        methods, options = parse_mapping_cfg(file)
    catalog = Catalog()
    found = extract_from_dir(ROOT, methods, options, KEYWORDS, directory_filter=_is_ours)
    for name, _line, message, _comments, context in found:
        catalog.add(message, locations=[(name, 0)], context=context)
    return catalog


def _is_ours(folder: str) -> bool:
    return not Path(folder).name.startswith(".")


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
