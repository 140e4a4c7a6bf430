"""What augmentation makes of one picture, before it is paid for: the copies that training would learn from."""

import io
from pathlib import Path

from PIL import Image

from tl_core.features.augment import augmented
from tl_core.features.sources import Pictures
from tl_core.recipe import Augmentation, AugmentationSize

#: Side of a version that is shown, in pixels.
SIDE = 176


def versions(
    picture: str, id_: str, size: int, level: Augmentation, at: AugmentationSize, seed: int, count: int
) -> list[bytes]:
    """Return the first changed versions of a picture as small JPEGs: the question "augmented".

    Args:
        picture: path of the file.
        id_: of the picture, from which its changes follow.
        size: side in pixels of what the network sees.
        level: how far it is changed.
        at: at which size it is changed.
        seed: of the run.
        count: how many; stored copies of a run are the same ones.

    Raises:
        DamagedError: the picture is damaged or gone.
    """
    plain = Pictures([Path(picture)], size)
    copies = [augmented(plain, [id_], level, seed, [copy], at=at).read([0])[0] for copy in range(count)]
    return [_jpeg(Image.fromarray(copy)) for copy in copies]


def _jpeg(image: Image.Image) -> bytes:
    image.thumbnail((SIDE, SIDE), Image.Resampling.BICUBIC)
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()
