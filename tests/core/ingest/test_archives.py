"""Archives as people have them: names in any encoding, tars, Teachable Machine's project file."""

import io
import random
import struct
import sys
import tarfile
import zipfile
import zlib
from pathlib import Path

import pytest

from tests.core.pictures import picture, staged, zipped
from tl_core.errors import InputError
from tl_core.ingest import importer
from tl_core.ingest.members import ZipBombError
from tl_core.ingest.sources import Contents, Source, open_source


def zip_of(path: Path, names: list[bytes], extra: dict[bytes, bytes] | None = None) -> Path:
    """Write a zip whose names are these bytes, without a word on their encoding."""
    marks = [f"{number:04d}".ljust(len(name), "x") for number, name in enumerate(names)]
    with zipfile.ZipFile(path, "w") as archive:
        for number, (mark, name) in enumerate(zip(marks, names, strict=True)):
            info = zipfile.ZipInfo(mark)
            info.extra = (extra or {}).get(name, b"")
            archive.writestr(info, picture(number))
    data = path.read_bytes()
    for mark, name in zip(marks, names, strict=True):
        data = data.replace(mark.encode(), name)
    path.write_bytes(data)
    return path


def read(path: Path) -> Contents:
    with open_source(Source("zip", str(path))) as contents:
        return contents


def folders(path: Path) -> list[str]:
    return sorted({entry.folders[0] for entry in read(path).entries})


@pytest.mark.parametrize(
    ("encoding", "classes"),
    [
        ("cp866", ["кошка", "собака"]),
        ("cp866", ["Яблоко", "Груша", "Ёж"]),
        ("cp1251", ["кошка", "собака"]),
        ("cp1251", ["Жук зелёный", "Муха"]),
        ("cp932", ["猫", "犬"]),
        ("cp932", ["りんご", "バナナ", "表示"]),
        ("cp932", ["表", "ソ", "十"]),  # the second byte of each is a backslash or near it
        ("gbk", ["猫", "狗"]),
        ("gbk", ["苹果", "香蕉", "橙子"]),
        ("gb18030", ["合格", "不合格"]),
        ("big5", ["貓", "狗"]),
        ("big5", ["許", "功", "蓋"]),  # the second byte of each is a backslash
        ("cp949", ["고양이", "개"]),
        ("cp949", ["사과", "바나나"]),
        ("cp437", ["Bär", "Käfer"]),
        ("cp1252", ["Bär", "Käfer"]),
        ("cp850", ["éléphant", "âne"]),
        ("cp1252", ["éléphant", "âne"]),
        ("cp852", ["żaba", "źrebię"]),
        ("cp1253", ["γάτα", "σκύλος"]),
    ],
)
def test_names_in_the_code_page_of_a_country_are_read_and_said(
    encoding: str, classes: list[str], tmp_path: Path
) -> None:
    names = [f"{label}/{number}.png".encode(encoding) for label in classes for number in range(2)]
    path = zip_of(tmp_path / "a.zip", names)
    assert folders(path) == sorted(classes)
    with open_source(Source("zip", str(path))) as contents:
        assert all(entry.read() for entry in contents.entries)
    (remark,) = read(path).remarks
    assert "does not say how its names are encoded" in remark
    assert any(label in remark for label in classes)


