"""Memory and processor time of a process and all its descendants, read from /proc."""

import os
import threading
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

PAGE = os.sysconf("SC_PAGE_SIZE")
TICK = os.sysconf("SC_CLK_TCK")
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


def memory_bytes(root: int) -> int:
    """Memory of a process and its descendants, each with its share of the pages it shares (PSS).

    Where the kernel does not tell shares, resident pages are taken: shared ones then count in every process.
    """
    return sum(_shared_fairly(stat.process) or int(stat.fields[21]) * PAGE for stat in _tree(root))


def processor_seconds_of(root: int) -> float:
    """What a process, its descendants and those of them that have ended used so far."""
    return sum(sum(map(int, stat.fields[11:15])) for stat in _tree(root)) / TICK


def _shared_fairly(process: int) -> int | None:
    try:
        lines = Path(f"/proc/{process}/smaps_rollup").read_text().splitlines()
    except OSError:
        return None
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:")), None)


class ProcessorTime:
    """Adds up processor seconds phase by phase; what others do on the machine moves them less than wall time."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = defaultdict(float)
        self._phase = ""
        self._last = processor_seconds()

    def begin(self, phase: str) -> None:
        """From now on count for another phase."""
        now = processor_seconds()
        self.seconds[self._phase] += round(now - self._last, 2)
        self._phase, self._last = phase, now


_USED: dict[tuple[int, str], int] = {}
"""Clock ticks of every process ever seen, by its id and start: those of ended workers reach no parent."""


def processor_seconds() -> float:
    """What this process and its descendants used so far; of those that ended, up to when they were last seen."""
    for _ in _tree(os.getpid()):
        pass
    return sum(_USED.values()) / TICK


@dataclass(frozen=True)
class _Stat:
    process: int
    role: str
    fields: list[str]


def _resident(root: int) -> Iterator[tuple[str, int]]:
    """Role and resident bytes of a process and its descendants."""
    for stat in _tree(root):
        yield stat.role, int(stat.fields[21]) * PAGE


def _tree(root: int) -> Iterator[_Stat]:
    """A process and its descendants: the fields of their stat files from the state on."""
    found: dict[int, tuple[str, list[str]]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (stat := _read(entry / "stat")):
            command, rest = stat[stat.index("(") + 1 :].rsplit(")", 1)
            found[int(entry.name)] = command, rest.split()
    children: dict[int, list[int]] = {}
    for process, (_, fields) in found.items():
        children.setdefault(int(fields[1]), []).append(process)
    queue = [(root, "driver")]
    while queue:
        process, role = queue.pop()
        fields = found[process][1]
        _USED[process, fields[19]] = int(fields[11]) + int(fields[12])
        yield _Stat(process, role, fields)
        for child in children.get(process, []):
            below = "jvm" if found[child][0] == "java" else "workers" if role in {"jvm", "workers"} else role
            queue.append((child, below))


def _read(path: Path) -> str | None:
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
