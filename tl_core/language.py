"""The language of what people read: English in the code, other languages in one catalogue, ``assets/locale``.

The catalogue is that of gettext (https://www.gnu.org/software/gettext/): one ``.po`` a language for translators and
their tools, one ``.mo`` that is read here; ``make texts`` keeps them. A text that a language lacks is read in English.

The code speaks of pictures. What is said otherwise where a project holds something else stands in a variant of each
language, English too, by gettext's modifiers: ``en@texts`` and ``de@texts`` have only what differs.
"""

import contextlib
import functools
import gettext as files
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from pathlib import Path

FOLDER = Path(__file__).parents[1] / "assets" / "locale"
DOMAIN = "thaw"
#: What the texts in the code are written in, and what they speak of.
SOURCE, THINGS = "en", "pictures"


def _source() -> str:
    return SOURCE


_asked: Callable[[], str] = _source
_fixed: ContextVar[str] = ContextVar("fixed", default="")
_things: ContextVar[str] = ContextVar("things", default="")


def follow(ask: Callable[[], str]) -> None:
    """Let ``ask`` say, at each text, how it is read (``spoken``): a server has readers of several languages at once."""
    global _asked
    _asked = ask


def current() -> str:
    """Return the code of the language that is read in, such as ``"de"``."""
    return _fixed.get() or _asked().partition("@")[0]


def things() -> str:
    """Return what is spoken of, an id of ``tasks``: ``"pictures"`` or ``"texts"``."""
    return _things.get() or _asked().partition("@")[2] or THINGS


def spoken() -> str:
    """Return how texts are read here, as ``written_in`` takes it: ``"de@texts"`` is German, of texts."""
    return f"{current()}@{things()}"


@contextlib.contextmanager
def written_in(spoken: str) -> Iterator[None]:
    """Give all texts in one language, whoever asks: for a job, or what is read by strangers.

    Args:
        spoken: as ``spoken`` returns it, or the code of a language alone.
    """
    before, of = _fixed.get(), _things.get()
    speak(spoken)
    try:
        yield
    finally:
        _fixed.set(before)
        _things.set(of)


def speak(spoken: str) -> None:
    """Let this thread give all texts in one language from now on; "" for who asks. For the threads of a pool."""
    code, _at, of = spoken.partition("@")
    _fixed.set(code)
    speak_of(of or _things.get())


def speak_of(things: str) -> None:
    """Let all texts speak of ``"pictures"`` or ``"texts"``, from now on in this context."""
    _things.set(things)


@contextlib.contextmanager
def speaking_of(things: str) -> Iterator[None]:
    """Let all texts speak of ``"pictures"`` or ``"texts"``: for one of several projects on a page."""
    before = _things.get()
    _things.set(things)
    try:
        yield
    finally:
        _things.set(before)


def languages() -> dict[str, str]:
    """Return the languages that there are: what each calls itself by its code, English first."""
    return _languages(FOLDER)


@functools.lru_cache(maxsize=4)
def _languages(folder: Path) -> dict[str, str]:
    from babel import Locale

    names = (path.parents[1].name for path in folder.glob(f"*/LC_MESSAGES/{DOMAIN}.mo"))
    codes = [SOURCE, *sorted(name for name in names if "@" not in name)]
    return {code: str(Locale.parse(code).get_language_name()).capitalize() for code in codes}


def nearest(wanted: str | None) -> str | None:
    """Return the language that serves somebody who wants this one, None if there is none.

    >>> nearest("en-GB"), nearest("de_AT"), nearest("xx"), nearest(None)
    ('en', 'de', None, None)
    """
    code = (wanted or "").replace("_", "-").split("-")[0].lower()
    return code if code in languages() else None


def _spoken() -> files.NullTranslations:
    return _catalogue(FOLDER, current(), things())


@functools.lru_cache(maxsize=64)
def _catalogue(folder: Path, code: str, of: str) -> files.NullTranslations:
    return files.translation(DOMAIN, folder, [f"{code}@{of}", code], fallback=True)


def _(text: str) -> str:
    """Return a text in the language that is read in. "" stays "": in a catalogue that is its heading."""
    return _spoken().gettext(text) if text else ""


def pgettext(context: str, text: str) -> str:
    """Return a text that means something else here than elsewhere, in the language that is read in."""
    return _spoken().pgettext(context, text)


def ngettext(one: str, many: str, number: int) -> str:
    """Return the form of a text that goes with a number, in the language that is read in."""
    return _spoken().ngettext(one, many, number)


def NP_(context: str, text: str) -> str:  # noqa: N802
    """Return a text as it is, and mark it for the catalogue with its context: ``pgettext`` shows it."""
    return text


def N_(text: str) -> str:  # noqa: N802
    """Return a text as it is, and mark it for the catalogue: what a table holds is translated where it is shown."""
    return text
