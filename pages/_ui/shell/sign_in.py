"""The settings of the sign-in, as this server runs by them, and where browsers know it."""

from functools import cache

from streamlit.auth_util import get_secrets_auth_section

from tl_core.spaces import sign_in
from tl_core.spaces.sign_in import SignIn
from tl_core.spaces.spaces import Session

#: The page on which one signs in, and what leads from it to a provider.
PAGE, GO = "/sign-in", "/sign-in/go"
LOGIN, LOGOUT, CALLBACK = "/auth/login", "/auth/logout", sign_in.CALLBACK


@cache
def settings() -> SignIn:
    """Return the settings of Streamlit's secrets and of the environment. Raises InputError where they are wrong."""
    section = get_secrets_auth_section()
    return sign_in.read(section.to_dict() if section else None)


def is_operator(session: Session) -> bool:
    """Return whether the settings name whose session this is."""
    return sign_in.is_operator(session, settings())
