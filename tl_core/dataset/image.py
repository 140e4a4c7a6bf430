"""One image: from the bytes of any file to the stored file, a network's array, a thumbnail.

Whatever comes in, the stored image is upright, RGB (sRGB), opaque, free of metadata and bounded in size. Encoding is
deterministic, so the same image always gets the same id. The time at which it was taken is read beside it, since the
images of one moment must stay in one split.
"""

import functools
import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageCms

from tl_core import wording
from tl_core.dataset import deep_grey, hashing, opening
from tl_core.dataset.deep_grey import Extent, Ranges
from tl_core.errors import InputError
from tl_core.language import _
from tl_core.paths import MAX_BYTES

#: Longest side of a stored image, in pixels.
LONGEST_SIDE = 1024

#: Of a picture that belongs to no project.
NO_RANGES: Ranges = MappingProxyType({})

LOSSY = frozenset({"JPEG", "MPO", "WEBP", "HEIF", "AVIF", "JPEG2000"})


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
        frames: how many pictures the file holds, of which this is the first.
        deep: whether it came as grey of more than 8 bits.
    """

    data: bytes
    suffix: str
    width: int
    height: int
    id: str
    look: str
    taken: str
    frames: int = 1
    deep: bool = False


def decode(data: bytes, ranges: Ranges = NO_RANGES) -> StoredImage:
    """Return the image in ``data`` as it is stored. Reads whatever Pillow reads, and HEIC/HEIF.

    Deep grey is scaled by the ranges of the project; without one as if this picture were the whole set.

    >>> buffer = io.BytesIO()
    >>> Image.new("LA", (30, 20)).save(buffer, "PNG")
    >>> decode(buffer.getvalue()).suffix
    '.png'

    Raises:
        InputError: why it cannot be read, as a sentence about "it".
    """
    decoded = decode_in(data, ranges, alone=True)
    assert isinstance(decoded, StoredImage)
    return decoded


def decode_in(data: bytes, ranges: Ranges, *, alone: bool = False) -> StoredImage | Extent:
    """Return the image in ``data`` as it is stored; of deep grey without a range, unless ``alone``, its extent.

    Raises:
        InputError: why it cannot be read, as a sentence about "it".
    """
    if not data:
        raise InputError(_("The file is empty."))
    with opening.loaded(data, (LONGEST_SIDE, LONGEST_SIDE)) as (raw, about):
        deep = deep_grey.is_deep(raw)
        if deep and not alone and deep_grey.kind_of(grey := deep_grey.values(raw)) not in ranges:
            return deep_grey.extent(grey)
        image = _srgb(raw, ranges)
    image.thumbnail((LONGEST_SIDE, LONGEST_SIDE), Image.Resampling.BICUBIC, reducing_gap=2.0)
    suffix = ".jpg" if about.format in LOSSY else ".png"
    stored = _encode(image, suffix)
    return StoredImage(
        data=stored,
        suffix=suffix,
        width=image.width,
        height=image.height,
        id=hashlib.sha256(stored).hexdigest(),
        look=hashing.look(image),
        taken=about.taken,
        frames=about.frames,
        deep=deep,
    )


def content(picture: str | Path | bytes) -> bytes:
    """Return the content of an image file, given as it is or by its path. Raises InputError if it cannot be read."""
    if isinstance(picture, bytes):
        return picture
    path = Path(picture)
    try:
        if path.exists() and not path.is_file():  # a device gives bytes without end, a pipe waits for some
            raise InputError(
                _("The picture {picture} cannot be read: it is no ordinary file. Check the path.").format(
                    picture=picture
                )
            )
        if path.stat().st_size > MAX_BYTES:
            most = wording.size(MAX_BYTES)
            raise InputError(
                _("The picture {picture} is larger than {most}, the limit. Make it smaller first.").format(
                    picture=picture, most=most
                )
            )
        return path.read_bytes()
    except OSError as exc:
        raise InputError(
            _("The picture {picture} cannot be read: {reason}. Check the path.").format(
                picture=picture, reason=exc.strerror
            )
        ) from exc


def pixels(picture: str | Path | bytes, size: int) -> NDArray[np.uint8]:
    """Return an image as a network sees it: ``(size, size, 3)`` uint8 RGB, squashed to a square.

    This is the one resize of training and prediction. Give it a stored image; one from outside goes through ``decode``
    first, so that both have had the same treatment.

    Raises:
        InputError: the image cannot be read.
    """
    return squashed(opened(picture, size), size)


def opened(picture: str | Path | bytes, size: int) -> Image.Image:
    """Return a stored image for a network of that size as upright RGB, no smaller than it is or than ``2 * size``.

    Raises:
        InputError: the image cannot be read.
    """
    return _rgb(picture, (2 * size, 2 * size))


def squashed(image: Image.Image, size: int) -> NDArray[np.uint8]:
    """Return an image as a network sees it: ``(size, size, 3)`` uint8 RGB, squashed to a square."""
    return np.array(image.resize((size, size), Image.Resampling.BILINEAR, reducing_gap=2.0))


def thumbnail(picture: str | Path | bytes, side: int) -> bytes:
    """Return a small JPEG of an image, its longer side at most ``side`` pixels."""
    image = _rgb(picture, (2 * side, 2 * side))
    image.thumbnail((side, side), Image.Resampling.BICUBIC, reducing_gap=2.0)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=82)
    return buffer.getvalue()


def grey(side: int) -> bytes:
    """Return a grey JPEG in the place of a picture that cannot be shown, ``side`` pixels square."""
    buffer = io.BytesIO()
    Image.new("RGB", (side, side), "#9aa5ab").save(buffer, "JPEG")
    return buffer.getvalue()


def _encode(image: Image.Image, suffix: str) -> bytes:
    buffer = io.BytesIO()
    if suffix == ".jpg":
        image.save(buffer, "JPEG", quality=95, subsampling=0)
    else:
        image.save(buffer, "PNG", compress_level=3)
    return buffer.getvalue()


def _rgb(picture: str | Path | bytes, least: tuple[int, int]) -> Image.Image:
    """Return the upright RGB image; a JPEG is decoded at a smaller size that is no smaller than ``least``."""
    with opening.loaded(content(picture), least) as (raw, _):
        return _srgb(raw, NO_RANGES)


def _srgb(image: Image.Image, ranges: Ranges) -> Image.Image:
    """Return any loaded image as opaque RGB on white, its colours turned into sRGB."""
    profile = image.info.get("icc_profile")
    if deep_grey.is_deep(image):
        return Image.fromarray(deep_grey.to_8_bits(deep_grey.values(image), ranges)).convert("RGB")
    if image.has_transparency_data:
        image = _opaque(image)
    if image.mode in ("P", "1", "HSV", "YCbCr", "RGBX"):
        image = image.convert("RGB")
    if profile or image.mode == "LAB":
        image = _managed(image, profile)
    return image.convert("RGB")


def _opaque(image: Image.Image) -> Image.Image:
    """Return an image on white. Where nothing of it would be seen, its alpha means nothing: many programs write 0."""
    rgba = image.convert("RGBA")
    if rgba.getchannel("A").getextrema() == (0, 0):
        return rgba.convert("RGB")
    white = Image.new("RGBA", rgba.size, "white")
    white.alpha_composite(rgba)
    return white.convert("RGB")


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
