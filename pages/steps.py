"""The pages, in the order in which a person goes. A new page is a file beside this one and a row here."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Step:
    """A page on the way from pictures to predictions, or beside it.

    Attributes:
        key: names the step in code and links.
        title: what a person reads in the bar of steps.
        file: beside this one; its name is the page's address.
        icon: a Material icon, ``":material/…:"``.
    """

    key: str
    title: str
    file: str
    icon: str


STEPS = (
    Step("pictures", "Pictures", "images.py", ":material/photo_library:"),
    Step("network", "Network", "model.py", ":material/hub:"),
    Step("freeze", "Freeze", "freeze.py", ":material/ac_unit:"),
    Step("train", "Train", "train.py", ":material/model_training:"),
    Step("results", "Results", "results.py", ":material/monitoring:"),
    Step("try", "Try it", "try_it.py", ":material/auto_awesome:"),
    Step("take", "Take away", "take_away.py", ":material/ios_share:"),
)
#: Pages that are no step of the way: they stand at the end of the bar.
BESIDE = (
    Step("experiments", "Experiments", "experiments.py", ":material/science:"),
    Step("runs", "Runs", "runs.py", ":material/menu_book:"),
    Step("learn", "Learn", "learn.py", ":material/school:"),
)
PAGES = (*STEPS, *BESIDE)
