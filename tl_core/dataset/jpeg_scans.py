"""Whether a JPEG file that was cut off holds every scan of its picture.

A picture may come in several scans: one for each colour, or, where it is progressive, each with some coefficients or
one more bit of them. Cut between two scans, it can be shown as a whole, only coarser or without colour. So the headers
say whether something is missing: ITU-T T.81, 1992, annex B.2 for the segments, annex G.1.1.1 for progressive scans.
"""

import re
from collections.abc import Iterator

#: A marker that is neither a stuffed byte, nor a restart inside a scan, nor filling before another.
_MARKER = re.compile(rb"\xff([\x01-\xcf\xd8-\xfe])")
_START_OF_SCAN, _END_OF_IMAGE = 0xDA, 0xD9
#: Markers that stand alone, without a segment.
_ALONE = (0x01, 0xD8)
_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = (0xC2, 0xC6, 0xCA, 0xCE)
COEFFICIENTS = 64


def are_complete(data: bytes) -> bool:
    """Return whether a scan has begun for every component, and for every bit of it in a progressive picture.

    Args:
        data: the file, up to where it was cut off. What follows the end marker is not looked at.
    """
    missing: set[tuple[int, int]] | None = None
    progressive = False
    for marker, segment in _segments(data):
        if marker in _FRAMES and missing is None:
            progressive = marker in _PROGRESSIVE
            numbers = range(COEFFICIENTS if progressive else 1)
            missing = {(component, number) for component in segment[6::3] for number in numbers}
        elif marker == _START_OF_SCAN and missing is not None:
            missing -= _completed_by(segment, progressive=progressive)
    return missing == set()


def _completed_by(header: bytes, *, progressive: bool) -> set[tuple[int, int]]:
    """Return the components, each with its coefficients, that are complete with a scan of this header."""
    components, (first, last, bits) = header[1:-3:2], header[-3:]
    if not progressive:
        return {(component, 0) for component in components}
    if bits & 0xF:  # more bits of them follow
        return set()
    return {(component, number) for component in components for number in range(first, last + 1)}


def _segments(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield each marker with its segment, as far as segments are whole, up to the end marker."""
    at = 0
    while match := _MARKER.search(data, at):
        marker, at = match[1][0], match.end()
        if marker == _END_OF_IMAGE:
            return
        if marker in _ALONE:
            continue
        length = int.from_bytes(data[at : at + 2])
        if length < 2 or at + length > len(data):
            return
        yield marker, data[at + 2 : at + length]
        at += length
