import os
import stat
import struct
import sys
import zipfile
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from tests.core.pictures import lay, pets, picture, staged, zipped
from tl_core.errors import InputError
from tl_core.ingest.entries import LeftOut, safe_parts
from tl_core.ingest.members import ZipBombError
from tl_core.ingest.sources import Contents, Source, open_source


def opened(kind: str, path: Path) -> AbstractContextManager[Contents]:
    return open_source(Source(kind, str(path)))


def names(source: Contents) -> list[str]:
    return [entry.name for entry in source.entries]


def reasons(source: Contents) -> dict[str, str]:
    return {item.name: item.reason for item in source.left_out}


def test_a_folder_gives_its_files_sorted_and_says_what_is_none(tmp_path: Path) -> None:
    lay(tmp_path / "pets", {**pets(1), **dict.fromkeys([
        ".DS_Store", "cat/.hidden.png", "__MACOSX/cat/._0.png", ".ipynb_checkpoints/0.png", "cat/Thumbs.db",
        "dog/desktop.ini", "readme.txt", "labels.csv", "film.mp4", "more.zip", "more.tar.gz"], b"x")})  # fmt: skip
    with opened("folder", tmp_path / "pets") as source:
        assert source.name == "pets"
        assert names(source) == ["cat/0.png", "dog/0.png"]
        assert source.entries[0].read() == picture(0)
        predicted = reasons(source)
        assert [entry.name for entry in source.tables] == ["labels.csv", "readme.txt"]
    assert len(predicted) == 9
    assert "Hidden file “.DS_Store”" in predicted[".DS_Store"]
    assert "Hidden folder" in predicted[".ipynb_checkpoints/0.png"]
    assert "left by macOS" in predicted["__MACOSX/cat/._0.png"]
    assert "left by Windows" in predicted["cat/Thumbs.db"]
    assert "left by Windows" in predicted["dog/desktop.ini"]
    assert "unpack it" in predicted["more.zip"]
    assert "unpack it" in predicted["more.tar.gz"]


def test_a_file_without_a_telling_ending_is_a_picture_by_its_content(tmp_path: Path) -> None:
    root = lay(tmp_path / "pets", {"cat/1": 1, "cat/2.image": 2, "LICENSE": b"Apache License", "x.npy": b"\x93NUMPY",
        "x.mat": b"MATLAB 5.0 MAT-file", "train.cache": b"\x80\x04", "cat/empty": b""})  # fmt: skip
    packed = zipped(tmp_path / "a.zip", {str(p.relative_to(root)): p.read_bytes() for p in root.rglob("*.*")})
    with opened("folder", root) as source:
        assert names(source) == ["cat/1", "cat/2.image", "cat/empty"]
        assert set(reasons(source).values()) == {"Not a picture, by its content."}
        assert source.entries[0].path == root / "cat" / "1"
    with opened("zip", packed) as source:
        assert names(source) == ["cat/2.image"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_link_to_a_class_takes_nothing_from_it(tmp_path: Path) -> None:
    root = lay(tmp_path / "pets", pets(1))
    (root / "bird").symlink_to(root / "cat")
    (root / "wolf").mkdir()
    with opened("folder", root) as source:
        assert names(source) == ["cat/0.png", "dog/0.png"]
        assert reasons(source) == {"bird": "A link to a folder that is read anyway."}
        assert source.remarks == ["The folder “wolf” is empty."]


@pytest.mark.skipif(sys.platform != "linux", reason="other systems know no two spellings of one name")
def test_two_spellings_of_one_name_are_two_pictures(tmp_path: Path) -> None:
    root = lay(tmp_path / "pets", {"cat/B\u00e4r.png": 1, "cat/Ba\u0308r.png": 2})
    with opened("folder", root) as source:
        assert names(source) == ["cat/Bär (2).png", "cat/Bär.png"]


@pytest.mark.skipif(sys.platform == "win32", reason="links and pipes need rights there")
def test_links_and_pipes_in_a_folder(tmp_path: Path) -> None:
    root = lay(tmp_path / "pets", pets(1))
    (root / "cat" / "self").symlink_to(root)
    (root / "cat" / "gone.png").symlink_to(root / "nowhere.png")
    (root / "cat" / "link.png").symlink_to(root / "dog" / "0.png")
    os.mkfifo(root / "cat" / "pipe.png")
    with opened("folder", root) as source:
        assert names(source) == ["cat/0.png", "cat/link.png", "dog/0.png"]
        assert reasons(source) == {
            "cat/gone.png": "A link that leads nowhere.",
            "cat/self": "A link to a folder that is read anyway.",
            "cat/pipe.png": "Not an ordinary file.",
        }


@pytest.mark.parametrize("kind", ["folder", "zip"])
def test_what_is_not_there_is_refused(kind: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="There is no"), opened(kind, tmp_path / "nowhere"):
        pass


def test_a_zip_gives_its_files(tmp_path: Path) -> None:
    files = {f"pets/{name}": picture(int(seed)) for name, seed in pets(2).items()}
    with open_source(
        Source("zip", str(zipped(tmp_path / "pets.zip", {**files, "pets/": b"", "pets\\cow\\1.png": b"x"})))
    ) as source:
        assert source.name == "pets.zip"
        assert names(source) == [*sorted(files)[:2], "pets/cow/1.png", *sorted(files)[2:]]
        assert source.entries[0].read() == picture(0)
        assert source.left_out == []


@pytest.mark.parametrize(
    "name", ["../1.png", "cat/../../1.png", "/etc/1.png", "C:/1.png", "c:\\1.png", "..\\1.png", "\\\\host\\1.png"]
)
def test_a_zip_entry_that_climbs_out_is_left_out(name: str, tmp_path: Path) -> None:
    with open_source(
        Source("zip", str(zipped(tmp_path / "a.zip", {name: picture(1), "cat/1.png": picture(2)})))
    ) as source:
        assert names(source) == ["cat/1.png"]
        assert len(source.left_out) == 1
        assert "points outside" in source.left_out[0].reason
    assert safe_parts(name) == ()


def test_a_link_in_a_zip_is_left_out(tmp_path: Path) -> None:
    info = zipfile.ZipInfo("cat/1.png")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr(info, "/etc/passwd")
    with opened("zip", tmp_path / "a.zip") as source:
        assert source.left_out == [LeftOut("cat/1.png", "A link, not a file. Links in an archive are not followed.")]


def patched(path: Path, changes: list[tuple[bytes, int, bytes]]) -> None:
    """Overwrite bytes at an offset from each place where a signature occurs."""
    data = bytearray(path.read_bytes())
    for signature, offset, value in changes:
        at = data.find(signature)
        while at >= 0:
            data[at + offset : at + offset + len(value)] = value
            at = data.find(signature, at + 4)
    path.write_bytes(data)


def test_an_encrypted_zip_says_so(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"cat/1.png": picture(1)})
    patched(path, [(b"PK\x03\x04", 6, b"\x01\x00"), (b"PK\x01\x02", 8, b"\x01\x00")])
    with opened("zip", path) as source:
        assert "password" in reasons(source)["cat/1.png"]


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04" + b"\0" * 100])
def test_a_file_that_is_no_zip_is_refused(data: bytes, tmp_path: Path) -> None:
    (tmp_path / "a.zip").write_bytes(data)
    with (
        pytest.raises(InputError, match="cannot be opened as a zip"),
        opened("zip", tmp_path / "a.zip"),
    ):
        pass


