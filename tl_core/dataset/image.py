"""One image: from the bytes of any file to the stored file, a network's array, a thumbnail.

Whatever comes in, the stored image is upright, RGB (sRGB), opaque, free of metadata and bounded in size. Encoding is
deterministic, so the same image always gets the same id. The time at which it was taken is read beside it, since the
images of one moment must stay in one split.
"""

import contextlib
import functools
import hashlib
import io
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pillow_heif
from numpy.typing import NDArray
from PIL import Image, ImageCms, ImageOps, UnidentifiedImageError

from tl_core.dataset import exif, hashing
from tl_core.errors import InputError

#: Longest side of a stored image, in pixels.
LONGEST_SIDE = 1024
#: An image with more pixels than this is not decoded: 108-megapixel phones pass, decompression bombs do not.
MAX_PIXELS = 120_000_000

LOSSY = frozenset({"JPEG", "MPO", "WEBP", "HEIF", "AVIF", "JPEG2000"})
#: Not images of pixels, or opened by starting another program (Ghostscript).
REFUSED = frozenset({"EPS", "PDF", "WMF", "MPEG", "BUFR", "GRIB", "HDF5"})
BIG_PIXELS = 24_000_000
BOMB = f"It claims more than {MAX_PIXELS // 1_000_000} million pixels, the limit. Make it smaller first."

pillow_heif.register_heif_opener()
Image.MAX_IMAGE_PIXELS = MAX_PIXELS

_one_big_picture = threading.Lock()


@dataclass(frozen=True)
class StoredImage:
    """An image as it is stored.

    Attributes:
        data: the encoded file.
        suffix: ``".jpg"`` (lossy source; quality 95, 4:4:4) or ``".png"``.
        width, height: in pixels, the longer one at most LONGEST_SIDE.
        id: SHA-256 of ``data``, 64 hex digits.
        look: hash and mean colours, 160 hex digits (``hashing.look``); near duplicates differ in few bits.
        taken: when and by which camera (``exif.taken``); ``""`` if the file does not say.
    """

    data: bytes
    suffix: str
    width: int
    height: int
    id: str
    look: str
    taken: str


def decode(data: bytes) -> StoredImage:
    """Return the image in ``data`` as it is stored. Reads whatever Pillow reads, and HEIC/HEIF.

    >>> buffer = io.BytesIO()
    >>> Image.new("LA", (30, 20)).save(buffer, "PNG")
    >>> decode(buffer.getvalue()).suffix
    '.png'

    Raises:
        InputError: why it cannot be read, as a sentence about "it".
    """
    if not data:
        raise InputError("The file is empty.")
    image, source = _rgb(io.BytesIO(data), (LONGEST_SIDE, LONGEST_SIDE))
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.BICUBIC, reducing_gap=2.0)
    suffix = ".jpg" if source in LOSSY else ".png"
    stored = _encode(image, suffix)
    return StoredImage(
        data=stored,
        suffix=suffix,
        width=image.width,
        height=image.height,
        id=hashlib.sha256(stored).hexdigest(),
        look=hashing.look(image),
        taken=exif.taken(data),
    )


def content(picture: str | Path | bytes) -> bytes:
    """Return the content of an image file, given as it is or by its path. Raises InputError if it cannot be read."""
    if isinstance(picture, bytes):
        return picture
    try:
        return Path(picture).read_bytes()
    except OSError as exc:
        raise InputError(f"The picture {picture} cannot be read: {exc.strerror}. Check the path.") from exc


def pixels(picture: str | Path | bytes, size: int) -> NDArray[np.uint8]:
    """Return an image as a network sees it: ``(size, size, 3)`` uint8 RGB, squashed to a square.

    This is the one resize of training and prediction. Give it a stored image; one from outside goes through ``decode``
    first, so that both have had the same treatment.

    Raises:
        InputError: the image cannot be read.
    """
    image, _ = _rgb(_binary(picture), (2 * size, 2 * size))
    return np.array(image.resize((size, size), Image.Resampling.BILINEAR, reducing_gap=2.0))


def thumbnail(picture: str | Path | bytes, side: int) -> bytes:
    """Return a small JPEG of an image, its longer side at most ``side`` pixels."""
    image, _ = _rgb(_binary(picture), (2 * side, 2 * side))
    image.thumbnail((side, side), Image.Resampling.BICUBIC, reducing_gap=2.0)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=82)
    return buffer.getvalue()


def grey(side: int) -> bytes:
    """Return a grey JPEG in the place of a picture that cannot be shown, ``side`` pixels square."""
    buffer = io.BytesIO()
    Image.new("RGB", (side, side), "#9aa5ab").save(buffer, "JPEG")
    return buffer.getvalue()


