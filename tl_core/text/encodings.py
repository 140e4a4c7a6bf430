"""The bytes of a file as text: the encoding is guessed, and what is no text is called by its name.

What is valid UTF-8 is UTF-8: that hardly ever happens by chance. Else few foreign bytes among ASCII are the accents and
quotation marks of a Western code page; charset-normalizer takes such a file for Central European, so it is asked only
where most letters are foreign, as in Cyrillic or Japanese.
"""

import codecs
import re

from tl_core.errors import InputError
from tl_core.language import N_, _
from tl_core.text.guess import Guess

#: What may be chosen, the likeliest first.
ENCODINGS = ("utf-8", "windows-1252", "utf-16", "mac-roman", "cp850", "windows-1250", "windows-1251", "iso-8859-1")
#: Of these one is taken where most letters are ASCII. The earlier wins a tie.
_WESTERN = ("windows-1252", "mac-roman", "cp850", "iso-8859-1")
_MARKS = {codecs.BOM_UTF8: "utf-8-sig", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
#: At most this much of a file is looked at for what all of it shows.
_SAMPLE = 2**20
#: A text has fewer bytes than this share that are no characters; what has more is no text.
_STRAY = 0.02
#: From this share of its letters on, foreign ones are those of another script.
_FOREIGN = 0.3
_NO_TEXTS = {
    b"\x89PNG": N_("a PNG picture"),
    b"\xff\xd8\xff": N_("a JPEG picture"),
    b"GIF8": N_("a GIF picture"),
    b"%PDF": N_("a PDF document"),
    b"PK\x03\x04": N_("a zip or a document of an office program"),
    b"\xd0\xcf\x11\xe0": N_("a document of an old office program, such as .xls"),
    b"PAR1": N_("a Parquet table"),
    b"SQLite format 3": N_("a database"),
    b"\x1f\x8b": N_("an archive (gzip)"),
    b"7z\xbc\xaf": N_("an archive (7z)"),
    b"Rar!": N_("an archive (RAR)"),
}
#: Bytes that are no characters in any encoding of one byte.
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\v\f\r\x1b"))
#: What stands inside words in the wrong Western code page, and hardly ever in the right one.
_ODD = re.compile(
    r"[\x80-\x9f─-▟ﬁﬂ◊∂∑∏π∫Ω√≈∆ı˜¯˘˙˚˝˛ˇ¸‹›]|(?<=[a-z])[À-ÖØ-ÞŒŠŽŸ](?=[a-z])"
    r"|(?<=\w)[^\w\s'’`´‘“”„.,;:!?&/()*+=_~#@%€£$¢¥°–—…-](?=\w)"
)


def decode(data: bytes, name: str, encoding: str | None = None) -> tuple[str, Guess]:
    """Return the text in the bytes of a file, and in which encoding it is.

    Args:
        data: the whole file.
        name: of the file, for a person.
        encoding: that a person chose; None to guess.

    Raises:
        InputError: it is empty, no text, or not in the encoding that was chosen.
    """
    if not data.strip(b"\0\t\r\n \xef\xbb\xbf\xff\xfe"):
        raise InputError(_("“{name}” is empty: there is no text in it. Choose another file.").format(name=name))
    if encoding is not None:
        return _chosen(data, name, encoding)
    if mark := next((mark for mark in _MARKS if data.startswith(mark)), None):
        page, why = _MARKS[mark], _("The file begins with the mark of this encoding.")
    elif page := _wide(data):
        why = _("Every other byte is zero, as in English texts of this encoding.")
    else:
        _refuse_other_files(data, name)
        page, why = _narrow(data)
    try:
        text = data.decode(page)
    except UnicodeDecodeError:  # a file that is cut off, or a mark that was no mark
        page, text = "iso-8859-1", data.decode("iso-8859-1")
        why = _("The file is in no encoding that was tried; every byte is read as one character.")
    value = page.removesuffix("-sig").removesuffix("-le").removesuffix("-be")
    others = tuple(each for each in ENCODINGS if each != value)
    return text.removeprefix("\ufeff"), Guess(value=value, why=why, others=others)


def _chosen(data: bytes, name: str, encoding: str) -> tuple[str, Guess]:
    wide = encoding.lower().replace("_", "-") == "utf-16" and not data.startswith(tuple(_MARKS))
    try:
        text = data.decode((_wide(data) or "utf-16-le") if wide else encoding)
    except LookupError as exc:
        raise InputError(
            _("There is no encoding “{encoding}”. Choose one of {encodings}.").format(
                encoding=encoding[:40], encodings=", ".join(ENCODINGS)
            )
        ) from exc
    except ValueError as exc:
        place = data.count(b"\n", 0, exc.start) + 1 if isinstance(exc, UnicodeDecodeError) else 1
        raise InputError(
            _("“{name}” is not in the encoding {encoding}: line {line} has other bytes. Choose another.").format(
                name=name, encoding=encoding[:40], line=place
            )
        ) from exc
    return text.removeprefix("\ufeff"), Guess(
        value=encoding, why=_("You chose it."), others=tuple(each for each in ENCODINGS if each != encoding)
    )


def _wide(data: bytes) -> str:
    """Return the encoding of two bytes a character in which half of the bytes are zero; ``""`` for none."""
    head = data[: _SAMPLE // 2 * 2]
    even, odd = head[::2].count(0), head[1::2].count(0)
    most, least = max(even, odd), min(even, odd)
    if 4 * most < len(head) // 2 or 10 * least > most:
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _refuse_other_files(data: bytes, name: str) -> None:
    kind = next((kind for begin, kind in _NO_TEXTS.items() if data.startswith(begin)), None)
    head = data[:_SAMPLE]
    stray = len(head) - len(head.translate(None, delete=_CONTROLS))
    if kind is None and (b"\0" not in head or stray <= max(1, _STRAY * len(head))):
        return
    if kind is None:
        raise InputError(
            _("“{name}” is no text: it holds bytes that no text has. Save it as CSV in UTF-8.").format(name=name)
        )
    raise InputError(
        _("“{name}” is {kind}, not a table of texts. Choose a CSV, TSV, JSONL or .xlsx file.").format(
            name=name, kind=_(kind)
        )
    )


def _narrow(data: bytes) -> tuple[str, str]:
    """Return the encoding of one or more bytes a character, and what speaks for it."""
    if data.isascii():
        return "utf-8", _("All characters are plain ASCII, which reads the same in most encodings.")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        pass
    else:
        return "utf-8", _("All foreign characters are valid in this encoding.")
    foreign = b" ".join(line for line in data[:_SAMPLE].splitlines() if not line.isascii())
    page = _of_another_script(foreign) or min(_WESTERN, key=lambda each: _oddness(foreign, each))
    example = next(iter(re.findall(r"\w*[^\x00-\x7f]\w*", foreign.decode(page, "replace"))), "")
    return page, _("The file is not in UTF-8. In this encoding it says, for instance, “{example}”.").format(
        example=example[:40]
    )


def _of_another_script(data: bytes) -> str:
    letters = sum(byte > 127 or chr(byte).isalpha() for byte in data)
    if sum(byte > 127 for byte in data) < _FOREIGN * letters:
        return ""
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    return best.encoding if best else ""


def _oddness(data: bytes, page: str) -> int:
    try:
        return len(_ODD.findall(data.decode(page)))
    except UnicodeDecodeError:
        return len(data)
