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


@pytest.fixture
def serve(folder: Path) -> Iterator[Serve]:
    """Starts a server over the folder, ended with the test; gives a client of it."""
    with ExitStack() as stack:

        def start(**options: Any) -> Client:
            client = Client(stack.enter_context(serving(folder, **options)), folder)
            stack.callback(client.http.close)
            return client

        yield start
