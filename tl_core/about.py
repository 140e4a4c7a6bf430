"""What people say of a project and of a run: ``project.json`` and ``name.json``."""

from dataclasses import dataclass
from typing import Literal

from tl_core.errors import InputError
from tl_core.language import _

#: What a project holds: pictures with one label each, pictures with several, with boxes around things, or texts.
Things = Literal["pictures", "tags", "boxes", "texts"]


@dataclass(frozen=True, kw_only=True)
class SplitSettings:
    """How images are split.

    Attributes:
        validation: share of each class for validation, 0..0.9.
        test: share of each class for the test, 0..0.9; the two together at most 0.9.
        seed: of the shuffle.

    Raises:
        InputError: fractions that leave nothing to train on.
    """

    validation: float = 0.15
    test: float = 0.15
    seed: int = 0

    def __post_init__(self) -> None:
        fits = self.validation >= 0 and self.test >= 0 and self.validation + self.test <= 0.9 + 1e-9
        if not fits:
            raise InputError(
                _(
                    "Validation and test are fractions between 0 and 0.9, together at most 0.9, so that "
                    "training pictures remain. Received: validation {validation}, test {test}."
                ).format(validation=f"{self.validation:g}", test=f"{self.test:g}")
            )


USUAL = SplitSettings()


@dataclass(frozen=True, kw_only=True)
class About:
    """What ``project.json`` holds.

    Attributes:
        name: as a person typed it.
        created: when, in seconds since the epoch; 0 if the file does not say.
        source: the folder on this machine, or the sample (``"sample:textures"``), that it was made from; None for
            others.
        licence: of the pictures of a sample.
        manifest: number of the current version of the list of images; None without images.
        redo: numbers of the versions that were undone, the one undone last at the end.
        split: how the images were split last.
        opened: how often test images were opened by runs that stayed on another machine when the project came from it.
        incomplete: whether pictures of the list were missing when the project came from another machine.
        kind: what it holds.
    """

    name: str
    created: float = 0.0
    source: str | None = None
    licence: str | None = None
    manifest: int | None = None
    redo: tuple[int, ...] = ()
    split: SplitSettings = USUAL
    opened: int = 0
    incomplete: bool = False
    kind: Things = "pictures"


@dataclass(frozen=True, kw_only=True)
class Label:
    """What a person has said of a run: ``name.json``, which is there once something was said.

    Attributes:
        name: that the run was given; empty without one.
        note: what is worth remembering, on one line; empty without one.
        star: whether it is one of those to come back to.
    """

    name: str = ""
    note: str = ""
    star: bool = False
