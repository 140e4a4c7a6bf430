"""The bytes of any file as a loaded picture, with what is odd about it put right or refused by what it is."""

import contextlib
import functools
import io
import struct
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pillow_heif
from PIL import Image, ImageOps, PngImagePlugin, TiffImagePlugin, UnidentifiedImageError

from tl_core import wording
from tl_core.dataset import exif, jpeg_scans, other_files
from tl_core.errors import InputError
from tl_core.language import N_, _

#: An image with more pixels than this is not decoded: 108-megapixel phones pass, decompression bombs do not.
MAX_PIXELS = 120_000_000
#: Text or a colour profile of a PNG may unpack to this many bytes; more is passed over, the picture is taken.
MAX_CHUNK = 16 * 2**20

#: Not images of pixels, or opened by starting another program (Ghostscript).
REFUSED = frozenset({"EPS", "PDF", "WMF", "MPEG", "BUFR", "GRIB", "HDF5"})
#: Formats whose files may hold several pictures that a person sees; others add previews and depth maps.
_SEVERAL = frozenset({"GIF", "PNG", "WEBP", "TIFF"})
BIG_PIXELS = 24_000_000
BOMB = N_("It claims more than {most} million pixels, the limit. Make it smaller first.")
DAMAGED = N_("It is damaged and cannot be read ({reason}).")
CUT_OFF = N_("It is cut off: the end of the file is missing.")
NO_PICTURE = N_("It is not a picture in any format that can be read, whatever its name says.")
RAW = N_("It is the raw file of a camera, of which only a small preview can be read. Export it as JPEG, TIFF or PNG.")

#: First bytes of raw files, after how many bytes they come.
_RAW_HEADS = ((b"IIRO", 0), (b"IIRS", 0), (b"MMOR", 0), (b"IIU\0", 0), (b"FUJIFILMCCD-RAW", 0), (b"FOVb", 0),
              (b"ftypcrx ", 4), (b"CR\2", 8))  # fmt: skip
_TIFF_HEADS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")
_REDUCED, _BITS, _PHOTOMETRIC, _SAMPLES, _FORMAT, _DNG = 254, 258, 262, 277, 339, 50706
_SENSOR = (32803, 34892)  # colours of a sensor, as they were or in lines
_PNG_HEAD = b"\x89PNG\r\n\x1a\n"
_PNG_LARGE = (b"tEXt", b"zTXt", b"iTXt", b"iCCP")

pillow_heif.register_heif_opener()
Image.MAX_IMAGE_PIXELS = MAX_PIXELS
PngImagePlugin.MAX_TEXT_CHUNK = MAX_CHUNK

_one_big_picture = threading.Lock()


@dataclass(frozen=True)
class About:
    """What a file says: its ``format``, when it was ``taken`` (``exif.taken``), how many ``frames`` it has."""

    format: str
    taken: str
    frames: int


@contextlib.contextmanager
def loaded(data: bytes, least: tuple[int, int]) -> Iterator[tuple[Image.Image, About]]:
    """Give the picture in a file, loaded and upright, and what is said of it; of several pictures the first.

    Args:
        data: the encoded picture.
        least: width and height in pixels below which a JPEG is not reduced while it is decoded.

    Raises:
        InputError: why it cannot be read, as a sentence about "it".
    """
    refuse_raw(data)
    try:
        image = _opened(data)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as exc:
        raise bomb() from exc
    except UnidentifiedImageError as exc:
        raise InputError(_bands(data) or other_files.why(data, _(NO_PICTURE))) from exc
    except Exception as exc:  # decoders raise anything on damaged data; one bad file must not end an import
        raise InputError(_bands(data) or other_files.why(data, _(DAMAGED).format(reason=exc))) from exc
    with image:
        check_size(image)
        big = image.width * image.height > BIG_PIXELS
        with _one_big_picture if big else contextlib.nullcontext(), _sentences():
            kind, frames = str(image.format), _frames(image)
            image.draft(None, least)
            whole = _loaded(image, data, least)
            # Of a PNG whose data is damaged EXIF is read in vain, and it loads as black after that.
            about = About(kind, exif.taken(image), frames)
            _turn_upright(whole)
            yield whole, about


def check_size(image: Image.Image) -> None:
    """Raise InputError if a picture has more pixels than are decoded."""
    if image.width * image.height > MAX_PIXELS:
        raise bomb()


