import io
import sys
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageEnhance
from skimage import data

from tests.core.pictures import encoded, noise
from tl_core.dataset import duplicates, image
from tl_core.dataset.duplicates import BURST, NEAR
from tl_core.ingest import bundled


def listed(pictures: dict[str, Image.Image | bytes], **columns: object) -> pd.DataFrame:
    """Return the table of pictures by name, as an import makes it."""
    rows = []
    for name, picture in pictures.items():
        stored = image.decode(picture if isinstance(picture, bytes) else encoded(picture))
        row = {"id": stored.id, "label": name.split("/")[0], "source": name, "look": stored.look}
        rows.append({**row, "taken": stored.taken, "apart": "", "split": "", "flags": ""})
    return pd.DataFrame(rows).assign(**columns)


def named(table: pd.DataFrame) -> set[tuple[str, str, str]]:
    """Return the pairs by the names of the pictures."""
    names = table.set_index("id")["source"]
    result = duplicates.pairs(table)
    return {(names[row.first], names[row.second], str(row.kind)) for row in result.itertuples()}


def photographs() -> dict[str, Image.Image]:
    return {
        f"{name}.png": Image.fromarray(getattr(data, name)()).resize((240, 200))
        for name in ("astronaut", "chelsea", "coffee", "rocket")
    }


def less(image: Image.Image, share: float) -> Image.Image:
    width, height = image.size
    return image.crop((int(width * share), int(height * share), int(width * (1 - share)), int(height * (1 - share))))


