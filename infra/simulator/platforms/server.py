"""The platforms on a port of this machine.

On the standard library's server, not on the ASGI server that is installed with Airflow: a reset connection needs the
socket itself, which an ASGI server keeps from its application, and slowness a thread that may sleep. What is lost,
speed and TLS, matters to no client on the same machine.

The log has a line for each answer, made of words known beforehand: method, place, status, size, time. Nothing that a
client sent gets into it, so no token can.
"""

import logging
import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Final

from infra.simulator.platforms.access import Token, random_token, write_token
from infra.simulator.platforms.dial import Dial
from infra.simulator.platforms.errors import PlatformsError, Refused
from infra.simulator.platforms.exchange import Answer, Request
from infra.simulator.platforms.platforms import Platforms
from infra.simulator.platforms.rate_limit import Clock

HOST: Final = "127.0.0.1"
LARGEST_BODY_BYTES: Final = 1 << 16
IDLE_SECONDS: Final = 30
METHODS: Final = frozenset({"GET", "POST", "HEAD", "PUT", "DELETE", "PATCH", "OPTIONS"})
# Close at once and drop what is unsent: the peer gets a reset instead of an end.
LINGER_NOT: Final = struct.pack("ii", 1, 0)

log = logging.getLogger(__name__)


class Server(ThreadingHTTPServer):
    """Answers for some platforms on a port of this machine, 0 for a free one; begins with `start`, ends with `stop`."""

    # Threads are waited for when it ends: none is left half-way through an answer.
    daemon_threads = False

    def __init__(self, platforms: Platforms, port: int = 0) -> None:
        self.platforms = platforms
        self.stopping = threading.Event()
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        try:
            super().__init__((HOST, port), Handler)
        except OSError as error:
            raise PlatformsError(
                f"port {port} of {HOST}: {error.strerror}. End what uses it, or name another."
            ) from error
        self._thread = threading.Thread(target=self.serve_forever, args=(0.05,), name="platforms")

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://{HOST}:{self.server_address[1]}"

    def start(self) -> None:
        """Answer from now on, in threads of its own."""
        self._thread.start()

    def stop(self) -> None:
        """End: what is being answered is answered at once, connections that wait are closed."""
        self.stopping.set()
        self.shutdown()
        self._thread.join()
        with self._open_lock:
            for connection in self._open:
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RD)
        self.server_close()

    def process_request(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as in the base class
        """Answer a connection in a thread of its own."""
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401 - as in the base class
        """Close a connection."""
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401 - as in the base class
        """Log where something went wrong that should not: no message, as it may repeat what was sent."""
        import sys
        import traceback

        kind, _, place = sys.exc_info()
        frame = traceback.extract_tb(place)[-1]
        log.error("%s at %s:%s", kind and kind.__name__, Path(frame.filename).name, frame.lineno)


class Handler(BaseHTTPRequestHandler):
    """One connection: requests one after the other."""

    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "platforms"
    sys_version = ""
    timeout = IDLE_SECONDS
    # One segment for headers and body: no wait for the acknowledgement between them.
    wbufsize = 1 << 16
    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Answer until the client has enough; one that goes away is no error."""
        with suppress(ConnectionError, TimeoutError):
            super().handle()

    def do_GET(self) -> None:
        """Answer a request."""
        self._began = time.monotonic()
        try:
            body = self._body()
        except Refused as refused:
            self.close_connection = True
            self._send(self.server.platforms.refusal(refused.status, str(refused)))
            return
        path, _, query = self.path.partition("?")
        request = Request(self.command, path, query, self.headers.get("Authorization"), body)
        self._send(self.server.platforms.answer(request))

    do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = do_GET  # noqa: N815

    def _body(self) -> bytes:
        length = self.headers.get("Content-Length", "0")
        if "Transfer-Encoding" in self.headers or not (length.isascii() and length.isdigit()):
            raise Refused(411, "the length of the body is missing. Send it with Content-Length.")
        if len(length) > 9 or int(length) > LARGEST_BODY_BYTES:
            raise Refused(413, f"the body is longer than {LARGEST_BODY_BYTES} bytes.")
        return self.rfile.read(int(length))

    def _send(self, answer: Answer) -> None:
        self.server.stopping.wait(answer.wait_seconds)
        if self.server.stopping.is_set():
            self.close_connection = True
        # Before it is sent: whoever has an answer finds it in the log.
        self._log(answer)
        if answer.reset == "before":
            self._reset()
        else:
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            self.send_header("Content-Length", str(len(answer.body)))
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if self.close_connection:
                self.send_header("Connection", "close")
            self.end_headers()
            midway = answer.reset == "midway"
            self.wfile.write(answer.body[: len(answer.body) // 2] if midway else answer.body)
            self.wfile.flush()
            if midway:
                self._reset()

    def _reset(self) -> None:
        """Let the client's next read fail with a reset connection."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, LINGER_NOT)
        # Closed before the base class can end it in the orderly way.
        self.connection.close()

    def _log(self, answer: Answer) -> None:
        method = self.command if self.command in METHODS else "-"
        status = f"reset {answer.reset}" if answer.reset else answer.status
        taken_seconds = time.monotonic() - self._began
        log.info("%s %s %s %s bytes %.3f s", method, answer.place, status, len(answer.body), taken_seconds)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer what is no request of HTTP; the base class would repeat it."""
        self.close_connection = True
        self._began = time.monotonic()
        self.command = self.command or "-"
        # Unknown yet, where it could not be read; with an older one no status would be sent.
        self.request_version = self.protocol_version
        self._send(self.server.platforms.refusal(int(code), "not a request that is understood here."))

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002, ANN401 - as in the base class
        """Nothing: the base class would log what was sent."""


@contextmanager
def serving(
    folder: Path,
    *,
    port: int = 0,
    through: date | None = None,
    dial: Dial | None = None,
    token: str | None = None,
    clock: Clock = time.monotonic,
) -> Iterator[Server]:
    """The platforms of a folder, answered for in threads as long as the context lasts.

    Without a token one is made and written to `folder/api/token`. Raises PlatformsError for what cannot be served.
    """
    text = token or random_token()
    server = Server(Platforms(folder, Token(text), dial or Dial(), through, clock), port)
    # Written when the port is ours: a second server on it would spoil the first one's.
    if token is None:
        write_token(token_file(folder), text)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def token_file(folder: Path) -> Path:
    """Where the token of a folder's platforms is written."""
    return folder / "api" / "token"
