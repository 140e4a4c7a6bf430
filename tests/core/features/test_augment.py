from typing import get_args

import numpy as np
import pytest
from PIL import Image

from tl_core import seeds
from tl_core.dataset import image
from tl_core.features.augment import LEVELS, AugmentedPictures, Level, augmented, changed, changed_small
from tl_core.features.sources import Pictures
from tl_core.recipe import AUGMENTATIONS, Augmentation

SIZE = 32
COUNT = 6


@pytest.fixture(scope="module")
def pictures(tmp_path_factory):
    """Noise, darker on the left."""
    folder, chance = tmp_path_factory.mktemp("pictures"), np.random.default_rng(0)
    shade = np.linspace(60, 190, SIZE)[None, :, None]
    for number in range(COUNT):
        noise = chance.uniform(-30, 30, (SIZE, SIZE, 3))
        Image.fromarray((shade + noise).astype(np.uint8)).save(folder / f"{number}.png")
    return Pictures(sorted(folder.iterdir()), SIZE)


def ids(pictures):
    return [path.name for path in pictures.paths]


def copies(pictures, level, seed=0, count=40, at="network"):
    """Return that many copies of every picture, ``(count, COUNT, SIZE, SIZE, 3)``."""
    live = augmented(pictures, ids(pictures), level, seed, at=at)
    return np.stack([live.read(range(COUNT), epoch) for epoch in range(count)])


def test_every_level_of_a_recipe_has_its_changes_and_its_sentence():
    levels, rows, sentences = set(get_args(Augmentation)), set(LEVELS), set(AUGMENTATIONS)
    assert not levels - rows, f"augment.LEVELS lacks {levels - rows}"
    assert not levels - sentences, f"recipe.AUGMENTATIONS lacks a sentence for {levels - sentences}"
    assert not (rows | sentences) - levels, f"recipe.Augmentation lacks {(rows | sentences) - levels}"


def test_off_changes_nothing(pictures):
    assert augmented(pictures, ids(pictures), "off", 0) is pictures


@pytest.mark.parametrize("level", [level for level, row in LEVELS.items() if row])
def test_what_becomes_of_a_picture_follows_from_its_id_and_copy_alone(pictures, level):
    together = augmented(pictures, ids(pictures), level, 1).read(range(COUNT), 5)
    assert (together.shape, together.dtype) == ((COUNT, SIZE, SIZE, 3), np.uint8)
    turned = Pictures(pictures.paths[::-1], SIZE)
    for row in range(COUNT):
        alone = augmented(turned, ids(turned), level, 1).read([COUNT - 1 - row], 5)
        np.testing.assert_array_equal(alone[0], together[row])
    for other in (augmented(pictures, ids(pictures), level, 2).read(range(COUNT), 5), copies(pictures, level, 1)[4]):
        assert all((one != two).any() for one, two in zip(other, together, strict=True))


def test_stored_copies_are_taken_in_turn_and_equal_those_that_are_made_when_read(pictures):
    live = augmented(pictures, ids(pictures), "full", 3)
    in_turn = augmented(pictures, ids(pictures), "full", 3, copies=range(3))
    stored = [augmented(pictures, ids(pictures), "full", 3, copies=[number]).read(range(COUNT)) for number in range(3)]
    for epoch in range(4):
        read = in_turn.read(range(COUNT), epoch)
        for row in range(COUNT):
            np.testing.assert_array_equal(read[row], stored[(row + epoch) % 3][row])
    np.testing.assert_array_equal(stored[2], live.read(range(COUNT), 2))


def test_the_full_level_mirrors_half_of_the_pictures_and_the_gentle_one_none(pictures):
    half = SIZE // 2
    larger = Pictures(pictures.paths, 2 * SIZE)
    for level, share in (("gentle", 0.0), ("full", 0.5)):
        for made in (copies(pictures, level), copies(larger, level, at="picture")[:, :, ::2, ::2]):
            left, right = (
                part.astype(float).mean(axis=(2, 3, 4)) for part in (made[..., :half, :], made[..., half:, :])
            )
            assert (left > right).mean() == pytest.approx(share, abs=0.1), level