def test_a_zip_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"cat/1.png": picture(1)})
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(InputError, match="cut off"), opened("zip", path):
        pass


def test_a_damaged_entry_is_refused_alone(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"cat/1.png": picture(1), "cat/2.png": picture(2)})
    data = bytearray(path.read_bytes())
    data[60] ^= 255
    path.write_bytes(data)
    with opened("zip", path) as source:
        with pytest.raises(InputError, match="damaged inside the zip"):
            source.entries[0].read()
        assert source.entries[1].read() == picture(2)


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tl_core.ingest.archive.ALWAYS_ALLOWED", 2**20)
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(12):
            archive.writestr(f"cat/{n}.bmp", b"\0" * 2_000_000)
    assert path.stat().st_size < 50_000
    with pytest.raises(ZipBombError, match="a zip bomb"), opened("zip", path):
        pass


def test_a_zip_whose_headers_lie_gives_no_more_than_they_say(tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"cat/1.bmp": b"\0" * 50_000_000}, zipfile.ZIP_DEFLATED)
    little = struct.pack("<I", 1000)
    patched(path, [(b"PK\x03\x04", 22, little), (b"PK\x01\x02", 24, little)])
    with opened("zip", path) as source, pytest.raises(InputError, match="damaged inside the zip"):
        source.entries[0].read()


def test_an_upload_gives_its_files_by_the_names_they_came_with(tmp_path: Path) -> None:
    upload = staged(tmp_path / "u", {"pets\\cat\\1.png": picture(1), "../../x.png": picture(2), "dog/.x": b""})
    with opened("upload", upload) as source:
        assert names(source) == ["pets/cat/1.png"]
        assert source.entries[0].read() == picture(1)
        assert set(reasons(source)) == {"../../x.png", "dog/.x"}


def test_an_upload_of_one_zip_is_opened(tmp_path: Path) -> None:
    data = zipped(tmp_path / "a.zip", {"cat/1.png": picture(1)}).read_bytes()
    with opened("upload", staged(tmp_path / "u", {"photos.zip": data})) as source:
        assert source.name == "photos.zip"
        assert names(source) == ["cat/1.png"]


def test_an_upload_that_was_cut_off_is_refused(tmp_path: Path) -> None:
    files = {"cat/1.png": picture(1), "cat/2.png": picture(2)}
    torn = staged(tmp_path / "torn", files)
    (torn / "names.jsonl").write_bytes((torn / "names.jsonl").read_bytes()[:-20])
    lost = staged(tmp_path / "lost", files)
    (lost / "000001.bin").unlink()
    outside = staged(tmp_path / "outside", files)
    (outside / "names.jsonl").write_text('{"name": "a.png", "file": "../lost/000000.bin"}\n', encoding="utf-8")
    for upload in (
        staged(tmp_path / "unfinished", files, complete=False),
        staged(tmp_path / "fewer", files, total=3),
        torn,
        lost,
        outside,
    ):
        with (
            pytest.raises(InputError, match=r"cut off: . of . files arrived"),
            opened("upload", upload),
        ):
            pass
    with (
        pytest.raises(InputError, match="no longer there"),
        opened("upload", tmp_path / "nowhere"),
    ):
        pass