COPIES = {
    "JPEG": lambda image: Image.open(io.BytesIO(encoded(image, "JPEG", quality=60))),
    "smaller": lambda image: image.resize((image.width * 7 // 10, image.height * 7 // 10)),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.15),
    "darker": lambda image: ImageEnhance.Brightness(image).enhance(0.85),
    "grey": lambda image: image.convert("L"),
    "cropped": lambda image: less(image, 0.02),
    "turned": lambda image: image.rotate(2, Image.Resampling.BICUBIC),
}


@pytest.mark.parametrize("copy", COPIES)
def test_copies_of_photographs_are_found_and_nothing_else(copy: str) -> None:
    originals = photographs()
    table = listed({**originals, **{f"copy of {name}": COPIES[copy](image) for name, image in originals.items()}})
    assert named(table) == {(name, f"copy of {name}", NEAR) for name in originals}
    groups = duplicates.groups(table)
    assert len(set(groups)) == len(originals)
    assert (groups[:4] == groups[4:]).all()


def test_small_plain_pictures_do_not_collapse_into_groups(tmp_path) -> None:
    bundled.digits(tmp_path, lambda done, total: None)
    digits = {str(path.relative_to(tmp_path)): path.read_bytes() for path in sorted(tmp_path.rglob("00?.png"))}
    digits["copy/1.png"] = encoded(Image.open(tmp_path / "3" / "007.png"), "JPEG", quality=90)
    assert named(listed(digits)) == {("3/007.png", "copy/1.png", NEAR)}


def test_one_shape_in_two_colours_is_two_pictures() -> None:
    mask = noise(1).convert("L").point(lambda grey: 255 * (grey > 120))
    red, blue = (Image.composite(Image.new("RGB", mask.size, colour), Image.new("RGB", mask.size, "white"), mask)
                 for colour in ("#d00000", "#0000d0"))  # fmt: skip
    assert named(listed({"red/1.png": red, "blue/1.png": blue})) == set()


def test_blank_pictures_are_alike_by_their_colour() -> None:
    white, nearly, black = (Image.new("RGB", (50, 50), colour) for colour in ("#ffffff", "#fefefe", "#000000"))
    assert len(named(listed({"a/1.png": white, "a/2.png": nearly, "b/1.png": black}))) == 1


def test_the_same_picture_under_two_labels_is_a_conflict() -> None:
    table = listed({"cat/1.png": noise(1), "dog/1.jpg": encoded(noise(1), "JPEG"), "dog/2.png": noise(2)})
    result = duplicates.conflicts(table)
    assert result[["first_label", "second_label"]].values.tolist() == [["cat", "dog"]]
    assert duplicates.conflicts(table.assign(label="cat")).empty


def test_what_a_person_marked_as_different_is_no_longer_alike() -> None:
    table = listed({"a/1.png": noise(1), "a/2.jpg": encoded(noise(1), "JPEG")})
    assert len(duplicates.pairs(table)) == 1
    marked = table.assign(apart=["", "0123456789abcdef " + duplicates.short(table["id"][0])])
    assert duplicates.pairs(marked).empty
    assert duplicates.groups(marked).tolist() == [0, 1]


def test_groups_of_near_duplicates_leave_bursts_out() -> None:
    series = {f"a/{n}.jpg": shot(image, f"2026:05:01 12:30:{2 * n:02d}") for n, image in enumerate(frames(2, 30))}
    table = listed({**series, "b/1.png": noise(1), "b/2.jpg": encoded(noise(1), "JPEG")})
    assert duplicates.groups(table).tolist() == [0, 0, 1, 1]
    assert duplicates.groups(table, near_only=True).tolist() == [0, 1, 2, 2]


def test_threads_may_ask_about_many_sets_at_once() -> None:
    tables = [pd.DataFrame({"id": [f"{n}a", f"{n}b"], "label": "c", "source": "", "look": ""}) for n in range(12)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(8) as pool:
            sizes = pool.map(lambda n: len(duplicates.links(tables[n * 7 % 12]).first), range(1000))
            assert set(sizes) == {0}
    finally:
        sys.setswitchinterval(interval)


def frames(count: int, step: int, side: int = 300) -> list[Image.Image]:
    """Return what a camera sees that moves over a photograph."""
    scene = Image.fromarray(data.astronaut())
    return [scene.crop((n * step, n * step // 2, n * step + side, n * step // 2 + side)) for n in range(count)]


def shot(image: Image.Image, time: str, *, camera: str = "EOS", fraction: str = "") -> bytes:
    about = Image.Exif()
    about[0x0110] = camera
    about.get_ifd(0x8769).update({0x9003: time, 0x9291: fraction})
    return encoded(image, "JPEG", quality=95, exif=about)


def test_when_a_picture_was_taken_is_all_that_is_kept_of_its_metadata() -> None:
    stored = image.decode(shot(noise(1), "2026:05:01 12:30:05", fraction="25"))
    moment, camera = stored.taken.split()
    assert moment == "2026-05-01T12:30:05.250"
    assert len(camera) == 8
    assert not Image.open(io.BytesIO(stored.data)).getexif()
    assert image.decode(shot(noise(1), "2026:05:01 12:30:05", camera="X")).taken.split()[1] != camera
    assert [image.decode(shot(noise(1), time)).taken for time in ("0000:00:00 00:00:00", "yesterday", "")] == [""] * 3
    assert image.decode(encoded(noise(1))).taken == ""


def test_what_one_camera_took_within_seconds_is_one_burst() -> None:
    far = frames(7, 30)
    taken = {f"a/{n}.jpg": shot(image, f"2026:05:01 12:30:{2 * n:02d}") for n, image in enumerate(far[:4])}
    taken["a/later.jpg"] = shot(far[6], "2026:05:01 12:31:00")
    taken["a/other.jpg"] = shot(far[5], "2026:05:01 12:30:06", camera="second")
    taken["a/elsewhere.jpg"] = shot(Image.fromarray(data.rocket()), "2026:05:01 12:30:07")
    table = listed(taken)
    groups = dict(zip(table["source"], duplicates.groups(table), strict=True))
    assert len({groups[f"a/{n}.jpg"] for n in range(4)}) == 1
    assert groups["a/elsewhere.jpg"] not in {groups[f"a/{n}.jpg"] for n in range(4)}
    assert BURST in {kind for _, _, kind in named(table)}
    assert groups["a/0.jpg"] not in {groups["a/later.jpg"], groups["a/other.jpg"]}


def test_a_clock_that_stands_still_says_nothing() -> None:
    same = {f"a/{n}.jpg": shot(noise(n), "2020:01:01 00:00:00") for n in range(40)}
    assert named(listed(same)) == set()


def product(number: int) -> Image.Image:
    """Return a thing on a white table: the colours of each field are much like those of any other."""
    white = Image.new("RGB", (160, 120), (225, 225, 225))
    white.paste(noise(number, 60, 45), (20 + 7 * number % 60, 10 + 5 * number % 50))
    return white


@pytest.mark.parametrize(
    ("count", "moment"),
    [
        (24, "2000:01:01 00:00:00"),  # a clock that stands still
        (5, "2026:05:01 12:30:00"),
        (3, "1970:01:01 00:00:0{}"),  # a clock that begins with each new battery
        (6, "2010:01:01 00:0{}:02"),
        (5, "2026:05:01 12:30:00.{}"),  # a whole set within one second
    ],
)
def test_different_things_are_no_burst_because_of_a_clock_that_nobody_set(count: int, moment: str) -> None:
    second, _, fraction = moment.partition(".")
    taken = {f"a/{n}.jpg": shot(product(n), second.format(n), fraction=fraction.format(n)) for n in range(count)}
    table = listed(taken)
    assert table["taken"].ne("").all()
    assert named(table) == set()


@pytest.mark.parametrize("moment", ["2026:05:01 12:30:00", "2000:01:01 00:00:0{}"])
def test_frames_that_are_much_alike_are_a_burst_whatever_the_clock_says(moment: str) -> None:
    table = listed({f"a/{n}.jpg": shot(image, moment.format(n)) for n, image in enumerate(frames(5, 3))})
    assert len(set(duplicates.groups(table))) == 1


def test_a_film_is_one_group_by_its_numbered_names() -> None:
    film = {f"walk/frame_{n:04d}.png": image for n, image in enumerate(frames(24, 8, 280))}
    others = {f"other/{n}.png": noise(n) for n in range(24)}
    table = listed({**film, **others})
    groups = duplicates.groups(table)
    assert len(set(groups[:24])) == 1
    assert len(set(groups[24:])) == 24
    names = table["source"].str.replace(r"frame_\d+", "x", regex=True)
    assert len(set(duplicates.groups(table.assign(source=names))[:24])) > 1  # the names gave them away


def test_numbered_names_alone_say_nothing() -> None:
    numbered = {f"cat/cat.{n}.jpg": noise(n) for n in range(60)}
    assert named(listed(numbered)) == set()


def test_ten_thousand_pictures_take_a_moment_and_thousands_of_copies_too() -> None:
    chance = np.random.default_rng(0)
    codes = chance.integers(0, 256, (10_000, 32), dtype=np.uint8)
    codes[8000:] = codes[0]
    ids = [f"{n:05d}" for n in range(len(codes))]
    looks = [code.tobytes().hex() + "80" * 48 for code in codes]
    table = pd.DataFrame({"id": ids, "label": "a", "source": "", "look": looks})
    groups = duplicates.groups(table)
    assert len(set(groups)) == 8000
    assert len(set(groups[8000:]) | {groups[0]}) == 1
    assert len(duplicates.pairs(table)) < 3 * duplicates.MOST_PAIRS
