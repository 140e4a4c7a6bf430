"""Small real pictures, each different from every other."""

import io
import json
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tl_core.progress import Progress


def noise(seed: int, width: int = 40, height: int = 30) -> Image.Image:
    """Smooth colour noise, so that JPEG keeps it and perceptual hashes differ."""
    small = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    return Image.fromarray(small).resize((width, height), Image.Resampling.BICUBIC)


def encoded(image: Image.Image, kind: str = "PNG", **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def picture(seed: int, kind: str = "PNG") -> bytes:
    return encoded(noise(seed), kind)


def lay(root: Path, tree: dict[str, int | bytes]) -> Path:
    """Write a tree of files: a name with a number (the seed of a picture) or bytes."""
    for name, content in tree.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else picture(content))
    return root


def pets(count: int = 4) -> dict[str, int | bytes]:
    return {f"{label}/{n}.png": 100 * c + n for c, label in enumerate(("cat", "dog")) for n in range(count)}


def png_header(width: int, height: int) -> bytes:
    """A PNG whose header claims a size and whose data holds nothing."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def zipped(path: Path, files: dict[str, bytes], method: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return path


def staged(folder: Path, files: dict[str, bytes], *, complete: bool = True, total: int | None = None) -> Path:
    folder.mkdir(parents=True)
    lines = []
    for number, (name, data) in enumerate(files.items()):
        (folder / f"{number:06d}.bin").write_bytes(data)
        lines.append(json.dumps({"name": name, "file": f"{number:06d}.bin"}))
    (folder / "names.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    about = {"total": len(files) if total is None else total, "complete": complete}
    (folder / "upload.json").write_text(json.dumps(about), encoding="utf-8")
    return folder


class StopAfter(Progress):
    """Keeps what is reported, and asks to stop after a number of events."""

    def __init__(self, count: int) -> None:
        self.count = count
        self.events: list[tuple[str, dict[str, Any]]] = []

    def emit(self, event: str, **fields: Any) -> None:
        self.events.append((event, fields))

    def stopped(self) -> bool:
        return len(self.events) >= self.count


class CtrlC(Progress):
    """Is a person who presses Ctrl+C at the first event."""

    def emit(self, event: str, **fields: Any) -> None:
        raise KeyboardInterrupt
