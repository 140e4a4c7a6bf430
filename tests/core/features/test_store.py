import hashlib
import json
import os
import shutil
import subprocess
import sys

import numpy as np
import psutil
import pytest

from tl_core.errors import DamagedError, StorageError
from tl_core.features import store as features_store
from tl_core.features.sources import CachedActivations
from tl_core.features.store import Key

SHAPE = (7, 7, 32)


def ids(*numbers):
    return [hashlib.sha256(str(number).encode()).hexdigest() for number in numbers]


def key(line="all", precision="float32", variant=None):
    changed = None if variant is None else ("gentle", 0, variant)
    return Key(backbone="a", weights="imagenet", line=line, pooling=None, size=64, precision=precision, variant=changed)


def values(*numbers):
    return np.stack([np.random.default_rng(number).normal(size=SHAPE).astype(np.float32) for number in numbers])


@pytest.fixture
def store(tmp_path):
    return features_store.find_or_create(tmp_path, key("a"), SHAPE)


def test_rows_come_back_by_picture_in_any_order_and_in_another_run(store, tmp_path):
    store.add(ids(0, 1, 2), values(0, 1, 2))
    store.add(ids(3, 4), values(3, 4))

    again = features_store.find(tmp_path, key("a"))

    assert again.shape == SHAPE
    assert again.missing(ids(4, 5, 0, 5)) == [3]
    read = again.read(ids(4, 0, 2))
    assert read.dtype == np.float32
    assert (read == values(4, 0, 2)).all()
    assert features_store.find(tmp_path, key("b")) is None


def test_two_writers_do_not_disturb_each_other(store, tmp_path):
    other = features_store.find(tmp_path, key("a"))
    store.add(ids(0, 1), values(0, 1))
    other.add(ids(1, 2), values(1, 2))
    store.add(ids(2, 3), values(2, 3))
    assert (store.read(ids(0, 1, 2, 3)) == values(0, 1, 2, 3)).all()
    assert (tmp_path / store.folder / "values.bin").stat().st_size == 4 * np.prod(SHAPE) * 4


def test_a_writer_that_was_killed_leaves_whole_rows(store, tmp_path):
    store.add(ids(0), values(0))
    with (store.folder / "values.bin").open("ab") as file:
        file.write(b"half a row")
    with (store.folder / "ids.txt").open("ab") as file:
        file.write(ids(1)[0][:20].encode())
    again = features_store.find(tmp_path, key("a"))
    assert again.missing(ids(0, 1)) == [1]
    again.add(ids(1, 2), values(1, 2))
    assert (features_store.find(tmp_path, key("a")).read(ids(2, 1, 0)) == values(2, 1, 0)).all()


def test_who_has_a_store_open_that_was_removed_and_made_again_leaves_the_new_one_alone(store, tmp_path):
    store.add(ids(0, 1), values(0, 1))
    shutil.rmtree(store.folder)
    with pytest.raises(StorageError, match="was removed while it was in use"):
        store.missing(ids(2))
    new = features_store.find_or_create(tmp_path, key("a"), SHAPE)
    with pytest.raises(StorageError, match="was removed while it was in use"):
        store.add(ids(2), values(2))
    new.add(ids(3), values(3))
    assert (features_store.find(tmp_path, key("a")).read(ids(3)) == values(3)).all()
    assert new.count() == 1


ROW = int(np.prod(SHAPE)) * 4
DAMAGES = {
    "one bit": (ROW + 5, lambda old: bytes([old[0] ^ 4]) + old[1:]),
    "the last bit": (2 * ROW - 1, lambda old: bytes([old[0] ^ 128])),
    "zeros after a power cut": (ROW + 512, lambda old: bytes(4096)),
    "a row of zeros": (ROW, lambda old: bytes(ROW)),
    "what another row holds": (ROW, lambda old: values(2).tobytes()),
}


def damage(path, at, changed):
    data = bytearray(path.read_bytes())
    new = changed(bytes(data[at : at + ROW]))
    data[at : at + len(new)] = new
    path.write_bytes(data)


@pytest.mark.parametrize("how", DAMAGES)
def test_a_row_that_the_disk_has_changed_is_missing_until_it_is_written_again(how, store, tmp_path):
    store.add(ids(0, 1, 2), values(0, 1, 2))
    damage(store.folder / "values.bin", *DAMAGES[how])

    again = features_store.find(tmp_path, key("a"))
    assert (again.missing(ids(0, 1, 2, 3)), again.damaged) == ([1, 3], set(ids(1)))
    again.add(ids(0, 1, 2, 3), values(0, 1, 2, 3))

    for each in (again, features_store.find(tmp_path, key("a"))):
        assert (each.missing(ids(0, 1, 2, 3)), each.damaged) == ([], set())
        assert (each.read(ids(3, 2, 1, 0)) == values(3, 2, 1, 0)).all()
    assert (store.folder / "values.bin").stat().st_size == 4 * ROW


