"""A first pass that others help with: the same rows, whoever computes them, and whatever becomes of those who help."""

import hashlib
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path

import numpy as np
import pytest

from tests.conftest import write_pictures
from tl_core.errors import Stopped
from tl_core.features import shares, sources
from tl_core.features import store as features_store
from tl_core.features.shares import Chunk, Claims, Part, Pass, Work
from tl_core.features.sources import Pictures
from tl_core.features.store import Key
from tl_core.files import read_record, write_record
from tl_core.progress import Progress
from tl_core.recipe import Recipe

SIZE = 16
RECIPE = Recipe(manifest=1, backbone="efficientnet-lite0", image_size=SIZE, seed=0)


def mean_colour(pictures):
    return pictures.mean(axis=(1, 2), dtype=np.float32)


class Helped(Progress):
    """Lets somebody do something with a pass once there is an offer, and remembers what it hears."""

    def __init__(self, helps=lambda folder: None, stop_at=None):
        self.helps, self.stop_at = helps, stop_at
        self.done, self.said, self.folder = [], [], None

    def emit(self, event, **fields):
        if event == "progress":
            self.done.append(fields["done"])
        if event == "message":
            self.said.append(fields["text"])
        if event == "offer":
            self.folder = Path(fields["folder"])
            self.helps(self.folder)

    def stopped(self):
        return self.stop_at is not None and self.done[-1] >= self.stop_at


@pytest.fixture(scope="module")
def paths(tmp_path_factory):
    folder = write_pictures(tmp_path_factory.mktemp("pictures") / "fruit", {"apple": 20, "plum": 21})
    return sorted(folder.rglob("*.jpg"))


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(sources, "MOST_AT_A_TIME", 4)
    return tmp_path / "cache"


def ids_of(paths):
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]


def work_in(folder, run=mean_colour):
    """Return how a process works, with stores of its own."""
    opened = {}

    def store(variant):
        key = Key(
            backbone="a",
            weights="b",
            line="all",
            pooling=None,
            size=SIZE,
            precision="float32",
            variant=("c", 0, variant),
        )
        return opened.setdefault(variant, features_store.find_or_create(folder, key, (3,)))

    return Work(
        store, lambda chunk: Pictures([Path(each) for each in chunk.items], SIZE), run, Pictures([], SIZE).at_a_time
    )


def computed(cache, paths, progress, variants=(0,), ids=None):
    """Go through a pass and return its rows."""
    ids, work = ids or ids_of(paths), work_in(cache)
    parts = [
        Part(variant, ids[half::2], [str(path) for path in paths[half::2]]) for variant in variants for half in (0, 1)
    ]

    def about(first):
        return Pass(recipe=RECIPE, weights="b", line="all", folder=str(cache), converted="", sample=first.only([0]))

    shares.compute(cache, parts, work, about, progress)
    return [work.store(variant).read(ids).tobytes() for variant in variants]


@pytest.fixture
def alone(cache, paths):
    """The rows of a pass that nobody helped with."""
    return computed(cache.with_name("alone"), paths, Helped(), (0, 1))


def batches(count):
    """Return a function that says, after so many batches, that a process is needed elsewhere."""
    left = iter([False] * count)
    return lambda: next(left, True)


@pytest.mark.parametrize("count", [0, 1, 7, 1000])
def test_rows_are_the_same_however_many_of_them_another_process_has_computed(count, alone, cache, paths):
    def helps(folder):
        about = read_record(folder / shares.FILE, Pass)
        assert work_in(cache).agrees(about.sample)
        shares.help_with(folder, work_in(cache), batches(count))

    progress = Helped(helps)
    assert computed(cache, paths, progress, (0, 1)) == alone
    assert progress.done == sorted(progress.done)
    assert (progress.done[0], progress.done[-1]) == (0, 2 * len(paths))
    helped = [text for text in progress.said if "Other workers" in text]
    assert bool(helped) == (count > 0)
    assert not [each.name for each in cache.iterdir() if each.name.startswith(shares.PREFIX)]


def test_nobody_waits_for_one_who_has_taken_everything_and_is_stuck(alone, cache, paths):
    with ExitStack() as stuck:
        progress = Helped(lambda folder: list(stuck.enter_context(Claims(folder))))
        assert computed(cache, paths, progress, (0, 1)) == alone
    assert not progress.said


TAKES_ALL = """
import sys, time
from pathlib import Path
from tl_core.features.shares import Claims
claims = Claims(Path(sys.argv[1]))
print(len(list(claims)), flush=True)
time.sleep(600)
"""


def test_the_chunks_of_one_who_was_killed_are_free_again(alone, cache, paths):
    taken = []

    def helps(folder):
        with subprocess.Popen([sys.executable, "-c", TAKES_ALL, folder], stdout=subprocess.PIPE, text=True) as other:
            taken.append(int(other.stdout.readline()))
            assert not shares.is_open(folder)
            other.kill()
        assert shares.is_open(folder)
        shares.help_with(folder, work_in(cache), lambda: False)

    progress = Helped(helps)
    assert computed(cache, paths, progress, (0, 1)) == alone
    assert taken[0] > 10
    assert progress.said


def test_stop_ends_the_pass_for_those_who_help_too(cache, paths):
    progress = Helped(stop_at=8)
    with pytest.raises(Stopped):
        computed(cache, paths, progress)
    store = work_in(cache).store(0)
    assert not progress.folder.exists()
    shares.help_with(progress.folder, work_in(cache), lambda: False)
    assert store.count() == 8
    assert computed(cache, paths, Helped()) == computed(cache.with_name("alone"), paths, Helped())


def test_who_helps_ends_once_the_process_that_began_was_killed(cache, paths):
    left = cache / f"{shares.PREFIX}left"
    left.mkdir(parents=True)
    chunk = Chunk(variant=0, ids=tuple(ids_of(paths)), items=tuple(map(str, paths)))
    write_record(left / "000000.chunk", chunk)

    shares.help_with(left, work_in(cache), lambda: False)

    assert work_in(cache).store(0).count() == 0
    computed(cache, paths, Helped())
    assert not left.exists(), "the next pass tidies up"


def test_who_does_not_get_the_same_numbers_does_not_agree(cache, paths):
    def helps(folder):
        sample = read_record(folder / shares.FILE, Pass).sample
        assert work_in(cache).agrees(sample)
        assert not work_in(cache, lambda batch: np.nextafter(mean_colour(batch), np.float32(999))).agrees(sample)

    computed(cache, paths, Helped(helps))


def test_a_pass_of_one_batch_offers_nothing(cache, paths):
    progress = Helped()
    computed(cache, paths[:1], progress)
    assert progress.folder is None


def test_chunks_are_large_at_first_and_small_at_the_end(cache, paths):
    sizes, ids = [], [hashlib.sha256(str(number).encode()).hexdigest() for number in range(3000)]

    def helps(folder):
        with Claims(folder) as claims:
            sizes.extend(len(chunk.ids) for _, chunk in claims)
        progress.stop_at = 0

    progress = Helped(helps)
    with pytest.raises(Stopped):
        computed(cache, [paths[0]] * 3000, progress, ids=ids)
    assert sizes == sorted(sizes, reverse=True)
    assert (sizes[0], sizes[-1]) == (8, 4)
    assert 3000 - 3 * sizes[0] <= sum(sizes) < 3000, "the rest is what the other process works on"
