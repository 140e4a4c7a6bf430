"""The names under which a browser may reach this server."""

import streamlit as st
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware


def known_only() -> Middleware:
    """Refuse requests under a foreign name, as Streamlit does for its websocket: another site may lead it here."""
    allowed = st.get_option("server.allowedHosts") or ["*"]
    bracketed = [f"[{each}]" for each in allowed if ":" in each]
    return Middleware(TrustedHostMiddleware, allowed_hosts=[*allowed, *bracketed])
