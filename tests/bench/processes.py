"""Memory and processor time of a process and all its descendants, read from /proc."""

import os
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

PAGE = os.sysconf("SC_PAGE_SIZE")
TICK = os.sysconf("SC_CLK_TCK")
INTERVAL_SECONDS = 0.5
"""Not more often: to tell shares the kernel walks through all pages, and keeps whoever uses them waiting."""
TELLS_SHARES = Path("/proc/self/smaps_rollup").exists()
_UNCOUNTED = threading.Event()


@contextmanager
def uncounted() -> Iterator[None]:
    """Have no PeakMemory count what runs meanwhile: it looks at what was done, and is no part of it."""
    _UNCOUNTED.set()
    try:
        yield
    finally:
        _UNCOUNTED.clear()


class PeakMemory:
    """Samples memory while its block runs; of the pages that processes share each has its share."""

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
        while not self._stop.wait(INTERVAL_SECONDS):
            # Shares take longer to tell, and are never more than what is resident.
            if not _UNCOUNTED.is_set() and _by_role(os.getpid(), _resident).total() > self.peak.total():
                now = _by_role(os.getpid(), _fair)
                # Meanwhile something may have begun that does not count.
                if not _UNCOUNTED.is_set():
                    self.peak = max(self.peak, now, key=Counter.total)


def memory_bytes(root: int) -> int:
    """Memory of a process and its descendants, each with its share of the pages it shares (PSS).

    Where the kernel does not tell shares, resident pages are taken: shared ones then count in every process.
    """
    return _by_role(root, _fair).total()


def processor_seconds_of(root: int) -> float:
    """What a process, its descendants and those of them that have ended used so far."""
    return sum(sum(map(int, stat.fields[11:15])) for stat in _tree(root)) / TICK


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


def _by_role(root: int, size: Callable[[_Stat], int]) -> Counter[str]:
    """Memory of a process and its descendants, by what they are for."""
    found = Counter[str]()
    for stat in _tree(root):
        found[stat.role] += size(stat)
    return found


def _resident(stat: _Stat) -> int:
    return int(stat.fields[21]) * PAGE


def _fair(stat: _Stat) -> int:
    """What is resident, shared pages by their share; all of them where the kernel does not tell."""
    if not TELLS_SHARES:
        return _resident(stat)
    try:
        lines = Path(f"/proc/{stat.process}/smaps_rollup").read_text().splitlines()
    except (FileNotFoundError, ProcessLookupError):
        return 0  # it has ended; when it was found it may have been a copy of a JVM
    except PermissionError:
        return _resident(stat)
    return next((int(line.split()[1]) << 10 for line in lines if line.startswith("Pss:")), 0)


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
            if role == "jvm" and _is_java(child):
                continue  # until it has become another program, what a JVM starts is a copy that shares its memory
            below = "jvm" if found[child][0] == "java" else "workers" if role in {"jvm", "workers"} else role
            queue.append((child, below))


def _is_java(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/exe").readlink().name == "java"
    except OSError:
        return False


def _read(path: Path) -> str | None:
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
