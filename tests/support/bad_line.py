"""A line to a server of this machine that answers for it, says nothing or breaks off, as long as it is told to."""

import re
import socket
import socketserver
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from urllib.parse import urlsplit

Badness = Callable[[socket.socket], None]
LARGEST_PIECE_BYTES = 1 << 16
BUSY = b"<Error><Code>SlowDown</Code></Error>"
ABORT = struct.pack("ii", 1, 0)


def busy(near: socket.socket) -> None:
    """503, as a store that is asked too much."""
    head = f"HTTP/1.1 503 Slow Down\r\nContent-Length: {len(BUSY)}\r\nConnection: close\r\n\r\n"
    near.sendall(head.encode() + BUSY)


def silent(near: socket.socket) -> None:
    """Take whatever is sent and say nothing until whoever asks gives up."""
    while near.recv(LARGEST_PIECE_BYTES):
        pass


def reset(near: socket.socket) -> None:
    """Begin to answer and break off."""
    near.sendall(b"HTTP/1.1 200 OK\r\n")
    near.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, ABORT)
    near.close()


class Line(socketserver.ThreadingTCPServer):
    """The near end; `badness` meets each request in which the pattern `of` is found."""

    daemon_threads = True

    def __init__(self, endpoint: str) -> None:
        super().__init__(("127.0.0.1", 0), _Connection)
        parts = urlsplit(endpoint)
        self.far = (parts.hostname, parts.port)
        self.badness: Badness | None = None
        self.of = b"."
        self.met = 0

    @property
    def endpoint(self) -> str:
        """Where to ask."""
        return f"http://127.0.0.1:{self.server_address[1]}"

    @contextmanager
    def bad(self, badness: Badness, of: bytes) -> Iterator[None]:
        """Be bad while the block runs, to at least one request."""
        self.badness, self.of, self.met = badness, of, 0
        try:
            yield
        finally:
            self.badness = None
        assert self.met


class _Connection(socketserver.BaseRequestHandler):
    """One connection: what is asked goes to the far end piece by piece, and so do answers back."""

    server: Line

    def handle(self) -> None:
        with suppress(OSError), socket.create_connection(self.server.far) as far:
            threading.Thread(target=_pass_on, args=(far, self.request), daemon=True).start()
            while asked := self.request.recv(LARGEST_PIECE_BYTES):
                if self.server.badness and re.search(self.server.of, asked):
                    self.server.met += 1
                    self.server.badness(self.request)
                    return
                far.sendall(asked)


def _pass_on(far: socket.socket, near: socket.socket) -> None:
    with suppress(OSError):
        while answer := far.recv(LARGEST_PIECE_BYTES):
            near.sendall(answer)


@contextmanager
def line_to(endpoint: str) -> Iterator[Line]:
    """A line that is sound until it is told otherwise."""
    with Line(endpoint) as line:
        thread = threading.Thread(target=line.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        try:
            yield line
        finally:
            line.shutdown()
            thread.join()
