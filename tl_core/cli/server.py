"""Serve a team behind its sign-in: ``python -m tl_core.cli.server`` checks the settings, then runs the app.

The server speaks http to a proxy on this machine or in its network, or https itself with ``--certificate``.
"""

import argparse
import os
import sys
from pathlib import Path

from tl_core import limits, mode
from tl_core.cli.classroom import APP, PORT, serve
from tl_core.errors import InputError, TLError
from tl_core.files import be_private
from tl_core.language import _
from tl_core.spaces import sign_in
from tl_core.spaces.sign_in import LOOPBACK, PROXIES, SignIn
from tl_core.spaces.spaces import session_seconds

SECRETS = APP.parent / ".streamlit" / "secrets.toml"


def command(options: argparse.Namespace, settings: SignIn) -> tuple[list[str], dict[str, str]]:
    """Return the command that runs the server, and its environment."""
    env = {**os.environ, mode.VARIABLE: "server", "FORWARDED_ALLOW_IPS": ""}  # only the app reads what proxies say
    env.setdefault("TL_CACHE_GB", str(limits.current().bytes / 2**30))  # of each person: activations are not shared
    if options.workspace:
        env["TL_WORKSPACE"] = options.workspace
    https = [f"--server.sslCertFile={options.certificate}", f"--server.sslKeyFile={options.key}"]
    return [
        *(sys.executable, "-m", "streamlit", "run", str(APP)),
        f"--server.address={options.address}",
        f"--server.port={options.port}",
        f"--server.allowedHosts={settings.host}",
        f"--server.baseUrlPath={settings.base}",
        f"--secrets.files={options.secrets}",
        *(https if options.certificate else []),
        f"--browser.serverAddress={settings.host}",  # else Streamlit asks the Internet for an address
        "--logger.hideWelcomeMessage=true",
    ], env


def check(options: argparse.Namespace, settings: SignIn) -> None:
    """Refuse what would leave the server open, or closed to everybody.

    Raises:
        InputError: a certificate or a key is missing, or nothing makes the https that the address promises.
    """
    given = [each for each in (options.certificate, options.key) if each]
    if len(given) == 1 or not all(Path(each).is_file() for each in given):
        raise InputError(
            _("--certificate and --key are “{given}”. Name two files in PEM that are there, or neither.").format(
                given=", ".join(given)
            )
        )
    if settings.is_secure and not given and not settings.proxies:
        text = _(
            "redirect_uri begins with https, but nothing here makes https. Set {name} to the address of your proxy, "
            "for instance 127.0.0.1, or give --certificate and --key."
        )
        raise InputError(text.format(name=PROXIES))
    if not settings.is_secure and options.address not in LOOPBACK:
        text = _("The server would listen on {address} without https. Set redirect_uri to an address with https.")
        raise InputError(text.format(address=options.address))


def main(arguments: list[str] | None = None) -> int:
    """Check the settings and serve; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tl_core.cli.server", description="Serve a team by its sign-in.")
    parser.add_argument("--workspace", metavar="DIR", help="folder that holds everything (default: as for the app)")
    parser.add_argument("--port", type=int, default=PORT, help="where the app listens (default: %(default)s)")
    parser.add_argument("--address", default="127.0.0.1", help="on which it listens (default: this machine alone)")
    parser.add_argument("--secrets", default=str(SECRETS), help="settings of the sign-in (default: %(default)s)")
    parser.add_argument("--certificate", metavar="PEM", help="for https without a proxy, with --key")
    parser.add_argument("--key", metavar="PEM", help="key of the certificate")
    parser.add_argument("--check", action="store_true", help="check the settings, and serve nothing")
    options = parser.parse_args(arguments)
    be_private()
    try:
        limits.current()
        settings = sign_in.load(Path(options.secrets))
        os.environ[mode.VARIABLE] = "server"
        session_seconds()
        check(options, settings)
    except TLError as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 2
    if options.check:
        print(f"The settings are right. People come in at {settings.address}")
        return 0
    return serve(*command(options, settings))


if __name__ == "__main__":
    sys.exit(main())
