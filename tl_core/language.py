"""The language of what people read: English in the code, other languages in one catalogue, ``assets/locale``.

The catalogue is that of gettext (https://www.gnu.org/software/gettext/): one ``.po`` a language for translators and
their tools, one ``.mo`` that is read here; ``make texts`` keeps them. A text that a language lacks is read in English.
"""

import contextlib
import functools
import gettext as files
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "assets" / "locale"
DOMAIN = "thaw"
#: What the texts in the code are written in.
SOURCE = "en"


def _source() -> str:
    return SOURCE


_asked: Callable[[], str] = _source
_fixed: ContextVar[str] = ContextVar("fixed", default="")


def follow(ask: Callable[[], str]) -> None:
    """Let ``ask`` say, at each text, which language it is read in: a server has readers of several at once."""
    global _asked
    _asked = ask


def current() -> str:
    """Return the code of the language that is read in, such as ``"de"``."""
    return _fixed.get() or _asked()


@contextlib.contextmanager
def written_in(code: str) -> Iterator[None]:
    """Give all texts in one language, whoever asks: for a job, or what is read by strangers."""
    before = _fixed.set(code)
    try:
        yield
    finally:
        _fixed.reset(before)


def speak(code: str) -> None:
    """Let this thread give all texts in one language from now on; "" for who asks. For the threads of a pool."""
    _fixed.set(code)


def languages() -> dict[str, str]:
    """Return the languages that there are: what each calls itself by its code, English first."""
    return _languages(FOLDER)


@functools.lru_cache(maxsize=4)
def _languages(folder: Path) -> dict[str, str]:
    from babel import Locale

    codes = [SOURCE, *sorted(path.parents[1].name for path in folder.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))]
    return {code: str(Locale.parse(code).get_language_name()).capitalize() for code in codes}


def nearest(wanted: str | None) -> str | None:
    """Return the language that serves somebody who wants this one, None if there is none.

    >>> nearest("en-GB"), nearest("de_AT"), nearest("xx"), nearest(None)
    ('en', 'de', None, None)
    """
    code = (wanted or "").replace("_", "-").split("-")[0].lower()
    return code if code in languages() else None


@functools.lru_cache(maxsize=16)
def _catalogue(folder: Path, code: str) -> files.NullTranslations:
    if code == SOURCE:
        return files.NullTranslations()
    return files.translation(DOMAIN, folder, [code], fallback=True)


def _(text: str) -> str:
    """Return a text in the language that is read in. "" stays "": in a catalogue that is its heading."""
    return _catalogue(FOLDER, current()).gettext(text) if text else ""


def pgettext(context: str, text: str) -> str:
    """Return a text that means something else here than elsewhere, in the language that is read in."""
    return _catalogue(FOLDER, current()).pgettext(context, text)


def ngettext(one: str, many: str, number: int) -> str:
    """Return the form of a text that goes with a number, in the language that is read in."""
    return _catalogue(FOLDER, current()).ngettext(one, many, number)


def NP_(context: str, text: str) -> str:  # noqa: N802
    """Return a text as it is, and mark it for the catalogue with its context: ``pgettext`` shows it."""
    return text


def N_(text: str) -> str:  # noqa: N802
    """Return a text as it is, and mark it for the catalogue: what a table holds is translated where it is shown."""
    return text
