"""However the demo is ended, its services end with it."""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest

from infra.app.demo import __main__ as demo


@pytest.fixture(autouse=True)
def _own_handler() -> Iterator[None]:
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def test_a_signal_to_end_ends_the_services_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ended: list[str] = []

    @contextmanager
    def started(name: str) -> Iterator[SimpleNamespace]:
        try:
            yield SimpleNamespace(settings=lambda settings: settings)
        finally:
            os.kill(os.getpid(), signal.SIGTERM)  # whoever is impatient asks twice
            ended.append(name)

    monkeypatch.setenv("GUANXI_HOME", str(tmp_path))
    monkeypatch.setattr(demo, "answering", lambda *_: started("platforms"))
    monkeypatch.setattr(demo, "running", lambda _: started("services"))
    monkeypatch.setattr(demo, "Demo", lambda *_: SimpleNamespace(tell=lambda: os.kill(os.getpid(), signal.SIGTERM)))

    with pytest.raises(SystemExit) as left:
        demo.main([])

    assert left.value.code == 143
    assert ended == ["services", "platforms"]
