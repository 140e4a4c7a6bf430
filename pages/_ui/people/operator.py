"""What those see and do who look after a team's server."""

import streamlit as st

from pages._ui.people import everyone
from pages._ui.shell import layout, people
from tl_core import log
from tl_core.language import _
from tl_core.spaces.spaces import Space
from tl_core.wording import number, plural, size

#: So old may be what is counted, in seconds: every file of everybody is looked at.
COUNTED_EVERY = 60.0


def people_here() -> None:
    """Draw who has a space, who is at work, and how much of the disk all take."""
    counted = everyone.table(people.spaces().every(), _("Name"), COUNTED_EVERY, {_("Id"): lambda each: each.id})
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


def sign_out() -> None:
    """Draw what ends all sessions of a person, for instance of one whom the provider has locked out."""
    others = _others()
    if not others:
        return
    with layout.drawer(_("Sign a person out"), "people-out", ":material/logout:") as drawer:
        if not drawer.open:
            return
        st.caption(
            _(
                "All sessions of the person end at once; work goes on, nothing is deleted. Who is locked out at the "
                "provider is still in here until then, or until the session ends by itself."
            )
        )
        chosen = everyone.choose(others, "ended")
        if st.button(_("Sign out"), icon=":material/logout:", disabled=chosen is None, key="end-now") and chosen:
            people.spaces().end_of(chosen)
            log.event("sign-out", space=chosen.id)
            st.success(_("Signed out."), icon=":material/check:")


def _others() -> list[Space]:
    own = people.required()
    return [each for each in people.spaces().every() if each != own]


def remove() -> None:
    """Draw what removes a person of the server: anyone but who asks."""
    everyone.remove(
        _others(),
        "people-remove",
        _("The person is signed out, and may sign in again to an empty space: to prevent that, go to the provider."),
    )