@pytest.mark.parametrize(("at", "damaged"), [(72 + 3, []), (72 + 70, [1])], ids=["a picture", "a checksum"])
def test_a_damaged_name_or_checksum_costs_that_row(at, damaged, store, tmp_path):
    store.add(ids(0, 1, 2), values(0, 1, 2))
    damage(store.folder / "ids.txt", at, lambda old: (b"0" if old[:1] != b"0" else b"1") + old[1:])
    again = features_store.find(tmp_path, key("a"))
    assert (again.missing(ids(0, 1, 2)), again.damaged) == ([1], set(ids(*damaged)))
    again.add(ids(1), values(1))
    again = features_store.find(tmp_path, key("a"))
    assert again.missing(ids(0, 1, 2)) == []
    assert (again.read(ids(0, 1, 2)) == values(0, 1, 2)).all()


def test_a_damaged_shape_is_named_and_nothing_is_written(store, tmp_path):
    store.add(ids(0), values(0))
    about = json.loads((store.folder / "about.json").read_text(encoding="utf-8"))
    (store.folder / "about.json").write_text(json.dumps({**about, "shape": [5, 7, 32]}), encoding="utf-8")
    again = features_store.find(tmp_path, key("a"))
    assert again.missing(ids(0)) == [0]
    with pytest.raises(DamagedError, match=r"about\.json holds another shape"):
        again.add(ids(0), values(0))
    assert (store.folder / "values.bin").read_bytes() == values(0).tobytes()


def test_a_store_of_an_earlier_version_has_no_checksums_and_is_read_as_it_is(store, tmp_path):
    store.add(ids(0, 1), values(0, 1))
    about = json.loads((store.folder / "about.json").read_text(encoding="utf-8"))
    (store.folder / "about.json").write_text(json.dumps({**about, "check": None}), encoding="utf-8")
    (store.folder / "ids.txt").write_text("".join(ids(0, 1)), encoding="ascii")
    for number in (2, 3):
        old = features_store.find(tmp_path, key("a"))
        assert old.missing(ids(*range(number + 1))) == [number]
        old.add(ids(number), values(number))
        assert (old.read(ids(*range(number + 1))) == values(*range(number + 1))).all()
    assert (store.folder / "ids.txt").read_text(encoding="ascii") == "".join(ids(0, 1, 2, 3))


def test_half_precision_takes_half_of_the_disk_and_rounds(tmp_path):
    store = features_store.find_or_create(tmp_path, key(precision="float16"), (3,))
    store.add(ids(0), np.array([[1 / 3, 1e6, -1e6]], np.float32))
    assert (store.folder / "values.bin").stat().st_size == 6
    assert store.read(ids(0))[0] == pytest.approx([1 / 3, 65504, -65504], rel=1e-3)


def test_the_oldest_goes_first_and_what_is_in_use_stays(tmp_path, monkeypatch):
    def folder_of(line):
        store = features_store.find_or_create(tmp_path, key(line), SHAPE)
        store.add(ids(0), values(0))
        return store.folder

    folders = [folder_of(line) for line in "abcd"]
    size = features_store.row_bytes(SHAPE, "float32")
    monkeypatch.setattr(features_store, "BOUND", 4 * size)
    features_store.find(tmp_path, key("a"))
    opened = features_store.opened(folders[2])
    os.utime(folders[2], (0, 0))

    assert not features_store.make_room(tmp_path, 5 * size, [])
    assert all(folder.exists() for folder in folders)
    assert features_store.make_room(tmp_path, size, [folders[1]])

    assert [folder.exists() for folder in folders] == [True, True, True, False]
    opened.add(ids(1), values(1))
    del opened
    assert features_store.make_room(tmp_path, 2 * size, folders[:2])
    assert not folders[2].exists()


def test_a_store_that_another_process_has_open_is_not_removed_until_it_is_killed(tmp_path, monkeypatch):
    monkeypatch.setattr(features_store, "BOUND", 0)
    folder = features_store.find_or_create(tmp_path, key(), SHAPE).folder
    code = "import sys, time\nfrom pathlib import Path\nfrom tl_core.features import store\n"
    code += "held = store.opened(Path(sys.argv[1]))\nprint('open', flush=True)\ntime.sleep(600)"
    with subprocess.Popen([sys.executable, "-c", code, folder], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout.readline() == "open\n"
        assert not features_store.make_room(tmp_path, 1, [])
        other.kill()
    assert folder.exists()
    features_store.make_room(tmp_path, 1, [])
    monkeypatch.setattr(features_store, "BOUND", 1)
    assert features_store.make_room(tmp_path, 1, [])


def test_variants_are_taken_in_turn(tmp_path):
    stores = [features_store.find_or_create(tmp_path, key(variant=number), (1,)) for number in range(3)]
    for number, store in enumerate(stores):
        store.add(ids(0, 1), np.full((2, 1), number, np.float32))
    stored = CachedActivations(stores, ids(0, 1))
    assert [stored.read([0, 1], epoch).ravel().tolist() for epoch in range(3)] == [[0, 1], [1, 2], [2, 0]]


def test_an_epoch_over_kept_rows_does_not_add_them_to_the_memory_of_the_process(tmp_path):
    shape, count = (7, 7, 320), 1000  # 63 MB
    store = features_store.find_or_create(tmp_path, key(), shape)
    names = ids(*range(count))
    process = psutil.Process()
    before = process.memory_info().rss
    for at in range(0, count, 20):
        store.add(names[at : at + 20], np.ones((20, *shape), np.float32))
    held = []
    for at in range(0, count, 20):
        assert store.read(names[at : at + 20]).all()
        held.append(process.memory_info().rss - before)
    assert max(held) < 20e6
