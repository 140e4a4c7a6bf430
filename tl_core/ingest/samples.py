"""Sets of pictures to try things with: some need no network, some are public sets that are loaded on demand.

The table is shown on the first page, so what makes the samples (pandas, scikit-learn …) is imported only by ``run``.
"""

import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tl_core.errors import InputError, OfflineError
from tl_core.ingest import downloads
from tl_core.progress import Progress
from tl_core.workspace import Workspace, storage_errors

#: ``"tfds:NAME"`` as the id of a sample means the set NAME of tensorflow-datasets.
TFDS = "tfds:"
TFDS_LIMIT = 3000

_TENSORFLOW = "https://storage.googleapis.com/download.tensorflow.org"


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A set of pictures to try things with.

    Attributes:
        id: stable, for instance ``"digits"``.
        title: for a person.
        advice: one line on what it is good for.
        pictures: how many there are.
        classes: their names; empty if not known before it is loaded.
        bundled: True if it needs no network.
        source: where the pictures come from.
        licence: of the pictures.
        download_mb: what has to be downloaded, in MB of 10⁶ bytes.
        archives: (part or ``""``, address) of each archive of an online set.
    """

    id: str
    title: str
    advice: str
    pictures: int
    classes: tuple[str, ...]
    bundled: bool
    source: str
    licence: str
    download_mb: int = 0
    archives: tuple[tuple[str, str], ...] = ()


SAMPLES: tuple[Sample, ...] = (
    Sample(
        id="digits",
        title="Handwritten digits",
        advice="Ten classes, small and clear: trains in seconds.",
        pictures=1000,
        classes=tuple("0123456789"),
        bundled=True,
        source="https://archive.ics.uci.edu/dataset/80 (through scikit-learn)",
        licence="CC BY 4.0",
    ),
    Sample(
        id="textures",
        title="Brick, grass, gravel",
        advice="Three surfaces, cut from three photographs. Test pictures come from parts never trained on.",
        pictures=384,
        classes=("brick", "grass", "gravel"),
        bundled=True,
        source="scikit-image's photographs brick, grass and gravel (from cc0textures.com)",
        licence="CC0",
    ),
    Sample(
        id="faces",
        title="Face or not",
        advice="Two classes of a hundred tiny pictures: few, grey and blurred, and still learnable.",
        pictures=200,
        classes=("face", "not a face"),
        bundled=True,
        source="http://vis-www.cs.umass.edu/lfw/ (the subset in scikit-image)",
        licence="for research; see the source",
    ),
    Sample(
        id="flowers",
        title="Flower photos",
        advice="Five kinds of flowers as people photograph them: the classic of transfer learning.",
        pictures=3670,
        classes=("daisy", "dandelion", "roses", "sunflowers", "tulips"),
        bundled=False,
        source="TensorFlow's flower_photos",
        licence="CC BY; see LICENSE.txt in the archive",
        download_mb=229,
        archives=(("", f"{_TENSORFLOW}/example_images/flower_photos.tgz"),),
    ),
    Sample(
        id="cats-and-dogs",
        title="Cats and dogs (filtered)",
        advice="Two classes, 3,000 photographs, already divided for training and validation.",
        pictures=3000,
        classes=("cats", "dogs"),
        bundled=False,
        source="TensorFlow's cats_and_dogs_filtered",
        licence="see the Dogs vs. Cats competition that it was taken from",
        download_mb=69,
        archives=(("", "https://storage.googleapis.com/mledu-datasets/cats_and_dogs_filtered.zip"),),
    ),
    Sample(
        id="rock-paper-scissors",
        title="Rock, paper, scissors",
        advice="Three hand signs, rendered, with hands of their own for the test.",
        pictures=2892,
        classes=("paper", "rock", "scissors"),
        bundled=False,
        source="Laurence Moroney's rock-paper-scissors",
        licence="CC BY 2.0",
        download_mb=230,
        archives=(("train", f"{_TENSORFLOW}/data/rps.zip"), ("test", f"{_TENSORFLOW}/data/rps-test-set.zip")),
    ),
)


def get(id: str) -> Sample:  # noqa: A002 - the word of the table
    """Return the sample of that id; ``"tfds:NAME"`` gives one for any set of tensorflow-datasets.

    Raises:
        InputError: there is no such sample.
    """
    if id.startswith(TFDS) and id != TFDS:
        return _of_tensorflow_datasets(id)
    for sample in SAMPLES:
        if sample.id == id:
            return sample
    known = ", ".join(sample.id for sample in SAMPLES)
    raise InputError(f"There is no sample “{id}”. Samples: {known}, or {TFDS}NAME for a set of tensorflow-datasets.")


def _of_tensorflow_datasets(id: str) -> Sample:  # noqa: A002
    name = id.removeprefix(TFDS)
    return Sample(
        id=id,
        title=name,
        advice="A set of tensorflow-datasets.",
        pictures=TFDS_LIMIT,
        classes=(),
        bundled=False,
        source=f"https://www.tensorflow.org/datasets/catalog/{name}",
        licence="see the source",
    )


def run(
    folder: Path,
    progress: Progress,
    *,
    sample: str,
    workspace: str,
    name: str | None = None,
    limit: int | None = None,
) -> dict[str, Any]:
    """Do the "sample" job: make a project of a sample.

    Args:
        folder: the job's folder; what is downloaded or made lies there for as long as the job runs.
        progress: the listener.
        sample: the id of a sample.
        workspace: the workspace's folder.
        name: of the project; the sample's title unless given.
        limit: take at most about so many pictures, the same part of each class.

    Returns:
        As ``intake.run``: ``{"project": slug, "manifest": version, "report": path}``.

    Raises:
        OfflineError: it has to be downloaded and the network did not answer.
        InputError: there is no such sample, or it cannot be used.
        Stopped: a person pressed Stop. In every case no project is left behind.
    """
    chosen = get(sample)
    if limit is not None and limit < 1:
        raise InputError(f"The limit is a number of pictures, 1 or more. Received: {limit}.")
    made = folder / "pictures"
    try:
        with storage_errors():
            shutil.rmtree(made, ignore_errors=True)
            pictures = _prepare(chosen, made, limit, progress)
        return _import(Workspace.open(workspace), name or chosen.title, chosen, pictures, progress)
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _prepare(sample: Sample, made: Path, limit: int | None, progress: Progress) -> Path:
    """Write the sample's pictures below ``made`` and return their folder."""
    if sample.bundled:
        from tl_core.ingest import bundled

        def emit(done: int, total: int) -> None:
            progress.emit("progress", what="preparation", done=done, total=total)

        makers = {"digits": bundled.digits, "textures": bundled.textures, "faces": bundled.faces}
        makers[sample.id](made / "all", emit)
        return made / "all" if limit is None else _limited(made / "all", made / "some", limit)
    try:
        if sample.id.startswith(TFDS):
            name = sample.id.removeprefix(TFDS)
            return downloads.fetch_dataset(name, made, limit or TFDS_LIMIT, progress)
        return _fetch(sample, made, limit, progress)
    except OfflineError as exc:
        raise OfflineError(_offline(sample, str(exc))) from exc