def test_each_change_is_what_its_name_says_and_stays_within_its_range():
    rows, columns = np.mgrid[0:SIZE, 0:SIZE]
    blob = np.exp(-((columns - 20) ** 2 + (rows - 12) ** 2) / 8)  # right of the middle, above it
    picture = (20 + 200 * np.repeat(blob[:, :, None], 3, axis=2)).astype(np.uint8)
    batch, seeds = np.repeat(picture[None], 60, axis=0), range(60)

    def blob_at(**level):
        light = changed(batch, Level(**level), seeds)[..., 0].astype(float) - 20
        total = light.clip(0).sum(axis=(1, 2))
        return (light.clip(0) * columns).sum(axis=(1, 2)) / total, (light.clip(0) * rows).sum(axis=(1, 2)) / total

    x, y = blob_at(mirror=True)
    assert set(x.round()) == {11, 20}
    assert set(y.round()) == {12}
    x, y = blob_at(shift=0.1)
    assert np.abs(x - 20).max() == pytest.approx(3.2, abs=0.4)
    assert np.abs(y - 12).max() == pytest.approx(3.2, abs=0.4)
    x, y = blob_at(turn=0.25)
    assert np.hypot(x - 15.5, y - 15.5) == pytest.approx(np.hypot(4.5, 3.5), abs=0.3)
    assert y.max() > 18
    x, y = blob_at(zoom=(0.5, 1.0))
    assert (x.min(), x.max()) == pytest.approx((20, 24.5), abs=0.5), "up to twice as large"

    means = changed(batch, Level(brightness=0.2), seeds).mean(axis=(1, 2, 3)) - picture.mean()
    assert (means.min(), means.max()) == pytest.approx((-20, 51), abs=5), "down to black, up by a fifth of the range"
    spread = changed(batch, Level(contrast=0.1), seeds).std(axis=(1, 2, 3)) / picture.std()
    assert (spread.min(), spread.max()) == pytest.approx((0.9, 1.1), abs=0.02)
    np.testing.assert_array_equal(changed(batch, Level(), seeds), batch)


def test_edges_are_repeated_where_a_picture_has_moved_away():
    flat = np.full((8, SIZE, SIZE, 3), 200, np.uint8)
    moved = changed(flat, Level(mirror=True, turn=0.5, shift=0.3, zoom=(0.5, 2.0)), range(8))
    np.testing.assert_array_equal(moved, flat)


def test_a_picture_smaller_than_the_network_sees_is_moved_by_whole_pixels_before_it_is_enlarged(pictures):
    level, twice = Level(crop=0.125), Pictures(pictures.paths, 2 * SIZE)
    plain = [np.asarray(Image.open(path)) for path in pictures.paths]
    moved = [changed_small(plain[0], level, seed) for seed in range(40)]
    inside = [picture[8:24, 8:24] for picture in moved]
    places = [(down, right) for down in range(4, 13) for right in range(4, 13)]
    where = {
        place for place in places if any((plain[0][place[0] :, place[1] :][:16, :16] == one).all() for one in inside)
    }
    assert len(where) > 20, "up to four pixels of 32, to every side"
    np.testing.assert_array_equal(changed_small(plain[0], Level(), 1), plain[0])

    made = AugmentedPictures(twice, ids(twice), level, 3, [5], at="picture").read(range(COUNT))
    seed = seeds.derive(3, "augmentation", ids(twice)[1], 5)
    np.testing.assert_array_equal(
        made[1], image.squashed(Image.fromarray(changed_small(plain[1], level, seed)), 2 * SIZE)
    )
    for at in ("network", "picture"):  # as large as the network sees: changed there, as ever
        same = AugmentedPictures(pictures, ids(pictures), level, 3, [5], at=at).read(range(COUNT))
        np.testing.assert_array_equal(same, augmented(pictures, ids(pictures), "off", 3).read(range(COUNT)))


@pytest.mark.parametrize("shape", [(1, 1, 3), (1, 7, 3), (2, 40, 3)])
def test_the_smallest_pictures_can_be_changed_too(shape):
    picture = np.full(shape, 90, np.uint8)
    made = changed_small(picture, Level(mirror=True, crop=0.5), 0)
    np.testing.assert_array_equal(made, picture)
