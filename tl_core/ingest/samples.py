"""Sets of images to try things with: some need no network, some are public sets that are loaded on demand.

A new sample is one row of ``SAMPLES``; one that needs no network also needs its maker and its glimpse
in ``bundled``.
"""

from dataclasses import dataclass

from tl_core.about import Things
from tl_core.errors import InputError
from tl_core.ingest import bundled
from tl_core.language import N_, _

#: ``"tfds:NAME"`` as the id of a sample means the set NAME of tensorflow-datasets.
TFDS = "tfds:"
TFDS_LIMIT = 3000

_TENSORFLOW = "https://storage.googleapis.com/download.tensorflow.org"


@dataclass(frozen=True, kw_only=True)
class Sample:
    """A set of images to try things with. Title, advice, source and licence are shown by ``_``.

    Attributes:
        id: stable, for instance ``"digits"``.
        title: for a person.
        advice: one line on what it is good for.
        pictures: how many there are.
        classes: their names; empty if not known before it is loaded.
        kind: ``"tags"`` where a picture has several labels.
        source: where the images come from.
        licence: of the images.
        maker: writes the images of a sample that needs no network; None for an online set.
        glimpse: returns a few of its images at once; None for an online set.
        download_mb: size of the download, in MB of 10⁶ bytes.
        archives: (split or ``""``, address) of each archive of an online set.
    """

    id: str
    title: str
    advice: str
    pictures: int
    classes: tuple[str, ...]
    source: str
    licence: str
    maker: bundled.Maker | None = None
    glimpse: bundled.Glimpse | None = None
    download_mb: int = 0
    archives: tuple[tuple[str, str], ...] = ()
    kind: Things = "pictures"

    @property
    def bundled(self) -> bool:
        """True if it needs no network."""
        return self.maker is not None


SAMPLES: tuple[Sample, ...] = (
    Sample(
        id="digits",
        title=N_("Handwritten digits"),
        advice=N_("Ten classes, small and clear: trains in seconds."),
        pictures=1000,
        classes=tuple("0123456789"),
        source=N_("https://archive.ics.uci.edu/dataset/80 (through scikit-learn)"),
        licence="CC BY 4.0",
        maker=bundled.digits,
        glimpse=bundled.some_digits,
    ),
    Sample(
        id="textures",
        title=N_("Brick, grass, gravel"),
        advice=N_("Three surfaces, cut from three photographs. Test pictures come from areas never trained on."),
        pictures=384,
        classes=("brick", "grass", "gravel"),
        source=N_("scikit-image's photographs brick, grass and gravel (from cc0textures.com)"),
        licence="CC0",
        maker=bundled.textures,
        glimpse=bundled.some_textures,
    ),
    Sample(
        id="together",
        title=N_("Surfaces side by side"),
        advice=N_("Several labels a picture: one surface or two, half of them in the dark."),
        pictures=216,
        classes=("brick", "dark", "grass", "gravel"),
        source=N_("scikit-image's photographs brick, grass and gravel (from cc0textures.com)"),
        licence="CC0",
        maker=bundled.together,
        glimpse=bundled.some_together,
        kind="tags",
    ),
    Sample(
        id="faces",
        title=N_("Face or not"),
        advice=N_("Two classes of a hundred tiny pictures: few, grey and blurred, and still learnable."),
        pictures=200,
        classes=("face", "not a face"),
        source=N_("http://vis-www.cs.umass.edu/lfw/ (the subset in scikit-image)"),
        licence=N_("for research; see the source"),
        maker=bundled.faces,
        glimpse=bundled.some_faces,
    ),
    Sample(
        id="flowers",
        title=N_("Flower photos"),
        advice=N_("Five kinds of flowers as people photograph them: the classic of transfer learning."),
        pictures=3670,
        classes=("daisy", "dandelion", "roses", "sunflowers", "tulips"),
        source="TensorFlow's flower_photos",
        licence=N_("CC BY; see LICENSE.txt in the archive"),
        download_mb=229,
        archives=(("", f"{_TENSORFLOW}/example_images/flower_photos.tgz"),),
    ),
    Sample(
        id="cats-and-dogs",
        title=N_("Cats and dogs (filtered)"),
        advice=N_("Two classes, 3,000 photographs, already split into training and validation."),
        pictures=3000,
        classes=("cats", "dogs"),
        source="TensorFlow's cats_and_dogs_filtered",
        licence=N_("see the Dogs vs. Cats competition that it was taken from"),
        download_mb=69,
        archives=(("", "https://storage.googleapis.com/mledu-datasets/cats_and_dogs_filtered.zip"),),
    ),
    Sample(
        id="rock-paper-scissors",
        title=N_("Rock, paper, scissors"),
        advice=N_("Three hand signs, rendered. The test pictures show other hands."),
        pictures=2892,
        classes=("paper", "rock", "scissors"),
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
    ids = ", ".join(sample.id for sample in SAMPLES)
    raise InputError(
        _("There is no sample “{id}”. Samples: {ids}, or {prefix}NAME for a set of tensorflow-datasets.").format(
            id=id, ids=ids, prefix=TFDS
        )
    )


def _of_tensorflow_datasets(id: str) -> Sample:  # noqa: A002
    name = id.removeprefix(TFDS)
    return Sample(
        id=id,
        title=name,
        advice=N_("A set of tensorflow-datasets."),
        pictures=TFDS_LIMIT,
        classes=(),
        source=f"https://www.tensorflow.org/datasets/catalog/{name}",
        licence=N_("see the source"),
    )
