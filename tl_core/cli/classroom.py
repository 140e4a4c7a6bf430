"""Serve a classroom: ``python -m tl_core.cli.classroom`` opens the room, and the app to the local network.

It makes the certificate, prints what the teacher needs, and runs the server until Ctrl+C.
"""

import argparse
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import segno

from tl_core import limits, mode
from tl_core.errors import TLError
from tl_core.export import addresses
from tl_core.files import be_private
from tl_core.spaces import certificate, room
from tl_core.spaces.certificate import Certificate
from tl_core.spaces.room import MOST_PEOPLE, Room
from tl_core.workspace import Workspace

APP = Path(__file__).parents[2] / "app.py"
PORT = 8501
#: Those that no other machine reaches.
LOCAL = ("localhost", "127.0.0.1", "::1")


def names() -> list[str]:
    """Return the names and addresses by which browsers may know this machine."""
    host = socket.gethostname()
    return list(dict.fromkeys([*LOCAL, host, f"{host.removesuffix('.local')}.local", *_addresses()]))


def _addresses() -> Iterator[str]:
    for each in (address for every in psutil.net_if_addrs().values() for address in every):
        if each.family in (socket.AF_INET, socket.AF_INET6) and "%" not in each.address:
            yield each.address


def command(options: argparse.Namespace, made: Certificate, known: list[str]) -> tuple[list[str], dict[str, str]]:
    """Return the command that runs the server, and its environment."""
    env = {**os.environ, mode.VARIABLE: "classroom"}
    env.setdefault("TL_CACHE_GB", str(limits.current().bytes / 2**30))  # of each person: activations are not shared
    if options.workspace:
        env["TL_WORKSPACE"] = options.workspace
    return [
        *(sys.executable, "-m", "streamlit", "run", str(APP)),
        f"--server.address={options.address}",
        f"--server.port={options.port}",
        f"--server.sslCertFile={made.file}",
        f"--server.sslKeyFile={made.key}",
        *(f"--server.allowedHosts={each}" for each in known),
        "--logger.hideWelcomeMessage=true",  # to write it, Streamlit asks the Internet for an address
    ], env


def said(current: Room, secret: str, made: Certificate, place: str) -> str:
    """Return what the terminal says: the teacher's link, and how people come in."""
    link = f"{place}/join?code={current.code}"
    return "\n".join(
        [
            f"People join at  {place}/join  with the code  {current.spoken}",
            "Your own page, for nobody else:",
            f"  {place}/teacher/{secret}",
            "Browsers warn once, as this machine made its certificate itself. Its fingerprint (SHA-256):",
            f"  {made.fingerprint}",
            f"The room has {current.most} places. Close it on your page. Ctrl+C stops the server; the room stays.",
            f"QR code of {link}:",
        ]
    )


def main(arguments: list[str] | None = None) -> int:
    """Open the room and serve it; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tl_core.cli.classroom", description="Serve a classroom.")
    parser.add_argument("--workspace", metavar="DIR", help="folder that holds everything (default: as for the app)")
    parser.add_argument("--port", type=int, default=PORT, help="where the app listens (default: %(default)s)")
    parser.add_argument("--people", type=int, default=MOST_PEOPLE, help="places in the room (default: %(default)s)")
    parser.add_argument("--address", default="0.0.0.0", help="of this machine, on which it listens (default: all)")
    options = parser.parse_args(arguments)
    be_private()
    try:
        limits.current()
        root, known = Workspace.open(options.workspace).root, names()
        current, made = room.begin(root, options.people), certificate.ensure(root, known)
        secret = room.teachers_link(root)
    except TLError as exc:
        print(f"error: {exc}", file=sys.stderr)
        return 2
    place = f"https://{_best(options.address)}:{options.port}"
    print(said(current, secret, made, place))
    segno.make(f"{place}/join?code={current.code}", micro=False, error="m").terminal(compact=True)
    sys.stdout.flush()
    return serve(*command(options, made, known))


def serve(run: list[str], env: dict[str, str]) -> int:
    """Become the server where the system can; else wait for it. It stops by itself on Ctrl+C, with all its workers."""
    if os.name == "posix":
        os.execve(run[0], run, env)
    server = subprocess.Popen(run, env=env)
    while True:
        try:
            return server.wait()
        except KeyboardInterrupt:
            continue


def _best(address: str) -> str:
    if address not in ("0.0.0.0", "::"):
        return address
    networks = addresses.reachable()
    return networks[0].ip if networks else "localhost"


if __name__ == "__main__":
    sys.exit(main())
