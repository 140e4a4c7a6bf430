"""What a file is that people take for a picture, where it cannot be read: a film, a drawing, a web page."""

import re

from tl_core.language import N_, _

#: So many bytes are looked at.
HEAD = 160
#: Where it stands, what stands there, and how a person calls such a file.
_KINDS: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\xff\x0a", N_("a JPEG XL picture")),
    (0, b"\0\0\0\x0cJXL \r\n\x87\n", N_("a JPEG XL picture")),
    (0, b"8BPS", N_("a Photoshop file that cannot be read")),
    (0, b"gimp xcf", N_("a GIMP file")),
    (0, b"v/1\x01", N_("an OpenEXR picture")),
    (0, b"#?RADIANCE", N_("a Radiance HDR picture")),
    (128, b"DICM", N_("a DICOM file")),
    (0, b"%PDF", N_("a PDF document")),
    (0, b"%!PS", N_("a PostScript drawing")),
    (4, b"ftyp", N_("a film")),
    (0, b"\x1a\x45\xdf\xa3", N_("a film")),
    (8, b"AVI ", N_("a film")),
)
#: The brands of pictures among the files that begin as films do: HEIC and AVIF, of which this one is damaged.
_STILL = (b"heic", b"heix", b"hevc", b"mif1", b"msf1", b"avif", b"avis")
_MARKUP = {
    rb"\s*(?:<\?xml[^>]*>\s*)?(?:<!--.*?-->\s*)*<(?:svg|!doctype svg)": N_("an SVG drawing"),
    rb"\s*<(?:!doctype html|html)": N_("a web page, so its download went wrong"),
}


def named(data: bytes) -> str:
    """Return what a file is, as it stands in a sentence, in the language of the person; ``""`` if that is not known.

    >>> named(b"%PDF-1.4"), named(b"<html>404</html>"), named(b"hello")
    ('a PDF document', 'a web page, so its download went wrong', '')
    """
    head = data[:HEAD]
    for at, mark, kind in _KINDS:
        if head.startswith(mark, at) and not (mark == b"ftyp" and head[8:12] in _STILL):
            return _(kind)
    matching = (kind for pattern, kind in _MARKUP.items() if re.match(pattern, head, re.IGNORECASE | re.DOTALL))
    return next((_(kind) for kind in matching), "")


def why(data: bytes, otherwise: str) -> str:
    """Return why a file is not read as a picture: by what it is, else the other sentence."""
    kind = named(data)
    return _("It is {kind}. Save the picture as JPEG or PNG.").format(kind=kind) if kind else otherwise
