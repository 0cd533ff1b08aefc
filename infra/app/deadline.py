"""The end of asking: when time is up, connections are cut, whatever a platform is in the middle of saying.

A timeout counts from one byte to the next, so a platform that says one now and then is never too late for it.
"""

import socket
from contextlib import suppress
from threading import Lock, Timer
from time import monotonic
from types import TracebackType
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection


class Deadline:
    """`seconds` from entering the context on; connections opened by its pools end then, at the latest."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._ends_at = monotonic() + seconds
        self._sockets: list[socket.socket] = []
        self._is_up = False
        self._lock = Lock()
        self._timer: Timer | None = None

    def __enter__(self) -> "Deadline":
        self._ends_at, self._is_up = monotonic() + self.seconds, False
        self._timer = Timer(self.seconds, self._cut)
        self._timer.daemon = True
        self._timer.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if self._timer:
            self._timer.cancel()

    @property
    def left_seconds(self) -> float:
        """What is left of the time, negative when it is up."""
        return self._ends_at - monotonic()

    def pools(self) -> dict[str, Any]:
        """Pools by scheme, as urllib3's manager takes them, whose connections end in time."""
        deadline = self

        class Plain(HTTPConnection):
            def connect(self) -> None:
                super().connect()
                deadline.watch(self.sock)

        class Encrypted(HTTPSConnection):
            _plain: socket.socket | None = None

            def _new_conn(self) -> socket.socket:
                sock = super()._new_conn()
                # TLS takes the connection out of its socket before it shakes hands: that can be cut by a second one.
                self._plain = sock.dup()
                deadline.watch(self._plain)
                return sock

            def connect(self) -> None:
                try:
                    super().connect()
                finally:
                    deadline.release(self._plain)
                deadline.watch(self.sock)

        plain = type("PlainPool", (HTTPConnectionPool,), {"ConnectionCls": Plain})
        return {"http": plain, "https": type("EncryptedPool", (HTTPSConnectionPool,), {"ConnectionCls": Encrypted})}

    def watch(self, connection: socket.socket | None) -> None:
        """Cut a connection in time; at once where time is up already."""
        if connection is not None:
            with self._lock:
                self._sockets = [one for one in self._sockets if one.fileno() >= 0] + [connection]
                if self._is_up:
                    _shut(connection)

    def release(self, connection: socket.socket | None) -> None:
        """Close what was watched."""
        if connection is not None:
            with self._lock:
                connection.close()

    def _cut(self) -> None:
        with self._lock:
            self._is_up = True
            for connection in self._sockets:
                _shut(connection)


def _shut(connection: socket.socket) -> None:
    # Of the plain socket: an encrypted one would forget its keys under the hands of who reads from it.
    with suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)