@pytest.mark.slow
def test_most_sets_of_a_few_everyday_words_are_read_right(tmp_path: Path) -> None:
    words = {
        "gbk": "苹果 香蕉 合格 不合格 正常 异常 玫瑰 花 草 猫 狗 鸟 鱼 白菜 裂纹 划痕 好 坏 男 女 飞机 汽车 图片",
        "big5": "蘋果 香蕉 合格 不合格 正常 異常 玫瑰 花 草 貓 狗 鳥 魚 白菜 裂紋 劃痕 好 壞 男 女 飛機 汽車 圖片",
        "cp932": "りんご バナナ 合格 不合格 正常 異常 薔薇 花 草 猫 犬 鳥 魚 白菜 亀裂 傷 良い 悪い 男 女 飛行機 写真",
        "cp949": "사과 바나나 고양이 개 새 물고기 정상 불량 장미 나무 배추 감자 균열 긁힘 좋음 나쁨 남자 여자 비행기",
        "cp866": "яблоко банан норма брак роза тюльпан кошка собака птица рыба трещина царапина хорошо плохо самолет",
        "cp1251": "яблоко банан норма брак роза тюльпан кошка собака птица рыба трещина царапина хорошо плохо самолет",
    }
    chance, right, tried = random.Random(0), 0, 0
    for encoding, text in words.items():
        for number in range(25):
            classes = chance.sample(text.split(), 3)
            path = zip_of(tmp_path / f"{encoding}{number}.zip", [f"{each}/1.png".encode(encoding) for each in classes])
            right += folders(path) == sorted(classes)
            tried += 1
    assert right / tried >= 0.97


def test_utf_8_without_its_flag_is_what_the_finder_of_macos_writes(tmp_path: Path) -> None:
    names = ["grüner Käfer/1.png", "猫/1.png", "__MACOSX/猫/._1.png", "猫/.DS_Store"]
    path = zip_of(tmp_path / "a.zip", [name.encode() for name in names])
    assert folders(path) == ["grüner Käfer", "猫"]
    assert read(path).remarks == []
    assert len(read(path).left_out) == 2


def test_one_encoding_is_taken_for_a_whole_archive_and_no_two_names_become_one(tmp_path: Path) -> None:
    both = zip_of(tmp_path / "both.zip", ["кошка/1.png".encode(), "кошка/1.png".encode("cp866")])
    assert len({entry.name for entry in read(both).entries}) == 2
    anything = zip_of(tmp_path / "any.zip", [bytes([byte]) + b"/1.png" for byte in range(128, 256)])
    assert len({entry.name for entry in read(anything).entries}) == 128


def test_what_a_zip_itself_says_of_a_name_is_believed(tmp_path: Path) -> None:
    def unicode_path(raw: bytes, text: str, wrong: int = 0) -> bytes:
        field = b"\1" + struct.pack("<I", zlib.crc32(raw) ^ wrong) + text.encode()
        return struct.pack("<HH", 0x7075, len(field)) + field

    cat, dog = b"cat?/1.png", b"dog/1.png"
    path = zip_of(
        tmp_path / "a.zip",
        [cat, dog],
        {cat: unicode_path(cat, "кот/1.png"), dog: unicode_path(dog, "другой/1.png", wrong=1)},
    )
    assert folders(path) == ["dog", "кот"]
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("é/1.png", picture(9))  # with the flag
    assert folders(path) == ["dog", "é", "кот"]
    assert read(path).remarks == []


def tar_of(path: Path, files: dict[str, bytes], encoding: str = "utf-8") -> Path:
    mode = {".gz": "w:gz", ".tgz": "w:gz", ".bz2": "w:bz2", ".xz": "w:xz"}.get(path.suffix, "w")
    with tarfile.open(path, mode, encoding=encoding, format=tarfile.GNU_FORMAT) as archive:
        for name, data in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return path


@pytest.mark.parametrize("name", ["pets.tar", "pets.tar.gz", "pets.tgz", "pets.tar.bz2", "pets.tar.xz"])
@pytest.mark.parametrize("kind", ["zip", "folder", "upload"])
def test_a_tar_is_taken_like_a_zip(kind: str, name: str, tmp_path: Path) -> None:
    files = {f"pets/{label}/{number}.png": picture(number) for label in ("cat", "猫") for number in range(3)}
    path = tar_of(tmp_path / name, {**files, "pets/.DS_Store": b"x"})
    if kind == "upload":
        path = staged(tmp_path / "u", {name: path.read_bytes()})
    with open_source(Source(kind, str(path))) as contents:
        assert [entry.name for entry in contents.entries] == sorted(files)
        assert [entry.read() for entry in reversed(contents.entries)] == [files[n] for n in sorted(files)[::-1]]
        assert contents.name == name
        assert len(contents.left_out) == 1


