"""When an image was taken and by which camera: all that is stored of a camera's metadata."""

import hashlib
import re
from datetime import datetime

from PIL import Image

_EXIF_IFD = 0x8769
_MAKE, _MODEL, _SERIAL = 0x010F, 0x0110, 0xA431
_ORIGINAL, _SUBSEC_ORIGINAL, _SUBSEC = 0x9003, 0x9291, 0x9290


def taken(image: Image.Image) -> str:
    """Return when an image was taken and its camera, ``"2026-05-01T12:30:05.250 9f2a41c8"``; ``""`` if unknown.

    The time is the camera's own (EXIF DateTimeOriginal with SubSecTime; no time zone). The camera is eight hex digits
    of a hash of its make, model and serial number, so that two cameras differ and neither is named.
    """
    try:
        about = image.getexif()
        shot = about.get_ifd(_EXIF_IFD)
        moment = datetime.strptime(_text(shot.get(_ORIGINAL)), "%Y:%m:%d %H:%M:%S")
    except Exception:  # damaged metadata of any kind, or none: the image itself may be fine
        return ""
    fraction = re.match(r"\d{1,3}", _text(shot.get(_SUBSEC_ORIGINAL)) or _text(shot.get(_SUBSEC)))
    camera = "|".join(_text(value) for value in (about.get(_MAKE), about.get(_MODEL), shot.get(_SERIAL)))
    digest = hashlib.sha256(camera.encode()).hexdigest()[:8]
    return f"{moment.isoformat()}.{fraction[0] if fraction else '0':0<3} {digest}"


def _text(value: object) -> str:
    text = value.decode("ascii", "replace") if isinstance(value, bytes) else str(value or "")
    return text.strip("\0 ")
