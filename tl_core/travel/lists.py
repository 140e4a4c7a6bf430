"""A version of the list of pictures from outside: read column by column, with bounds, and written again."""

import re
from datetime import datetime
from pathlib import Path

import pandas as pd

from tl_core.about import About, Things
from tl_core.dataset import boxes, kinds, manifest, tags
from tl_core.dataset.manifest import COLUMNS
from tl_core.dataset.names import class_name
from tl_core.dataset.splits import SPLITS
from tl_core.errors import InputError
from tl_core.files import read_stored, write_bytes
from tl_core.ingest.entries import MAX_FILES
from tl_core.language import _

#: Columns that earlier versions did not write have the value that a row has without them.
_LATER = ("apart", "group", "text", "boxes")
#: Characters of a text, and of all texts of a column together: a few bytes can unpack to any number.
_LONGEST, _MOST = 2**20, 2**30
#: What a text of the list must match, by its column. Nothing in it is invisible, or turns the direction of others.
_TEXT = r"[^\x00-\x1f\x7f\u202a-\u202e\u2066-\u2069]*"
_PATTERNS = {
    "id": r"[0-9a-f]{64}",
    "split": rf"({'|'.join(SPLITS)})?",
    "look": r"([0-9a-f]{2})*",
    "taken": r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})? [0-9a-f]{8})?",
    "apart": r"[0-9a-f ]*",
    "text": _TEXT.replace(r"\x00-\x1f", r"\x00-\x09\x0b-\x1f"),  # of several lines
}


def check(path: Path) -> None:
    """Check a version of the list and write it again, as this version writes it. Raises InputError."""
    try:
        table = _read(path)
    except (OSError, ValueError, KeyError, TypeError, MemoryError) as exc:  # pyarrow's errors are of these kinds
        raise InputError(_("It is no list of pictures.")) from exc
    for name in (each for each, kind in COLUMNS.items() if kind == "str"):
        pattern = re.compile(_PATTERNS.get(name, _TEXT))
        wrong = next((each for each in table[name].unique() if not pattern.fullmatch(str(each))), None)
        if wrong is not None:
            raise InputError(_("Its column “{column}” holds {value}.").format(column=name, value=repr(str(wrong)[:40])))
    about = read_stored(path.parent.parent / "project.json", About)  # a damaged one is refused by its own check
    _check_rows(table, about.kind if about else kinds.PICTURES)
    write_bytes(path, manifest.to_parquet(table))


def _check_rows(table: pd.DataFrame, kind: Things) -> None:
    if table["id"].duplicated().any():
        raise InputError(_("It names a picture twice."))
    pictures = table[table["text"] == ""]
    if not pictures[["width", "height"]].apply(lambda sides: sides.between(1, 2**16)).all(axis=None):
        raise InputError(_("It holds a picture without a size."))
    for text in table["boxes"].unique():
        if not _are_boxes(text):
            raise InputError(_("It holds boxes that cannot be shown: {boxes}.").format(boxes=repr(text[:40])))
    for moment in filter(None, table["taken"].unique()):
        datetime.fromisoformat(moment.split(" ")[0])
    for label in table["label"].unique():
        names = tags.names(kind, label)
        if any(class_name(each) != each for each in names) or tags.SEPARATOR.join(names) != label:
            raise InputError(
                _("It holds a class name that cannot be shown: {class_name}.").format(class_name=repr(label[:40]))
            )


def _read(path: Path) -> pd.DataFrame:
    import pyarrow.compute as pc
    import pyarrow.parquet as pq

    file = pq.ParquetFile(path)
    there = set(file.schema_arrow.names)
    wanted = [name for name in COLUMNS if name not in _LATER or name in there]
    if file.metadata.num_rows > MAX_FILES:
        raise ValueError("too many rows")
    texts = [name for name in wanted if COLUMNS[name] == "str"]
    stored = pq.read_table(path, columns=wanted, read_dictionary=texts)
    for name in texts:
        for chunk in stored[name].chunks:
            lengths = pc.binary_length(chunk.dictionary)
            total = pc.sum(pc.cast(lengths.take(chunk.indices), "int64")).as_py() or 0
            if (pc.max(lengths).as_py() or 0) > _LONGEST or total > _MOST or chunk.null_count:
                raise ValueError("texts without end")
    table: pd.DataFrame = stored.to_pandas(ignore_metadata=True)
    return table.assign(**{name: "" for name in _LATER if name not in wanted})[list(COLUMNS)].astype(COLUMNS)


def _are_boxes(text: str) -> bool:
    try:
        found = boxes.split(text)
    except (ValueError, TypeError, RecursionError):
        return False
    return text in ("", boxes.join(found)) and all(map(boxes.is_whole, found))
