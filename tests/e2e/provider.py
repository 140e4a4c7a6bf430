"""A provider of OpenID Connect on this machine (oidc-provider-mock), and a team's server that signs in with it."""

import json
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.conftest import share_weights
from tests.e2e.conftest import Server, free_port, running, stop
from tl_core.workspace import Workspace

SECRET = "of this test, and as long as it has to be"


@dataclass
class Provider:
    """A running provider. Its host is another site than the server's, as in the world outside."""

    port: int
    process: subprocess.Popen[bytes]

    @property
    def issuer(self) -> str:
        return f"http://localhost:{self.port}"


@contextmanager
def providing(people: list[dict[str, Any]], log: Path, port: int = 0) -> Iterator[Provider]:
    """Run a provider that knows these people, by their claims."""
    port = port or free_port()
    known = [part for each in people for part in ("--user-claims", json.dumps(each))]
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--host", "localhost", *known]
    with log.open("ab") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.STDOUT)
    provider = Provider(port, process)
    try:
        _wait_until_up(provider, log)
        yield provider
    finally:
        stop(process)


def _wait_until_up(provider: Provider, log: Path, seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{provider.issuer}/.well-known/openid-configuration", timeout=2).close()
        except OSError:
            assert provider.process.poll() is None, log.read_text()
            time.sleep(0.1)
        else:
            return
    raise AssertionError(f"The provider did not come up:\n{log.read_text()}")


def write_settings(file: Path, port: int, issuer: str, *, address: str = "", secret: str = SECRET) -> Path:
    """Write the settings of a server at a port that signs in with this provider."""
    file.write_text(
        "[auth]\n"
        f'redirect_uri = "{address or f"http://127.0.0.1:{port}"}/oauth2callback"\n'
        f'cookie_secret = "{secret}"\n'
        'client_id = "thaw"\nclient_secret = "of the client"\n'
        f'server_metadata_url = "{issuer}/.well-known/openid-configuration"\n'
    )
    return file


@contextmanager
def signing_in(root: Path, issuer: str, folder: Path, *, address: str = "", **env: str) -> Iterator[Server]:
    """Run a team's server over a workspace by its own command."""
    port = free_port()
    settings = write_settings(folder / "secrets.toml", port, issuer, address=address)
    share_weights(Workspace.open(root))
    command = ["tl_core.cli.server", "--port", str(port), "--secrets", str(settings)]
    with running(command, port, root, folder / "server.log", **env) as server:
        yield server