def bomb() -> InputError:
    """Return the refusal of a picture with more pixels than are decoded."""
    return InputError(_(BOMB).format(most=MAX_PIXELS // 1_000_000))


@contextlib.contextmanager
def _sentences() -> Iterator[None]:
    try:
        yield
    except InputError:
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as exc:
        raise bomb() from exc
    except Exception as exc:
        cut = "truncated" in str(exc).lower()
        raise InputError(_(CUT_OFF if cut else DAMAGED).format(reason=exc)) from exc


def _frames(image: Image.Image) -> int:
    if image.format not in _SEVERAL:
        return 1
    with contextlib.suppress(Exception):  # a damaged second picture is no matter
        return int(getattr(image, "n_frames", 1))
    return 1


def _opened(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=formats())
    except ValueError:
        if not data.startswith(_PNG_HEAD):
            raise
        return Image.open(io.BytesIO(_without_large_chunks(data)), formats=formats())


@functools.cache
def formats() -> list[str]:
    """Return Pillow's names of the formats that are read."""
    Image.init()
    return [name for name in Image.ID if name not in REFUSED]


def _without_large_chunks(data: bytes) -> bytes:
    """Return a PNG without text and colour profile, which need not be read to see it."""
    at, chunks = len(_PNG_HEAD), [_PNG_HEAD]
    while at + 8 <= len(data):
        (size,) = struct.unpack_from(">I", data, at)
        if data[at + 4 : at + 8] not in _PNG_LARGE:
            chunks.append(data[at : at + 12 + size])
        at += 12 + size
    return b"".join(chunks)


def _loaded(image: Image.Image, data: bytes, least: tuple[int, int]) -> Image.Image:
    """Return the image with its pixels; a JPEG of which nothing is missing but the end marker is whole."""
    try:
        image.load()
    except OSError as exc:
        if image.format not in ("JPEG", "MPO") or "truncated" not in str(exc):
            raise
        return _without_its_end(data, least)
    return image


def _without_its_end(data: bytes, least: tuple[int, int]) -> Image.Image:
    """Return a JPEG that has no end marker.

    Raises:
        InputError: a scan is missing, or pixels of one: what follows changes them then.
    """
    data = data.rstrip(b"\xff")  # half of a marker
    if not jpeg_scans.are_complete(data):
        raise InputError(_(CUT_OFF))
    endings = (b"", *(bytes([value]) * 4096 for value in (0x00, 0x55, 0xAA)))
    first, *others = (Image.open(io.BytesIO(data + ending + b"\xff\xd9"), formats=["JPEG"]) for ending in endings)
    for image in (first, *others):
        image.draft(None, least)
    pixels = np.asarray(first)
    if not all(np.array_equal(pixels, np.asarray(other)) for other in others):
        raise InputError(_(CUT_OFF))
    return first


def _turn_upright(image: Image.Image) -> None:
    """Turn a loaded image as its EXIF orientation says. In place: the pixels are turned before EXIF is written back."""
    with contextlib.suppress(Exception):  # damaged metadata of any kind: the image itself is fine
        ImageOps.exif_transpose(image, in_place=True)


def _tags(data: bytes) -> TiffImagePlugin.ImageFileDirectory_v2 | None:
    """Return the tags of the first page of a TIFF; None if it is none, or damaged."""
    if data[:4] not in _TIFF_HEADS:
        return None
    try:
        tags = TiffImagePlugin.ImageFileDirectory_v2(data[:16] if data[2] == 43 or data[3] == 43 else data[:8])
        file = io.BytesIO(data)
        file.seek(tags.next)
        tags.load(file)
    except Exception:  # damaged in any way: Pillow says how
        return None
    return tags


def refuse_raw(data: bytes) -> None:
    """Raise InputError if this is the raw file of a camera: what Pillow reads of it is a thumbnail."""
    tags = _tags(data)
    raw = any(data.startswith(head, at) for head, at in _RAW_HEADS)
    if tags is not None:
        raw |= bool(tags.get(_REDUCED, 0) & 1) or _DNG in tags or tags.get(_PHOTOMETRIC) in _SENSOR
    if raw:
        raise InputError(_(RAW))


def _bands(data: bytes) -> str:
    """Return what a TIFF is whose bands are none of a picture, a sentence; ``""`` if that is not the reason."""
    tags = _tags(data)
    if tags is None:
        return ""
    count, kind = tags.get(_SAMPLES, 1), tags.get(_FORMAT, (1,))
    bits = max(tags.get(_BITS, (1,)))
    numbers = _("{bits}-bit floating-point numbers") if 3 in kind else _("{bits}-bit numbers")
    if 3 not in kind and max(kind) > 4:
        numbers = _("{bits}-bit complex numbers")
    held = {"bands": wording.plural(count, "band", "bands"), "numbers": numbers.format(bits=bits)}
    if count > 4:
        return _("It has {bands} of {numbers}: a satellite or measuring picture. Export three bands as RGB.").format(
            **held
        )
    if count == 2 or (count in (1, 3, 4) and (bits > 8 or 3 in kind)):
        return _(
            "It has {bands} of {numbers}, which is neither grey nor colour as pictures have it. Export it as 8-bit RGB "
            "or grey."
        ).format(**held)
    return ""
