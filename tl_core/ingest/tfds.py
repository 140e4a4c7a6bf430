"""The loader of ``tensorflow-datasets``.

``python -m tl_core.ingest.tfds NAME DATA TARGET LIMIT`` writes ``split/class/…``. It is run in
a process of its own (see ``downloads``). The package is an optional extra.
"""

import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tl_core.dataset.names import class_name
from tl_core.errors import InputError
from tl_core.ingest import downloads
from tl_core.language import _

if TYPE_CHECKING:
    from tensorflow_datasets.core import DatasetBuilder


def write(name: str, data: Path, target: Path, limit: int) -> int:
    """Download a set into ``data`` and write at most ``limit`` of its images into ``target``; return how many.

    Raises:
        InputError: no package, no such set, not one of images with one label each, or it could not be prepared.
        OfflineError: it could not be downloaded.
    """
    builder = _builder(name, data)
    try:
        builder.download_and_prepare()
    except Exception as exc:  # the package raises whatever its many downloaders raise
        unprepared = InputError(
            _("tensorflow-datasets could not prepare “{name}” ({error}: {reason}).").format(
                name=name, error=type(exc).__name__, reason=exc
            )[:300]
        )
        raise downloads.as_error(exc) or unprepared from exc
    return _write_all(builder, target, limit)


def _builder(name: str, data: Path) -> "DatasetBuilder":
    try:
        import tensorflow_datasets as tfds
    except ImportError as exc:
        raise InputError(_(downloads.HOW_TO_INSTALL)) from exc
    if not re.fullmatch(r"[A-Za-z0-9_]+(/[A-Za-z0-9_.\-]+)?(:[0-9.*]+)?", name):
        raise InputError(
            _("Not the name of a set of tensorflow-datasets: {name}. For instance: beans.").format(name=repr(name))
        )
    try:
        builder = tfds.builder(name, data_dir=str(data), try_gcs=False)
    except Exception as exc:  # unknown names and unmet needs of a set come as many kinds
        raise InputError(
            _("tensorflow-datasets has no set “{name}” that can be loaded ({reason}).").format(name=name, reason=exc)
        ) from exc
    features = builder.info.features
    if not {"image", "label"} <= set(features) or not hasattr(features["label"], "int2str"):
        raise InputError(_("“{name}” is not a set of pictures with one class each.").format(name=name))
    return builder


def _write_all(builder: "DatasetBuilder", target: Path, limit: int) -> int:
    sizes = {split: int(info.num_examples) for split, info in builder.info.splits.items()}
    share = min(1.0, limit / max(1, sum(sizes.values())))
    written = 0
    for split, size in sizes.items():
        for number, (label, picture) in enumerate(_examples(builder, split, max(1, int(size * share)))):
            path = target / split / class_name(label) / f"{number:06d}"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(picture)
            written += 1
    return written


def _examples(builder: "DatasetBuilder", split: str, count: int) -> Iterator[tuple[str, bytes]]:
    """Yield (class name, encoded image), mixed so that a limit does not cut off whole classes."""
    import tensorflow_datasets as tfds

    names = builder.info.features["label"].int2str
    examples = builder.as_dataset(split=split, decoders={"image": tfds.decode.SkipDecoding()}, shuffle_files=True)
    for example in examples.shuffle(10_000, seed=0).take(count).as_numpy_iterator():
        yield names(int(example["label"])), example["image"]


def main(arguments: Sequence[str]) -> int:
    """Do what the command line says; an error for a person is one line of JSON."""
    name, data, target, limit = arguments
    return downloads.report(lambda: write(name, Path(data), Path(target), int(limit)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
