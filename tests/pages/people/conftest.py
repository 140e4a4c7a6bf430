"""A room with two people, and the routes of the app behind its door."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from starlette.applications import Starlette

from pages._ui.people import join_route
from pages._ui.pictures import box_route, upload_route
from pages._ui.shell import door, download_route, people
from pages._ui.take_away import share_route
from pages._ui.try_it import live_route
from tests.pages.conftest import Client, served
from tl_core import mode
from tl_core.spaces import room as rooms
from tl_core.spaces.guesses import Guesses
from tl_core.spaces.room import Room
from tl_core.spaces.spaces import Space
from tl_core.workspace import Workspace


@dataclass
class Member:
    """A person in the room: the space, the token of a session, and a browser that shows it."""

    space: Space
    token: str
    client: Client


@pytest.fixture
def room(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> Room:
    """A room that is open; the app serves several people."""
    monkeypatch.setenv(mode.VARIABLE, "classroom")
    monkeypatch.setattr(people, "_tokens", type(people._tokens)())
    monkeypatch.setattr(join_route, "guesses", Guesses())
    return rooms.begin(workspace.root)


@pytest.fixture
def root(room: Room, workspace: Workspace) -> Path:
    return workspace.root


@pytest.fixture
def shared_port(room: Room) -> Iterator[int]:
    """The routes of the app behind its door, on a real HTTP server."""
    routes = (share_route, upload_route, box_route, download_route, live_route, join_route)
    app = Starlette(routes=[each for module in routes for each in module.routes()], middleware=[door.door()])
    with served(app) as port:
        yield port


@pytest.fixture
def stranger(shared_port: int) -> Iterator[Client]:
    """A browser that is in no room."""
    with Client(shared_port) as made:
        yield made


def member(root: Path, port: int, nickname: str) -> Member:
    space, token = rooms.join(root, rooms.load(root).code, nickname)
    client = Client(port)
    client.cookies.set(people.COOKIE, token)
    return Member(space, token, client)


@pytest.fixture
def anna(root: Path, shared_port: int) -> Iterator[Member]:
    made = member(root, shared_port, "Anna")
    with made.client:
        yield made


@pytest.fixture
def ben(root: Path, shared_port: int) -> Iterator[Member]:
    made = member(root, shared_port, "Ben")
    with made.client:
        yield made
