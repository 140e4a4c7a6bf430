"""What exports say of a kind of task, in English: cards and READMEs go out of the house. Loads no TensorFlow."""

from contextlib import AbstractContextManager
from dataclasses import dataclass

from tl_core import wording
from tl_core.about import Things
from tl_core.dataset import kinds
from tl_core.export.markdown import escape
from tl_core.export.refusal import BOXES, PROBABILITIES
from tl_core.language import SOURCE, written_in
from tl_core.networks.tables import Pretrained
from tl_core.runs import RunFolder


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What a card says of a kind of task.

    Attributes:
        things: what the examples are called.
        label: what one of the answers is called.
        task: how a model hub calls the task.
        tags: what else a hub finds it by.
        data_set: how a hub calls such data.
        does: what the model does; ``answers`` has the place of its classes or tags.
        began: from which weights it began; ``source`` has the place of where they were published.
        takes: what it takes; ``size`` has its place.
        input: what the input of a model is called.
        output: what its output is called.
        gives: what it gives; ``order`` has its place.
        order: the file with the names of its outputs.
        calibrated: whether its probabilities were divided by a temperature.
        handed_on: what a run on everything has from the run before.
    """

    things: str
    label: str
    task: str
    tags: tuple[str, ...] = ()
    data_set: str
    does: str
    began: str = "its ImageNet"
    takes: str = "{size} × {size} pixels, RGB, values 0 to 255"
    input: str = "picture"
    output: str = PROBABILITIES
    gives: str = "the probability of each class, in the order of {order}"
    order: str
    calibrated: bool = True
    handed_on: str = "temperature"

    def answers(self, number: int) -> str:
        """Return a number of its answers, in words."""
        return wording.tags(number) if self.label == "label" else wording.classes(number)


SUBJECTS: dict[Things, Subject] = {
    "pictures": Subject(
        things="pictures",
        label="class",
        task="image-classification",
        data_set="imagefolder",
        does="A classifier of pictures into {answers}.",
        order="labels.txt",
    ),
    "tags": Subject(
        things="pictures",
        label="label",
        task="image-classification",
        tags=("multi-label-image-classification",),
        data_set="imagefolder",
        does="It says which of {answers} a picture has: one, several or none.",
        gives="the probability of each label, in the order of {order}",
        order="tags.json",
        calibrated=False,
        handed_on="thresholds",
    ),
    "boxes": Subject(
        things="pictures",
        label="class",
        task="object-detection",
        data_set="imagefolder",
        does="It draws boxes around things of {answers} in a picture.",
        output=BOXES,
        gives="a box (left, upper, right, lower edge, as shares of the sides) and its scores in the order of {order}, "
        "at each place; non-maximum suppression is in example.py",
        order="labels.txt",
        calibrated=False,
        handed_on="confidence",
    ),
    "texts": Subject(
        things="texts",
        label="class",
        task="text-classification",
        tags=("bert",),
        data_set="text",
        does="A classifier of texts into {answers}.",
        began="the published ({source})",
        takes="at most {size} word pieces of a text",
        input="ids",
        order="classes.json",
    ),
}


def of(run: RunFolder) -> Subject:
    """Return what is said of the kind of a run."""
    return SUBJECTS[kinds.of(run.project)]


def english(run: RunFolder) -> AbstractContextManager[None]:
    """Give all texts in English in the block, of what the run is about."""
    return written_in(f"{SOURCE}@{kinds.of(run.project)}")


def source(network: Pretrained) -> str:
    """Return where a network comes from, as Markdown: an address of the catalogue is a link, a folder was typed."""
    return network.source if network.package else escape(network.source)
