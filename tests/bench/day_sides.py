"""The three ways from a day's landed objects to its typed, deduplicated events; each runs in its own process.

Every way does it all twice, into two empty places: first as in a process just started, then warm. Each time comes the
day, and when it is published what is late. `python -m tests.bench.day_sides SIDE INPUT FOLDER` prints one JSON line.
"""

import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from expectations.contract import find_contracts
from infra.app.app import App
from infra.app.kinds.record_format import wire_columns
from infra.loop.result import Outcome
from spark_jobs.functions.wire_column import WireColumn
from tests.bench import day_duckdb, day_spark
from tests.bench.child import TURNS, Side, run_side
from tests.bench.day_check import EVENT_ID, outcome
from tests.bench.homes import another, started
from tests.bench.processes import ProcessorTime, processor_seconds

SOURCE, RAW, EVENTS = "shop_plugin", "raw.shop_plugin", "events.interaction"
PAYLOAD = "concat_ws(chr(31), kind, visitor_id, coalesce(account_id, '-'), coalesce(product_id, '-'), occurred_at)"
Figures = dict[str, Any]
Turn = dict[str, Figures]


def plugin_columns() -> tuple[WireColumn, ...]:
    """What the contract of the feed declares of a record."""
    return wire_columns(find_contracts()[RAW])


def guanxi(given: Path, folder: Path) -> list[Turn]:
    """Land the objects and bring the events level, twice: the day, then what is late."""
    running = started(folder)
    turns = []
    for turn in TURNS:
        app = another(folder / turn, running)
        turns.append({part: _guanxi_once(app, given / part) for part in ("day", "late")})
    return turns


def _guanxi_once(app: App, delivered: Path) -> Figures:
    for file in sorted(delivered.glob("*.gz")):
        app.land(SOURCE, file)
    begun, cpu = time.perf_counter(), ProcessorTime()
    results = {r.dataset: r for r in app.run([EVENTS], listener=lambda name, phase: cpu.begin(f"{name} {phase}"))}
    whole = time.perf_counter() - begun
    cpu.begin("after")
    chosen = {name: results[name] for name in ("raw.objects", RAW, EVENTS)}
    for result in chosen.values():
        if result.outcome is not Outcome.PUBLISHED:
            raise RuntimeError(f"{result.dataset}: {result.outcome.value}: {result.detail}")
    return {
        "seconds": sum(results[name].seconds["build"] for name in (RAW, EVENTS)),
        "cpu_seconds": sum(cpu.seconds[f"{name} build"] for name in (RAW, EVENTS)),
        "gate_seconds": sum(results[name].seconds["gate"] for name in (RAW, EVENTS)),
        "whole_run_seconds": whole,
        "steps": {name: {p: round(s, 2) for p, s in result.seconds.items()} for name, result in chosen.items()},
        "cpu_steps": {phase: round(seconds, 2) for phase, seconds in cpu.seconds.items()},
        "outcome": _guanxi_outcome(app),
    }


def _guanxi_outcome(app: App) -> Figures:
    records = f"select *, record_id as id, payload_hash as payload from {_parquet_of(app, RAW)}"
    return outcome(records, f"from {_parquet_of(app, EVENTS)}")


def _parquet_of(app: App, table: str) -> str:
    """The files of a table's rows, as DuckDB reads them."""
    files = list(app.lake.table(table).scan().plan_files())
    if any(file.delete_files for file in files):
        raise RuntimeError(f"{table}: not every row of its files is one of the table")
    return _parquet(*(file.file.file_path.removeprefix("file://") for file in files))


def _parquet(*files: object) -> str:
    quoted = ", ".join(f"'{file}'" for file in files)
    return f"read_parquet([{quoted}])"


def plain_spark(given: Path, folder: Path) -> list[Turn]:
    """A Python function for the JSON, Spark's columns for the rest, two Iceberg tables; late: all of it again."""
    app = started(folder)
    turns = []
    for turn in TURNS:
        app.engine.spark.sql(f"create namespace if not exists lake.{turn}")

        def write(folders: Sequence[Path], namespace: str = turn) -> None:
            day_spark.write_day(app.engine.spark, folders, namespace)

        def told(namespace: str = turn) -> Figures:
            tables = (f"{namespace}.{name}" for name in (day_spark.RECORDS, day_spark.EVENTS))
            return _plain_outcome(
                *(f"(select * rename (event_source as source) from {_parquet_of(app, name)})" for name in tables)
            )

        turns.append(_day_and_late(given, write, told))
    return turns


def duckdb_alone(given: Path, folder: Path) -> list[Turn]:
    """DuckDB's own functions, two folders of Parquet; late: all of it again."""

    def told(place: Path) -> Figures:
        return _plain_outcome(
            *(_parquet(f"{place}/{name}/*/*.parquet") for name in (day_duckdb.RECORDS, day_duckdb.EVENTS))
        )

    return [
        _day_and_late(given, partial(day_duckdb.write_day, folder=folder / turn), partial(told, folder / turn))
        for turn in TURNS
    ]


def _day_and_late(given: Path, write: Callable[[Sequence[Path]], None], told: Callable[[], Figures]) -> Turn:
    figures: Turn = {}
    for part, folders in (("day", [given / "day"]), ("late", [given / "day", given / "late"])):
        begun, used = time.perf_counter(), processor_seconds()
        write(folders)
        seconds = time.perf_counter() - begun
        figures[part] = {"seconds": seconds, "cpu_seconds": processor_seconds() - used, "outcome": told()}
    return figures


def _plain_outcome(records: str, events: str) -> Figures:
    """`records` and `events` are what DuckDB reads them from."""
    key = "source || ' ' || id"
    return outcome(
        f"select * replace ({key} as id), {PAYLOAD} as payload from {records}",
        f"select *, {EVENT_ID} as event_id from {events}",
    )


SIDES: dict[str, Side] = {
    "guanxi": guanxi,
    "plain_spark": plain_spark,
    "duckdb": duckdb_alone,
}


if __name__ == "__main__":
    run_side(SIDES)
