"""The recorder: the camera, of which frames are taken while a button is held; a take comes as one upload."""

from pathlib import Path

from pages._ui.pictures import upload_route
from pages._ui.pictures.uploader import open_token
from pages._ui.shell import camera, components
from tl_core.language import N_, _

#: What each recorder says, by its name in the script.
SAID = {
    "holdFor": N_("Hold to record pictures of {label}"),
    "hold": N_("Hold to record"),
    "press": N_("Press to record"),
    "recording": N_("Recording · {number}"),
    "saving": N_("Saving"),
    "howHeld": N_("Hold the button, or Space, and move a little. Let go to stop."),
    "howTimed": N_("One press counts down, then records."),
    "saved": N_("{number} pictures are saved."),
    "full": N_("One take holds {number} pictures. It was stopped and saved; start another."),
    "notSaved": N_("This take was not saved."),
    "unseen": N_("This tab was out of sight."),
    "noCountdown": N_("The countdown was stopped."),
    "untilThere": N_("The recording was stopped, and is saved until there."),
    "again": N_("Try again"),
    "rate": N_("Pictures a second"),
    "start": N_("Start"),
    "held": N_("While held"),
    "after3": N_("3 s after a press, for 5 s"),
    "after10": N_("10 s after a press, for 5 s"),
    "mirror": N_("Mirror what I see; saved pictures are not mirrored"),
}


def recorder(key: str, label: str) -> None:
    """Draw the recorder of a class. A take that has come whole makes the page run again, see ``uploader.finished``."""
    said = {name: _(text) for name, text in {**camera.SAID, **SAID}.items()}
    data = {"token": open_token(key), "url": upload_route.URL, "label": label, "words": said}
    draw = components.load(Path(__file__).parent, components.WORDS, camera.SCRIPT)
    draw(key=key, data=data, on_uploaded_change=lambda: None)