def test_names_in_a_tar_are_read_like_those_of_a_zip(tmp_path: Path) -> None:
    path = tar_of(tmp_path / "a.tar.gz", {"кошка/1.png": picture(1), "собака/1.png": picture(2)}, "cp866")
    assert folders(path) == ["кошка", "собака"]
    assert "cp866" in read(path).remarks[0]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_a_tar_leads_nowhere_else(tmp_path: Path) -> None:
    path = tar_of(tmp_path / "a.tar", {"../up.png": picture(1), "/etc/x.png": picture(2), "cat/1.png": picture(3)})
    with tarfile.open(path, "a") as archive:
        for name, kind in (("cat/soft.png", tarfile.SYMTYPE), ("cat/hard.png", tarfile.LNKTYPE),
                           ("cat/device.png", tarfile.CHRTYPE), ("cat/pipe.png", tarfile.FIFOTYPE)):  # fmt: skip
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, "/etc/passwd"
            archive.addfile(info)
    contents = read(path)
    assert [entry.name for entry in contents.entries] == ["cat/1.png"]
    reasons = {item.name: item.reason for item in contents.left_out}
    assert all("outside" in reasons[name] for name in ("../up.png", "/etc/x.png"))
    assert all("link" in reasons[name] for name in ("cat/soft.png", "cat/hard.png"))
    assert all("ordinary" in reasons[name] for name in ("cat/device.png", "cat/pipe.png"))


def test_a_tar_that_unpacks_to_too_much_or_is_cut_off_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = tar_of(tmp_path / "a.tar.gz", {f"cat/{number}.png": picture(number) for number in range(9)})
    cut = tmp_path / "cut.tar.gz"
    cut.write_bytes(whole.read_bytes()[:-2000])
    plain = tmp_path / "one.gz"
    plain.write_bytes(zlib.compress(b"no tar at all", wbits=31))
    for path in (cut, plain):
        with pytest.raises(InputError, match="cannot be opened as a tar"):
            read(path)
    monkeypatch.setattr("tl_core.ingest.archive.ALWAYS_ALLOWED", 2**20)
    with pytest.raises(ZipBombError, match="a zip bomb"):
        read(tar_of(tmp_path / "bomb.tar.gz", {"cat/1.bmp": bytes(9_000_000)}))


@pytest.mark.parametrize(
    ("name", "head", "kind"),
    [
        ("a.7z", b"7z\xbc\xaf\x27\x1c\0\4", "7z"),
        ("a.rar", b"Rar!\x1a\x07\1\0", "RAR"),
        ("a.bin", b"Rar!\x1a\x07\0", "RAR"),
    ],
)
def test_other_archives_are_refused_by_what_they_are(name: str, head: bytes, kind: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(head + bytes(100))
    with pytest.raises(InputError, match=f"“{name}” is a {kind} archive, which Thaw does not read. Unpack it"):
        read(tmp_path / name)
    upload = staged(tmp_path / "u", {f"x{Path(name).suffix}": head + bytes(100)})
    if name != "a.bin":
        with pytest.raises(InputError, match=f"is a {kind} archive"), open_source(Source("upload", str(upload))):
            pass


@pytest.mark.parametrize("name", ["set.tm", "set.zip"])
def test_the_project_file_of_teachable_machine_is_read_as_a_set(name: str, tmp_path: Path) -> None:
    files = {f"{label}-!-{number}.jpg": picture(10 * len(label) + number, "JPEG")
             for label in ("Class 1", "a-b") for number in range(4)}  # fmt: skip
    path = zipped(tmp_path / name, {**files, "manifest.json": b"{}"})
    reading = importer.readings(Source("zip", str(path))).best
    assert reading.classes == {"Class 1": 4, "a-b": 4}
    assert reading.doubt == ""