def _binary(picture: str | Path | bytes) -> BinaryIO:
    return io.BytesIO(content(picture))


def _encode(image: Image.Image, suffix: str) -> bytes:
    buffer = io.BytesIO()
    if suffix == ".jpg":
        image.save(buffer, "JPEG", quality=95, subsampling=0)
    else:
        image.save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()


def _rgb(file: BinaryIO, least: tuple[int, int]) -> tuple[Image.Image, str]:
    """Return the upright RGB image and the format that it came in.

    Args:
        file: the encoded image.
        least: width and height in pixels below which a JPEG is not reduced while it is decoded.
    """
    try:
        image = Image.open(file, formats=_formats())
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as exc:
        raise InputError(BOMB) from exc
    except UnidentifiedImageError as exc:
        raise InputError("It is not a picture in any format that can be read, whatever its name says.") from exc
    except Exception as exc:  # decoders raise anything on damaged data; one bad file must not end an import
        raise InputError(f"It is damaged and cannot be read ({exc}).") from exc
    with image:
        if image.width * image.height > MAX_PIXELS:
            raise InputError(BOMB)
        image.draft(None, least)
        return _load(image), str(image.format)


def _load(image: Image.Image) -> Image.Image:
    big = image.width * image.height > BIG_PIXELS
    try:
        with _one_big_picture if big else contextlib.nullcontext():
            image.load()
            _turn_upright(image)
            return _srgb(image, image.info.get("icc_profile"))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as exc:
        raise InputError(BOMB) from exc
    except Exception as exc:
        text = "It is cut off: the end of the file is missing." if "truncated" in str(exc).lower() else ""
        raise InputError(text or f"It is damaged and cannot be read ({exc}).") from exc


@functools.cache
def _formats() -> list[str]:
    Image.init()
    return [name for name in Image.ID if name not in REFUSED]


def _turn_upright(image: Image.Image) -> None:
    """Turn a loaded image as its EXIF orientation says. In place: the pixels are turned before EXIF is written back."""
    with contextlib.suppress(Exception):  # damaged metadata of any kind: the image itself is fine
        ImageOps.exif_transpose(image, in_place=True)


def _srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return any loaded image as opaque RGB on white, its colours turned into sRGB."""
    if image.mode.startswith("I") or image.mode == "F":
        return Image.fromarray(_to_8_bits(np.asarray(image))).convert("RGB")
    if image.has_transparency_data:
        rgba = image.convert("RGBA")
        white = Image.new("RGBA", rgba.size, "white")
        white.alpha_composite(rgba)
        image = white.convert("RGB")
    if image.mode in ("P", "1", "HSV", "YCbCr", "RGBX"):
        image = image.convert("RGB")
    if profile or image.mode == "LAB":
        image = _managed(image, profile)
    return image.convert("RGB")


def _managed(image: Image.Image, profile: bytes | None) -> Image.Image:
    transform = _transform(profile, image.mode)
    return image if transform is None else transform.apply(image)


@functools.lru_cache(maxsize=32)
def _transform(profile: bytes | None, mode: str) -> ImageCms.ImageCmsTransform | None:
    """Return the transform from a profile to sRGB; None if the profile is damaged or made for another mode."""
    try:
        source: Any = ImageCms.createProfile("LAB") if mode == "LAB" else io.BytesIO(profile or b"")
        source = ImageCms.getOpenProfile(source) if isinstance(source, io.BytesIO) else source
        return ImageCms.buildTransform(source, ImageCms.createProfile("sRGB"), mode, "RGB")
    except (ImageCms.PyCMSError, OSError):
        return None


def _to_8_bits(values: NDArray[Any]) -> NDArray[np.uint8]:
    """Scale grey values of 16 or 32 bits, or floats, to 0..255.

    Integers count as 8, 12 or 16 bits, whichever is the least that holds them (microscopes and X-ray detectors write
    12 bits into 16); floats as 0..1 or 0..255. What fits none of these is stretched from its darkest to its brightest.
    """
    grey = np.nan_to_num(values.astype(np.float32), posinf=0.0, neginf=0.0)
    low, high = float(np.min(grey)), float(np.max(grey))
    usual = (1.0, 255.0) if values.dtype.kind == "f" else (255.0, 4095.0, 65535.0)
    white = next((bound for bound in usual if low >= 0 and high <= bound), None)
    if white is None:
        grey, white = grey - low, max(high - low, 1e-12)
    scaled: NDArray[np.uint8] = np.rint(grey * (255.0 / white)).astype(np.uint8)
    return scaled
