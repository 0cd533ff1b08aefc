"""What is delivered again, late, in another order, mended, or holds what looks like code: in two runs and in one.

The clocks of the two homes are an hour behind and an hour ahead: when something was received does not decide between
records of one event. It does decide what is too far in the future, by design; all events here are long past, and
tests/spark_jobs/functions/test_envelope.py has those at that edge.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from infra.app.app import App
from infra.app.pages import write_run_pages
from infra.lake import landing
from infra.loop.result import Outcome
from tests.faults.broken_objects import PLUGIN, as_line, event, order
from tests.support.home import hashes, open_home
from tests.support.oracle import BALANCE, balance_of, check_absent, check_records, check_same_tables

pytestmark = pytest.mark.slow

EVENTS = ("events.interaction", "events.order_line")
DATASETS = (*EVENTS, "marts.growth_daily", BALANCE)
CANARY = "canary-0451"
CODE_LIKE = (
    "=cmd|' /C calc'!A0",
    "'; drop table events.order_line; --",
    "{{ 7*7 }}{% raw %}",
    "<script>alert(1)</script>",
    "${jndi:ldap://x}",
)
ODD_NAMES = ("'; drop table x; --.jsonl", "{{ 7*7 }}.jsonl", "=1+1.jsonl", "day=2026-03-02 <b>.jsonl")
HOUR = timedelta(hours=1)
REVISED = event("b", revision=1)
BROKEN = b'{"id":"lost-1"' + CANARY.encode()


@dataclass(frozen=True)
class Delivery:
    """An object, the records on its lines (blank ones before them, so that places are told apart), what it replaces."""

    name: str
    lines: tuple[bytes, ...]
    first_line: int = 1
    supersedes: tuple[str, ...] = ()

    @property
    def stored(self) -> bytes:
        return b"\n" * (self.first_line - 1) + b"".join(line + b"\n" for line in self.lines)


FIRST = Delivery(
    "first.jsonl",
    (
        as_line(event("a")),
        as_line(REVISED),
        as_line(event("c")),
        as_line(event("d", revision=2, type="shop.product.liked")),
    ),
)
PAYLOADS = [
    Delivery(name, (as_line(order(f"o{place}", product_name=text)),))
    for place, (name, text) in enumerate(zip((*ODD_NAMES, "plain.jsonl"), CODE_LIKE, strict=True))
]
LOST = Delivery("broken.jsonl", (as_line(event("kept")), BROKEN, BROKEN + b"2"))
BEFORE = [FIRST, *PAYLOADS, LOST]
AFTER = [
    Delivery("second.jsonl", FIRST.lines),
    Delivery("first.jsonl", (as_line(event("e")),), first_line=9),
    Delivery(
        "third.jsonl",
        (
            as_line(event("late", time="2026-03-02T23:59:59+08:00")),
            as_line(event("b", revision=2, type="shop.product.liked")),
            as_line(event("c", type="shop.product.liked")),
            as_line(event("d", revision=1)),
        ),
    ),
    Delivery(
        "mended.jsonl",
        tuple(as_line(event(number)) for number in ("kept", "lost-1", "lost-2")),
        supersedes=(LOST.name,),
    ),
]


@dataclass
class Home:
    """A home and the SHA-256 of what it got, by name."""

    app: App
    folder: Path
    digests: dict[str, str] = field(default_factory=dict)

    def deliver(self, deliveries: list[Delivery]) -> None:
        for one in deliveries:
            file = self.folder / one.name
            file.write_bytes(one.stored)
            superseded = [self.digests[name] for name in one.supersedes]
            self.digests.setdefault(one.name, self.app.land(PLUGIN, file, superseded).object.sha256)

    def run(self) -> None:
        results = self.app.run(DATASETS)
        assert {result.outcome for result in results} <= {Outcome.PUBLISHED, Outcome.UNCHANGED}, results


def clock(offset: timedelta) -> type[datetime]:
    """A clock that is wrong."""

    class Skewed(datetime):
        @classmethod
        def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
            return datetime.now(tz) + offset

    return Skewed


def home(folder: Path, spark: SparkSession) -> Home:
    (folder / "files").mkdir(parents=True)
    return Home(open_home(folder, spark, openlineage_file=folder / "lineage.jsonl"), folder / "files")


@pytest.fixture(scope="module")
def twice(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home that was brought level between the deliveries."""
    lived = home(tmp_path_factory.mktemp("twice"), spark)
    lived.deliver(BEFORE)
    lived.run()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(landing, "datetime", clock(-HOUR))
        lived.deliver(AFTER)
    lived.run()
    return lived


