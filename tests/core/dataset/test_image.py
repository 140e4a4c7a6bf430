import io
import re
import struct
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageCms, PngImagePlugin

from tests.core.pictures import encoded, noise, png_header
from tl_core.dataset import hashing
from tl_core.dataset.image import LONGEST_SIDE, decode, pixels, thumbnail
from tl_core.errors import InputError


def shown(data: bytes) -> Image.Image:
    stored = decode(data)
    image = Image.open(io.BytesIO(stored.data))
    assert image.mode == "RGB"
    assert image.size == (stored.width, stored.height)
    assert image.format == {".jpg": "JPEG", ".png": "PNG"}[stored.suffix]
    return image


def colour(data: bytes, place: tuple[int, int] = (0, 0)) -> tuple[int, ...]:
    return shown(data).getpixel(place)


def near(one: tuple[int, ...], other: tuple[int, ...], by: int = 6) -> bool:
    return all(abs(a - b) <= by for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "TIFF", "HEIF"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_picture_is_turned_upright(kind: str, orientation: int) -> None:
    upright = Image.new("RGB", (64, 32), "white")
    upright.paste("red", (0, 0, 16, 16))
    undo = {2: 0, 3: 3, 4: 1, 5: 5, 6: 2, 7: 6, 8: 4}  # the transposition that the orientation reverses
    raw = upright if orientation == 1 else upright.transpose(Image.Transpose(undo[orientation]))
    exif = Image.Exif()
    exif[0x0112] = orientation
    saved = shown(encoded(raw, kind, exif=exif.tobytes()))
    assert saved.size == (64, 32)
    assert near(saved.getpixel((4, 4)), (255, 0, 0), by=12)
    assert near(saved.getpixel((60, 28)), (255, 255, 255), by=12)


@pytest.mark.filterwarnings("ignore:Corrupt EXIF data:UserWarning")
def test_a_damaged_exif_block_does_not_cost_the_picture() -> None:
    assert shown(encoded(noise(1), "JPEG", exif=b"Exif\0\0MM\0*\0\0\0\x08\xff\xff\0\1")).size == (40, 30)


@pytest.mark.parametrize(
    "kind", ["PNG", "BMP", "GIF", "TIFF", "PPM", "TGA", "JPEG", "WEBP", "JPEG2000", "HEIF", "AVIF"]
)
def test_whatever_pillow_reads_and_heic_comes_in(kind: str) -> None:
    stored = decode(encoded(noise(1), kind))
    assert stored.suffix == (".jpg" if kind in {"JPEG", "WEBP", "JPEG2000", "HEIF", "AVIF"} else ".png")
    assert (stored.width, stored.height) == (40, 30)


def test_cmyk_becomes_rgb() -> None:
    assert near(colour(encoded(Image.new("CMYK", (16, 16), (0, 0, 0, 0)), "JPEG")), (255, 255, 255))
    assert near(colour(encoded(Image.new("CMYK", (16, 16), (0, 255, 255, 0)), "JPEG")), (255, 0, 0))


def swapped_profile() -> bytes:
    """An sRGB profile whose red and green primaries are exchanged."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"????").replace(b"gXYZ", b"rXYZ").replace(b"????", b"gXYZ")


@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_the_embedded_colour_profile_is_obeyed(mode: str) -> None:
    red = Image.new(mode, (16, 16), "red")
    assert near(colour(encoded(red, icc_profile=swapped_profile())), (0, 255, 0))


def test_a_damaged_colour_profile_is_passed_over() -> None:
    assert colour(encoded(Image.new("RGB", (16, 16), "red"), icc_profile=b"no profile")) == (255, 0, 0)


def test_transparency_becomes_white() -> None:
    clear = Image.new("RGBA", (8, 8), (255, 0, 0, 0))
    clear.putpixel((7, 7), (255, 0, 0, 255))
    assert colour(encoded(clear)) == (255, 255, 255)
    half = Image.new("LA", (8, 8), (0, 128))
    assert near(colour(encoded(half)), (127, 127, 127))
    palette = Image.new("P", (8, 8), 1)
    palette.putpalette([0, 0, 0, 0, 0, 255])
    palette.putpixel((7, 7), 0)
    assert colour(encoded(palette)) == (0, 0, 255)
    assert colour(encoded(palette, transparency=1)) == (255, 255, 255)
    assert colour(encoded(palette, "GIF", transparency=1)) == (255, 255, 255)
    assert colour(encoded(palette, transparency=bytes([255, 0]))) == (255, 255, 255)
    red = Image.new("RGB", (8, 8), "red")
    red.putpixel((7, 7), (0, 0, 0))
    assert colour(encoded(red, transparency=(255, 0, 0))) == (255, 255, 255)


@pytest.mark.parametrize("kind", ["PNG", "TGA", "WEBP", "TIFF", "ICO", "BMP"])
def test_a_picture_of_which_nothing_would_be_seen_is_opaque(kind: str) -> None:
    hidden = noise(1, 40, 40).convert("RGBA")
    hidden.putalpha(0)
    options = {"WEBP": {"lossless": True, "exact": True}, "ICO": {"sizes": [(40, 40)]}}.get(kind, {})
    data = bitmap(hidden) if kind == "BMP" else encoded(hidden, kind, **options)
    np.testing.assert_allclose(np.asarray(shown(data)), np.asarray(noise(1, 40, 40)), atol=12 if kind == "WEBP" else 0)


def bitmap(image: Image.Image) -> bytes:
    """A BMP with an alpha channel, which Pillow does not write."""
    pixels = image.transpose(Image.Transpose.FLIP_TOP_BOTTOM).tobytes("raw", "BGRA")
    masks = struct.pack("<4I", 0xFF0000, 0xFF00, 0xFF, 0xFF000000)
    about = struct.pack("<IiiHHIIiiII", 108, *image.size, 1, 32, 3, len(pixels), 2835, 2835, 0, 0)
    head = about + masks + b"BGRs" + bytes(48)
    return b"BM" + struct.pack("<IHHI", 14 + len(head) + len(pixels), 0, 0, 14 + len(head)) + head + pixels


@pytest.mark.parametrize(
    ("values", "dtype"),
    [
        ([0, 2048, 4095], np.uint16),
        ([0, 32768, 65535], np.uint16),
        ([0, 32768, 65535], np.int32),
        ([-500, 0, 500], np.int32),
        ([0, 0.5, 1], np.float32),
        ([0, 127.5, 255], np.float32),
        ([-1, 0, 1], np.float32),
    ],
)
def test_deep_grey_is_scaled_not_clipped(values: list[float], dtype: type) -> None:
    image = shown(encoded(Image.fromarray(np.array([values], dtype)), "TIFF"))
    assert near(tuple(np.asarray(image)[0, :, 0]), (0, 128, 255), by=1)


def test_16_bit_grey_png() -> None:
    image = shown(encoded(Image.fromarray(np.array([[0, 32896, 65535]], np.uint16))))
    assert np.asarray(image)[0, :, 0].tolist() == [0, 128, 255]


@pytest.mark.parametrize("mode", ["1", "L", "LAB", "YCbCr", "P", "PA"])
def test_other_modes_become_rgb(mode: str) -> None:
    white = {"LAB": (255, 128, 128), "YCbCr": (255, 128, 128), "P": 0, "PA": (0, 255)}.get(mode, 255)
    image = Image.new(mode, (8, 8), white)
    if mode in ("P", "PA"):
        image.putpalette([255, 255, 255])
    kind = "TIFF" if mode in ("LAB", "YCbCr", "PA") else "PNG"
    assert near(colour(encoded(image, kind)), (255, 255, 255), by=2)


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP", "TIFF"])
def test_of_an_animation_the_first_frame_is_kept(kind: str) -> None:
    first, second = Image.new("RGB", (16, 16), "red"), Image.new("RGB", (16, 16), "blue")
    assert near(colour(encoded(first, kind, save_all=True, append_images=[second])), (255, 0, 0))


def test_metadata_is_gone() -> None:
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    data = encoded(noise(1), "JPEG", exif=exif, comment=b"secret comment", icc_profile=swapped_profile())
    assert b"secret" in data
    saved = shown(data)
    assert b"secret" not in decode(data).data
    assert not saved.getexif()
    assert set(saved.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}


def test_the_same_picture_has_the_same_id() -> None:
    plain, described = encoded(noise(1)), encoded(noise(1), dpi=(300, 300), compress_level=0)
    assert plain != described
    assert decode(plain) == decode(described)
    assert decode(plain).id != decode(encoded(noise(2))).id


def test_near_duplicates_have_near_hashes() -> None:
    def bits(one: bytes, other: bytes) -> int:
        codes = [int(decode(data).look[: hashing.HASH_DIGITS], 16) for data in (one, other)]
        return (codes[0] ^ codes[1]).bit_count()

    original = encoded(noise(1, 400, 300))
    assert len(decode(original).look) == hashing.LOOK_DIGITS
    assert bits(original, encoded(noise(1, 300, 225), "JPEG", quality=60)) <= 40
    assert bits(original, encoded(noise(2, 400, 300))) > 80


@pytest.mark.parametrize(("kind", "size"), [("JPEG", (4000, 1000)), ("PNG", (1000, 3000)), ("PNG", (10, 20))])
def test_the_longest_side_is_bounded(kind: str, size: tuple[int, int]) -> None:
    stored = decode(encoded(noise(1, *size), kind))
    scale = min(1, LONGEST_SIDE / max(size))
    assert (stored.width, stored.height) == (round(size[0] * scale), round(size[1] * scale))


@pytest.mark.parametrize(("width", "height"), [(12_000, 12_000), (50_000, 50_000), (2**31 - 1, 2**31 - 1)])
def test_a_decompression_bomb_is_refused_by_its_header(width: int, height: int) -> None:
    began = time.monotonic()
    with pytest.raises(InputError, match="120 million pixels"):
        decode(png_header(width, height))
    assert time.monotonic() - began < 1


def _with_other_bit(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 255]) + data[at + 1 :]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "empty"),
        (b"this is only text", "not a picture"),
        (encoded(noise(1), "JPEG")[:10], "not a picture|damaged"),
        (encoded(noise(1, 400, 300), "JPEG")[:2000], "cut off"),
        (encoded(noise(1, 400, 300))[:3000], "cut off"),
        (_with_other_bit(encoded(noise(1, 400, 300)), 60), "damaged"),  # within the data: once it was a black picture
        (b"\xff\x0a" + bytes(200), "JPEG XL"),
        (b"8BPS\0\1" + bytes(60), "Photoshop"),
        (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
        (b"<!DOCTYPE html><html><body>404</body></html>", "web page"),
        (b"%PDF-1.7\n" + bytes(200), "PDF"),
        (b"\0\0\0\x18ftypmp42" + bytes(200), "a film"),
        (bytes(128) + b"DICM" + bytes(200), "DICOM"),
        (encoded(noise(1, 400, 300), "WEBP")[:500], "damaged|not a picture"),
        (encoded(noise(1, 400, 300), "HEIF")[:500], "damaged|not a picture|cut off"),
        (encoded(noise(1), "EPS"), "PostScript"),
        (encoded(noise(1), "PDF"), "PDF"),
    ],
)
def test_what_cannot_be_read_is_refused_with_a_sentence(data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        decode(data)


def test_pixels_are_the_same_from_bytes_and_from_a_file(tmp_path: Path) -> None:
    stored = decode(encoded(noise(1, 600, 400), "JPEG"))
    (tmp_path / "a.jpg").write_bytes(stored.data)
    array = pixels(stored.data, 96)
    assert array.shape == (96, 96, 3)
    assert array.dtype == np.uint8
    np.testing.assert_array_equal(array, pixels(tmp_path / "a.jpg", 96))
    np.testing.assert_array_equal(array, pixels(str(tmp_path / "a.jpg"), 96))


def test_pixels_squash_the_whole_picture_into_the_square() -> None:
    image = Image.new("RGB", (300, 100), "red")
    image.paste("blue", (150, 0, 300, 100))
    array = pixels(encoded(image), 32)
    assert array[:, :15, 0].min() == 255
    assert array[:, 17:, 2].min() == 255


def test_a_thumbnail_is_small() -> None:
    small = Image.open(io.BytesIO(thumbnail(encoded(noise(1, 800, 600)), 96)))
    assert small.size == (96, 72)
    assert small.format == "JPEG"


def test_large_text_and_profiles_do_not_cost_the_picture() -> None:
    text = PngImagePlugin.PngInfo()
    text.add_text("comment", "a" * 3_000_000, zip=True)
    more = PngImagePlugin.PngInfo()
    for number in range(3):
        more.add_text(f"{number}", "a" * 30_000_000, zip=True)
    profile = swapped_profile()
    padded = (len(profile) + 3_000_000).to_bytes(4) + profile[4:] + bytes(3_000_000)
    for data in (encoded(noise(1), pnginfo=text), encoded(noise(1), pnginfo=more)):
        np.testing.assert_array_equal(np.asarray(shown(data)), np.asarray(noise(1)))
    assert near(colour(encoded(Image.new("RGB", (16, 16), "red"), icc_profile=padded)), (0, 255, 0))
    assert colour(encoded(Image.new("RGB", (16, 16), "red"), icc_profile=bytes(40_000_000))) == (255, 0, 0)


@pytest.mark.parametrize("progressive", [False, True])
@pytest.mark.parametrize("orientation", [1, 6])
def test_a_jpeg_without_its_end_marker_is_whole_unless_pixels_are_missing(progressive: bool, orientation: int) -> None:
    about = Image.Exif()
    about[0x0112] = orientation
    data = encoded(noise(1, 1500, 1100), "JPEG", quality=90, progressive=progressive, exif=about)
    assert decode(data[:-2]) == decode(data)
    assert decode(data[:-1]) == decode(data)
    for missing in (8, 40, 2000, len(data) // 2):
        with pytest.raises(InputError, match="cut off"):
            decode(data[:-missing])


def cuts(data: bytes) -> list[int]:
    """Return where a JPEG can be cut between two scans: before the header of each but the first, and its tables."""
    scans = [match.start() for match in re.finditer(rb"\xff\xda", data)][1:]
    tables = (data.find(b"\xff\xc4", before) for before in scans[:-1])
    return sorted({*scans, *(at for at in tables if at >= 0)})


def in_turn(image: Image.Image) -> bytes:
    """Return a baseline JPEG in which each colour has a scan of its own."""
    channels = [encoded(each, "JPEG", quality=90) for each in image.convert("YCbCr").split()]
    frame, scan = (channels[0].index(marker) for marker in (b"\xff\xc0", b"\xff\xda"))
    after = channels[0].index(b"\xff\xc4", frame)
    sizes = channels[0][frame + 4 : frame + 9]
    colours = b"".join(bytes([number, 0x11, 0]) for number in (1, 2, 3))
    head = channels[0][:frame] + b"\xff\xc0\0\x11" + sizes + b"\3" + colours + channels[0][after:scan]
    scans = [b"\xff\xda\0\x08\1" + bytes([number + 1, 0, 0, 63, 0]) + each[each.index(b"\xff\xda") + 10 : -2]
             for number, each in enumerate(channels)]  # fmt: skip
    return head + b"".join(scans) + b"\xff\xd9"


PROGRESSIVE = {
    "subsampled": lambda: encoded(noise(1, 300, 200), "JPEG", quality=90, progressive=True),
    "full": lambda: encoded(noise(1, 300, 200), "JPEG", quality=60, progressive=True, subsampling=0),
    "grey": lambda: encoded(noise(1, 300, 200).convert("L"), "JPEG", progressive=True),
    "CMYK": lambda: encoded(noise(1, 300, 200).convert("CMYK"), "JPEG", progressive=True),
    "reduced": lambda: encoded(noise(1, 2100, 2060).convert("L"), "JPEG", progressive=True),
    "one colour after the other": lambda: in_turn(noise(1, 300, 200)),
}


@pytest.mark.parametrize("kind", PROGRESSIVE)
def test_a_jpeg_that_is_cut_between_two_scans_is_cut_off(kind: str) -> None:
    data = PROGRESSIVE[kind]()
    assert len(cuts(data)) >= 2
    for at in [*cuts(data), cuts(data)[0] + 5]:
        with pytest.raises(InputError, match="cut off"):
            decode(data[:at])
        with pytest.raises(InputError, match=r"cut off|damaged"):
            decode(data[:at] + bytes(600))
    whole = decode(data)
    assert decode(data[:-2]) == decode(data[:-2] + bytes(600)) == whole
    assert decode(data + bytes(600)) == decode(data + b"junk" * 100) == decode(data + data[:-2]) == whole


def test_other_formats_without_their_end_are_whole_too() -> None:
    assert decode(encoded(noise(1))[:-12]) == decode(encoded(noise(1)))
    assert decode(encoded(noise(1), "GIF")[:-1]) == decode(encoded(noise(1), "GIF"))


def tiff(shape: tuple[int, ...], kind: str, tags: dict[int, int] | None = None) -> bytes:
    """A TIFF of zeros, ``(height, width, bands)``; ``kind`` is a NumPy type."""
    height, width, bands = shape
    size = np.dtype(kind).itemsize
    pixels = bytes(height * width * bands * size)
    values = {256: width, 257: height, 259: 1, 262: 1 if bands < 3 else 2, 273: 8, 277: bands, 278: height,
              279: len(pixels), **(tags or {})}  # fmt: skip
    arrays = {258: [8 * size] * bands, 339: [3 if kind.startswith("f") else 1] * bands}
    after = 8 + len(pixels)
    offset = after + 2 + 12 * (len(values) + len(arrays)) + 4
    rows, extra = [], b""
    for tag in sorted({**values, **arrays}):
        if tag in values:
            rows.append(struct.pack("<HHII", tag, 4, 1, values[tag]))
        elif bands < 3:
            rows.append(struct.pack("<HHI2H", tag, 3, bands, *(arrays[tag] * 2)[:2]))
        else:
            rows.append(struct.pack("<HHII", tag, 3, bands, offset + len(extra)))
            extra += struct.pack(f"<{bands}H", *arrays[tag])
    head = b"II*\0" + struct.pack("<I", after)
    return head + pixels + struct.pack("<H", len(rows)) + b"".join(rows) + bytes(4) + extra


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (tiff((8, 8, 13), "u2"), "It has 13 bands of 16-bit numbers: a satellite"),
        (tiff((8, 8, 13), "u1"), "It has 13 bands of 8-bit numbers: a satellite"),
        (tiff((8, 8, 2), "u2"), "It has 2 bands of 16-bit numbers, which is neither grey nor colour"),
        (tiff((8, 8, 3), "f4"), "It has 3 bands of 32-bit floating-point numbers"),
        (tiff((8, 8, 1), "f8"), "It has 1 band of 64-bit floating-point numbers"),
        (tiff((12, 16, 3), "u1", {254: 1}), "raw file of a camera"),
        (tiff((12, 16, 3), "u1", {50706: 1}), "raw file of a camera"),
        (tiff((12, 16, 1), "u2", {262: 32803}), "raw file of a camera"),
        (b"\0\0\0\x18ftypcrx \0\0\0\1" + bytes(100), "raw file of a camera"),
        (b"FUJIFILMCCD-RAW 0201" + bytes(100), "raw file of a camera"),
        (b"IIU\0" + bytes(100), "raw file of a camera"),
    ],
)
def test_what_is_no_picture_to_look_at_is_refused_by_what_it_is(data: bytes, message: str) -> None:
    with pytest.raises(InputError, match=message):
        decode(data)


def test_a_tiff_of_eight_bits_is_a_picture() -> None:
    assert colour(tiff((8, 8, 3), "u1")) == (0, 0, 0)
