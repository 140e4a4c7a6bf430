"""The pages, in the order in which a person goes. A new page is a file beside this one and a row here."""

from dataclasses import dataclass

from tl_core.language import N_


@dataclass(frozen=True)
class Step:
    """A page on the way from pictures to predictions, or beside it.

    Attributes:
        key: names the step in code and links.
        title: what a person reads in the bar of steps; ``_`` gives it in their language.
        file: beside this one; its name is the page's address.
        icon: a Material icon, ``":material/…:"``.
    """

    key: str
    title: str
    file: str
    icon: str


STEPS = (
    Step("pictures", N_("Pictures"), "images.py", ":material/photo_library:"),
    Step("network", N_("Network"), "model.py", ":material/hub:"),
    Step("freeze", N_("Freeze"), "freeze.py", ":material/ac_unit:"),
    Step("train", N_("Train"), "train.py", ":material/model_training:"),
    Step("results", N_("Results"), "results.py", ":material/monitoring:"),
    Step("try", N_("Try it"), "try_it.py", ":material/auto_awesome:"),
    Step("take", N_("Take away"), "take_away.py", ":material/ios_share:"),
)
#: Pages that are no step of the way: they stand at the end of the bar.
BESIDE = (
    Step("experiments", N_("Experiments"), "experiments.py", ":material/science:"),
    Step("runs", N_("Runs"), "runs.py", ":material/menu_book:"),
    Step("learn", N_("Learn"), "learn.py", ":material/school:"),
)
PAGES = (*STEPS, *BESIDE)
#: Where several people share the server, the page of the one who teaches them; nobody else is led there.
ROOM = Step("room", N_("Room"), "room.py", ":material/groups:")
#: The same of a team's server, for those whom its settings name; nobody else learns that there is one.
PEOPLE = Step("people", N_("People"), "people.py", ":material/manage_accounts:")