def _fetch(sample: Sample, made: Path, limit: int | None, progress: Progress) -> Path:
    for part, url in sample.archives:
        (made / "all").mkdir(parents=True, exist_ok=True)
        _unwrapped(downloads.fetch(url, made / "loaded", progress)).rename(made / "all" / (part or "all"))
    found = made / "all"
    return found if limit is None else _limited(found, made / "some", limit)


def _unwrapped(folder: Path) -> Path:
    """Return the first folder inside that holds more than one folder: an archive's own outer folders say nothing."""
    while True:
        inside = [path for path in folder.iterdir() if path.is_dir() and path.name != "__MACOSX"]
        if len(inside) != 1:
            return folder
        folder = inside[0]


def _offline(sample: Sample, reason: str) -> str:
    here = ", ".join(f"“{other.title}”" for other in SAMPLES if other.bundled)
    size = f" ({sample.download_mb} MB)" if sample.download_mb else ""
    return (
        f"“{sample.title}” has to be downloaded{size} and the network did not answer: {reason.rstrip('.')}. "
        f"Connect and try again, or take a sample that needs no network: {here}."
    )


def _limited(found: Path, target: Path, limit: int) -> Path:
    """Link about ``limit`` files into ``target``: the same part of every folder, at least two of each."""
    groups = {folder: sorted(path for path in folder.iterdir() if path.is_file()) for folder in _folders(found)}
    share = min(1.0, limit / max(1, sum(map(len, groups.values()))))
    for folder, files in groups.items():
        place = target / folder.relative_to(found)
        place.mkdir(parents=True, exist_ok=True)
        count = min(len(files), max(2, round(len(files) * share)))
        for number in range(count):
            path = files[number * len(files) // count]
            os.link(path, place / path.name)
    return target


def _folders(found: Path) -> list[Path]:
    return sorted(path for path in found.rglob("*") if path.is_dir())


def _import(workspace: Workspace, name: str, sample: Sample, pictures: Path, progress: Progress) -> dict[str, Any]:
    from tl_core.ingest import importer

    project = workspace.create_project(name, source=f"sample:{sample.id}", licence=sample.licence)
    try:
        outcome = importer.bring_in(project, {"kind": "folder", "path": str(pictures)}, progress=progress)
    except BaseException:
        shutil.rmtree(project.folder, ignore_errors=True)
        raise
    return {"project": project.slug, "manifest": outcome.manifest.version, "report": str(outcome.report_path)}
