"""Peak memory of a process and all its descendants, sampled through /proc."""

import os
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType

PAGE = os.sysconf("SC_PAGE_SIZE")
INTERVAL = 0.1


class PeakMemory:
    """Samples resident memory while its block runs.

    Pages that processes share are counted in each of them, so the sum is an upper bound.
    """

    def __init__(self) -> None:
        self.peak: Counter[str] = Counter()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> "PeakMemory":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._stop.set()
        self._thread.join()

    @property
    def megabytes(self) -> dict[str, int]:
        """The largest sum seen, and what driver, JVM and Python workers had of it at that moment."""
        parts = {role: size >> 20 for role, size in sorted(self.peak.items())}
        return {"all": self.peak.total() >> 20, **parts}

    def _watch(self) -> None:
        while not self._stop.wait(INTERVAL):
            now = Counter[str]()
            for role, size in _resident(os.getpid()):
                now[role] += size
            if now.total() > self.peak.total():
                self.peak = now


def _resident(root: int) -> Iterator[tuple[str, int]]:
    """Role and resident bytes of a process and its descendants."""
    children: dict[int, list[tuple[int, str]]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (stat := _read(entry / "stat")):
            command, rest = stat[stat.index("(") + 1 :].rsplit(")", 1)
            children.setdefault(int(rest.split()[1]), []).append((int(entry.name), command))
    queue = [(root, "driver")]
    while queue:
        process, role = queue.pop()
        if statm := _read(Path(f"/proc/{process}/statm")):
            yield role, int(statm.split()[1]) * PAGE
        for child, command in children.get(process, []):
            below = "jvm" if command == "java" else "workers" if role in {"jvm", "workers"} else role
            queue.append((child, below))


def _read(path: Path) -> str | None:
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
