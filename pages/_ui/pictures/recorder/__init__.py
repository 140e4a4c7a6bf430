"""The recorder: the camera, of which frames are taken while a button is held; a take comes as one upload."""

from pathlib import Path

from pages._ui.pictures import upload_route
from pages._ui.pictures.uploader import open_token
from pages._ui.shell import components

CAMERA = Path(components.__file__).with_name("camera.js")


def recorder(key: str, label: str) -> None:
    """Draw the recorder of a class. A take that has come whole makes the page run again, see ``uploader.finished``."""
    data = {"token": open_token(key), "url": upload_route.URL, "label": label}
    components.load(Path(__file__).parent, CAMERA)(key=key, data=data, on_uploaded_change=lambda: None)
