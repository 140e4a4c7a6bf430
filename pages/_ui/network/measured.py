"""How fast a network is on this machine: as a figure, and the job that measures it."""

import streamlit as st

from pages._ui.shell import jobs, state
from pages._ui.shell.jobs import Offer
from tl_core import wording
from tl_core.freezing import speed
from tl_core.language import N_, _

NOT_MEASURED = N_("not measured")
HELP = N_("How fast this machine runs the whole network.")


def of(backbone: str) -> float | None:
    """Return how many pictures a second the network of that id takes here, None if that was not measured."""
    found = speed.load(state.workspace()).get(backbone)
    return found.pictures_per_second if found else None


def words(pictures_per_second: float | None) -> str:
    """Return a speed as a person reads it."""
    return wording.per_second(pictures_per_second) if pictures_per_second else _(NOT_MEASURED)


def metric(backbone: str) -> None:
    """Draw the speed of the network of that id."""
    st.metric(_("Pictures per second"), words(of(backbone)), help=_(HELP))


def panel(backbone: str) -> None:
    """Draw the button that measures it, or how far that is."""
    offer = Offer(_("Measure the speed on this machine"), ":material/speed:", "measure")
    args = {"backbone": backbone, "workspace": str(state.workspace().root)}
    jobs.panel("speed", _("Measuring the speed"), offer, **args)