def ledger(app: App) -> dict[tuple[str, int], str]:
    """What becomes of each record; of two payloads of one id the one with the higher hash counts."""
    told = {(one.name, one.first_line + n): "good" for one in [*BEFORE, *AFTER] for n in range(len(one.lines))}
    told |= {(LOST.name, line): "superseded_object" for line in (1, 2, 3)}
    told |= {("second.jsonl", line): "duplicate" for line in (1, 2, 3, 4)}
    told |= {("first.jsonl", 2): "superseded", ("third.jsonl", 4): "superseded"}
    raw = app.lake.table(f"raw.{PLUGIN}").scan().to_arrow().to_pylist()
    digests: Mapping[tuple[str, int], Any] = {(row["object_name"], row["position"]): row["payload_hash"] for row in raw}
    told[min([("first.jsonl", 3), ("third.jsonl", 3)], key=lambda place: digests[place])] = "conflict"
    return told


@pytest.mark.fault(16, how="the same bytes under another name, other bytes under the same name")
@pytest.mark.fault(17, how="an event's id with another payload")
@pytest.mark.fault(18, how="an event of a published day; a second revision, and a first one after the second")
@pytest.mark.fault(44, how="an object of quarantined records delivered again, mended, in the place of the first")
@pytest.mark.fault(19, how="five texts and four object names that look like formulas, SQL, templates, scripts")
def test_each_record_has_its_fate_and_each_good_event_is_there_once(twice: Home) -> None:
    check_records(twice.app, PLUGIN, ledger(twice.app))


@pytest.mark.fault(41, how="one home's clock an hour behind for some deliveries, the other's an hour ahead for all")
@pytest.mark.fault(16, 17, 18, 27, 44, how="all at once in the opposite order")
def test_two_runs_end_in_the_tables_of_one_whatever_the_order_and_the_clocks(
    twice: Home, spark: SparkSession, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No event is near the edge of the future, so that nothing depends on the clock if fates do not."""
    once = home(tmp_path, spark)
    once.digests = dict(twice.digests)
    monkeypatch.setattr(landing, "datetime", clock(HOUR))
    once.deliver([*AFTER, *BEFORE][::-1])
    once.run()

    check_same_tables(hashes(twice.app, DATASETS), hashes(once.app, DATASETS))


@pytest.mark.fault(19, how="the same, shown on pages", part=True)
def test_what_looks_like_code_is_text_in_tables_and_pages(twice: Home, tmp_path: Path) -> None:
    rows = twice.app.lake.table("events.order_line").scan().to_arrow().to_pylist()
    write_run_pages(twice.app, tmp_path)

    assert sorted(row["product_name"] for row in rows) == sorted(CODE_LIKE)
    assert set(ODD_NAMES) <= set(balance_of(twice.app, PLUGIN))
    balance = (tmp_path / "balance.html").read_text()
    assert "{{ 7*7 }}.jsonl" in balance
    assert "day=2026-03-02 &lt;b&gt;.jsonl" in balance
    assert not [page for page in tmp_path.rglob("*.html") if b"<script>alert" in page.read_bytes()]


@pytest.mark.fault(45, how="a secret in a record that cannot be read")
def test_a_secret_in_a_quarantined_record_is_in_its_table_alone(twice: Home, tmp_path: Path) -> None:
    write_run_pages(twice.app, tmp_path)
    told = [*tmp_path.rglob("*.html"), *(twice.app.settings.work_dir).rglob("*.log"), twice.app.settings.warehouse_file]
    lineage = twice.app.settings.openlineage_file
    assert lineage is not None
    contents = {str(file): file.read_bytes() for file in [*told, lineage]}
    for name in ("ops.run", "ops.gate_result", "raw.objects"):
        contents[name] = repr(twice.app.lake.table(name).scan().to_arrow().to_pylist()).encode()

    check_absent(CANARY.encode(), contents)
    assert len(contents) > 10
