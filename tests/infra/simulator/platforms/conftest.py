"""A folder with small streams, and servers over it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from infra.simulator.platforms.server import serving
from tests.support.platforms import Client, write_streams

Serve = Callable[..., Client]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_streams(tmp_path)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    """A client of a server that has released everything and does no harm, for tests that only ask."""
    folder = write_streams(tmp_path_factory.mktemp("served"))
    with serving(folder) as server:
        client = Client(server, folder)
        with client.http:
            yield client


@pytest.fixture
def serve(folder: Path) -> Iterator[Serve]:
    """Starts a server over the folder, ended with the test; gives a client of it."""
    with ExitStack() as stack:

        def start(**options: Any) -> Client:
            client = Client(stack.enter_context(serving(folder, **options)), folder)
            stack.callback(client.http.close)
            return client

        yield start
