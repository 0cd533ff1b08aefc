"""Which data files of a lake are opened, by whatever process: the kernel's own account of it (inotify)."""

import ctypes
import os
import struct
import threading
from collections import defaultdict
from pathlib import Path
from types import TracebackType

IN_OPEN, IN_Q_OVERFLOW = 0x20, 0x4000
HEADER = struct.Struct("iIII")


class OpenedFiles:
    """Counts the Parquet files opened under a folder while its block runs, phase by phase.

    Only files that exist when a phase begins are counted, so what a phase writes is none of them.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.opened: dict[str, set[str]] = defaultdict(set)
        self._phase = ""
        self._known: set[str] = set()
        self._folders: dict[int, str] = {}
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._queue: int = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._queue < 0:
            raise OSError(ctypes.get_errno(), "inotify is not available")
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "OpenedFiles":
        self.begin("before")
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()
        self._drain()
        os.close(self._queue)

    def begin(self, phase: str) -> None:
        """From now on count opened files for another phase."""
        self._drain()
        with self._lock:
            self._phase = phase
            for path, _, names in os.walk(self.folder):
                self._known.update(f"{path}/{name}" for name in names if name.endswith(".parquet"))
                watch = self._libc.inotify_add_watch(self._queue, os.fsencode(path), IN_OPEN)
                if watch < 0:
                    raise OSError(ctypes.get_errno(), f"{path} cannot be watched")
                self._folders[watch] = path

    def _watch(self) -> None:
        while not self._stop.wait(0.02):
            self._drain()

    def _drain(self) -> None:
        with self._lock:
            while True:
                try:
                    events = os.read(self._queue, 1 << 20)
                except BlockingIOError:
                    return
                self._note(events)

    def _note(self, events: bytes) -> None:
        offset = 0
        while offset < len(events):
            watch, mask, _, length = HEADER.unpack_from(events, offset)
            offset += HEADER.size
            if mask & IN_Q_OVERFLOW:
                raise RuntimeError("more files were opened at once than could be counted")
            name = events[offset : offset + length].rstrip(b"\0").decode()
            offset += length
            path = f"{self._folders.get(watch)}/{name}"
            if path in self._known:
                self.opened[self._phase].add(path)
