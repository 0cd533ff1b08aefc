"""Locks by table name: two runs never work on one table at the same time."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from infra.lake.settings import Settings


def _lock(settings: Settings, name: str) -> FileLock:
    folder: Path = settings.work_dir / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    # The operating system frees the lock of a killed process, so a lock file that exists says nothing by itself.
    return FileLock(folder / f"{name}.lock")


@contextmanager
def table_locks(
    settings: Settings, names: Iterable[str], on_wait: Callable[[str], None] = lambda name: None
) -> Iterator[None]:
    """Hold the locks of all `names`; taken in sorted order, so that two runs cannot block each other for ever."""
    with ExitStack() as stack:
        for name in sorted(names):
            lock = _lock(settings, name)
            try:
                lock.acquire(timeout=0)
            except Timeout:
                on_wait(name)
                lock.acquire()
            stack.callback(lock.release)
        yield


@contextmanager
def try_table_lock(settings: Settings, name: str) -> Iterator[bool]:
    """Hold the lock of one table if it is free; yields whether it was."""
    lock = _lock(settings, name)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()
