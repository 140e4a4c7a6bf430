"""What an image looks like, in 80 bytes: two images can be compared without opening either."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image

#: Hex digits of the detailed hash: 256 bits, of which the first 64 are the lowest frequencies.
HASH_DIGITS = 64
#: The mean colour is stored for this many fields per side.
FIELDS = 4
LOOK_DIGITS = HASH_DIGITS + 2 * 3 * FIELDS**2
#: An image whose 64 × 64 grey values (0..255) have a smaller standard deviation is flat: a hash would describe noise.
FLAT = 2.0


def reduced(image: Image.Image) -> Image.Image:
    """Return an RGB image squashed to 64 × 64 pixels, which is all that the hashes see."""
    return image.resize((64, 64), Image.Resampling.BOX, reducing_gap=2.0)


def look(image: Image.Image) -> str:
    """Return the look of an RGB image as ``LOOK_DIGITS`` hex digits.

    The first 64 are a 256-bit DCT hash (``imagehash.phash`` with ``hash_size=16``; all 0 for a flat image), its 8 × 8
    lowest frequencies first; then come the mean colours of 4 × 4 fields, row by row, two digits each for R, G and B
    (after MPEG-7's colour layout).
    """
    import imagehash

    small = reduced(image)
    colours = np.asarray(small.resize((FIELDS, FIELDS), Image.Resampling.BOX), dtype=np.uint8)
    if np.asarray(small.convert("L")).std() < FLAT:
        return "0" * HASH_DIGITS + colours.tobytes().hex()
    bits = imagehash.phash(small, hash_size=16).hash
    ordered = np.concatenate([block.ravel() for block in (bits[:8, :8], bits[:8, 8:], bits[8:])])
    return np.packbits(ordered).tobytes().hex() + colours.tobytes().hex()


def unpack(looks: NDArray[np.object_]) -> tuple[NDArray[np.uint64], NDArray[np.uint8]]:
    """Return hashes ``(4, n)`` uint64 and mean colours ``(n, 48)`` uint8 of n looks; those of an empty one are 0."""
    width = LOOK_DIGITS // 2
    raw = bytes.fromhex("".join(text if len(text) == LOOK_DIGITS else "0" * LOOK_DIGITS for text in looks))
    values = np.frombuffer(raw, dtype=np.uint8).reshape(len(looks), width)
    hashes = np.ascontiguousarray(values[:, : HASH_DIGITS // 2]).view(">u8").astype(np.uint64)
    return np.ascontiguousarray(hashes.T), values[:, HASH_DIGITS // 2 :]


def distance(hashes: NDArray[np.uint64], one: NDArray[np.intp], other: NDArray[np.intp]) -> NDArray[np.int16]:
    """Return in how many of 256 bits the hashes differ, for each pair of positions: ``(m,)`` int16."""
    return sum((np.bitwise_count(word[one] ^ word[other]) for word in hashes), np.zeros(len(one), dtype=np.int16))


def colour_distance(colours: NDArray[np.uint8], one: NDArray[np.intp], other: NDArray[np.intp]) -> NDArray[np.float64]:
    """Return the mean absolute difference of the field colours for each pair of positions: ``(m,)``, 0..255."""
    difference: NDArray[np.float64] = np.abs(colours[one].astype(np.int16) - colours[other]).mean(axis=1)
    return difference
