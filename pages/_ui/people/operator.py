"""What those see and do who look after a team's server."""

import streamlit as st

from pages._ui.people import everyone
from pages._ui.shell import people
from tl_core.language import _
from tl_core.wording import number, plural, size

#: So old may be what is counted, in seconds: every file of everybody is looked at.
COUNTED_EVERY = 60.0


def people_here() -> None:
    """Draw who has a space, who is at work, and how much of the disk all take."""
    named = {_("Name"): lambda each: each.person().name, _("Id"): lambda each: each.id}
    counted = everyone.table(people.spaces().every(), named, COUNTED_EVERY)
    running, waiting = (sum(getattr(each, name) for each in counted.values()) for name in ("running", "waiting"))
    st.caption(
        _(
            "{people}. {running} running, {waiting} waiting. Together {size} of the disk, as counted within a minute."
        ).format(
            people=plural(len(counted), "person", "people"),
            running=plural(running, "job", "jobs"),
            waiting=number(waiting),
            size=size(sum(each.bytes for each in counted.values())),
        )
    )
    st.caption(_("The id is what the log and the command “people” call a person. You see no pictures and no models."))


def remove() -> None:
    """Draw what removes a person of the server: anyone but who asks."""
    own = people.required()
    others = [each for each in people.spaces().every() if each != own]
    everyone.remove(
        others,
        "people-remove",
        _("The person is signed out, and may sign in again to an empty space: to prevent that, go to the provider."),
    )
