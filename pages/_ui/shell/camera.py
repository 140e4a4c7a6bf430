"""The script of the camera, which several components share, and what it says."""

from pathlib import Path

from tl_core.language import N_

SCRIPT = Path(__file__).with_name("camera.js")
#: What it says, by its name in the script; ``_`` gives it in a person's language.
SAID = {
    "sees": N_("What the camera sees"),
    "starts": N_("The camera starts."),
    "gone": N_("The camera has gone. Connect it again, then press “{button}”."),
    "instead": N_("Or choose pictures instead."),
    "insecure": N_(
        "Browsers give the camera only to a page that comes by https or from this machine, and this one came by "
        "{address}. Open Thaw where it runs, at {here}. Or run “ssh -N -L {port}:localhost:{port} {host}” here and "
        "open {here}, or put a server with https in front of Thaw."
    ),
    "unsupported": N_("This browser gives pages no camera. Open Thaw in a current Chrome, Edge, Firefox or Safari."),
    "refused": N_("The camera was refused."),
    "thenPress": N_("Then press “{button}”."),
    "none": N_("No camera was found. Connect one, then press “{button}”."),
    "unfit": N_("No camera was found that can do this. Connect another, then press “{button}”."),
    "inUse": N_("The camera is in use. Close the other program or tab that uses it, then press “{button}”."),
    "unopened": N_("The camera could not be opened ({reason}). Press “{button}”."),
    "bySystem": N_(
        "Your system keeps it from this browser: allow it in the system's settings, under Privacy and Camera."
    ),
    "onPhone": N_(
        "Allow it for this page: by the symbol beside the address, or in the phone's settings of this browser."
    ),
    "inFirefox": N_("In Firefox, press the crossed-out camera at the left of the address and remove the block."),
    "inEdge": N_("In Edge, press the symbol at the left of the address and allow the camera."),
    "inChrome": N_("In Chrome, press the symbol at the left of the address and turn on the camera."),
    "inSafari": N_("In Safari, choose Safari, Settings, Websites, Camera and allow it for this page."),
    "silent": N_("The server did not answer. Start Thaw again if it has ended, then reload this page."),
    "failed": N_("The server had a problem ({status}). Try again."),
}
