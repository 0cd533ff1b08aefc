"""A day of a large shop's plugin, made column-wise: what it sends on the day, and what comes a day late.

The same number of rows and seed give the same lines, and beside them what should become of each.
"""

import gzip
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa

from spark_jobs.raw.shop_plugin import KINDS

DAY = date(2026, 3, 2)
TYPES = np.array(list(KINDS))
TYPE_SHARES = np.array([0.62, 0.08, 0.03, 0.05, 0.02, 0.1, 0.06, 0.02, 0.02])
COPIES, REVISIONS, CONFLICTS, BROKEN, LATE = 0.02, 0.01, 0.001, 0.005, 0.01
REFERRED = 0.1
Damage = Callable[[bytes], bytes]
Counts = dict[str, int]

LINE = """
'{"specversion":"1.0","id":"' || id || '","source":"' || source || '","type":"' || type || '","time":"' || time || '"'
|| case when revision is null then '' else ',"revision":' || revision end
|| ',"data":{"visitor_id":"' || visitor || '"'
|| case when account is null then '' else ',"account_id":"' || account || '"' end
|| case when product is null then '' else ',"product_id":"' || product || '"' end
|| case when referred then ',"referrer":{"platform":"links","post_id":"' || visitor || '"}' else '' end
|| '}}'
"""


def _with(text: bytes) -> Damage:
    return lambda line: line[:-1] + b"," + text + b"}"


def _instead(old: bytes, new: bytes) -> Damage:
    return lambda line: line.replace(old, new, 1)


DAMAGES: Sequence[tuple[str, Damage]] = (
    ("invalid_json", lambda line: line[:-40]),
    ("invalid_json", _with(b'"note":NaN')),
    ("invalid_json", lambda line: line[:-1] + b",}"),
    ("trailing_data", lambda line: line + line),
    ("duplicate_key", _with(b'"id":"another"')),
    ("duplicate_key", _instead(b'"data":{', b'"data":{"visitor_id":"v0",')),
    ("not_an_object", lambda line: b"[" + line + b"]"),
    ("wrong_case_key", _instead(b'"type"', b'"Type"')),
    ("wrong_case_key", _instead(b'"visitor_id"', b'"visitor_ID"')),
    ("wrong_type", _with(b'"revision":"2"')),
    ("wrong_type", _with(b'"revision":2.7')),
    ("wrong_type", _instead(b'"product_id":"', b'"product_id":4,"was":"')),
    ("invalid_utf8", _with(b'"note":"\xc3\x28"')),
    ("nul_character", _with(rb'"note":"a\u0000b"')),
    ("too_deep", _with(b'"note":' + b"[" * 100 + b"]" * 100)),
    ("invalid_specversion", _instead(b'"1.0"', b'"0.3"')),
    ("missing_id", _instead(b'"id":"', b'"id":"","was":"')),
    ("unknown_type", _instead(b"viewed", b"sniffed")),
    ("invalid_time", _instead(b'"time":"2026-03-0', b'"time":"2026-02-3')),
    ("invalid_revision", _with(b'"revision":100000000000000000000')),
    ("missing_visitor", _instead(b'"visitor_id":"', b'"was":"')),
    ("missing_product", _instead(b'"product_id":"', b'"was":"')),
    ("before_first_day", _instead(b'"time":"2026', b'"time":"1969')),
    ("too_far_in_future", _instead(b'"time":"2026', b'"time":"2199')),
)


@dataclass(frozen=True)
class Delivered:
    """Files of a delivery, and how many of all lines up to then have each fate or reason."""

    files: list[Path]
    fates: Counts


@dataclass(frozen=True)
class ShopDay:
    """A day of so many lines: 2 % exact copies, 1 % revised, 0.1 % contradicted, 0.5 % broken; then 1 % more."""

    rows: int
    objects: int = 8
    seed: int = 7

    def deliver(self, folder: Path) -> tuple[Delivered, Delivered]:
        """Write the gzipped objects of the day, and the one that is late, into folders of their own."""
        dice = np.random.default_rng(self.seed)
        lines, on_day = self._lines(dice, self.rows, "i")
        files = [
            _write(folder / "day", f"{DAY}.{number}.jsonl.gz", lines[number :: self.objects])
            for number in range(self.objects)
        ]
        more, late = self._lines(dice, int(self.rows * LATE), "j")
        both = {fate: on_day[fate] + late.get(fate, 0) for fate in on_day}
        return Delivered(files, on_day), Delivered([_write(folder / "late", f"{DAY}.late.jsonl.gz", more)], both)

    def _lines(self, dice: np.random.Generator, rows: int, kind: str) -> tuple[list[bytes], Counts]:
        """Lines in an order of no meaning, and the fate of each."""
        copies, revisions, conflicts, broken = (int(rows * share) for share in (COPIES, REVISIONS, CONFLICTS, BROKEN))
        events = rows - copies - revisions - conflicts - broken
        told = _events(dice, events, kind)
        again = dice.permutation(events)
        revised, contradicted = again[:revisions], again[revisions : revisions + conflicts]
        lines = _written(told)
        lines += _written(_revised(told.take(pa.array(revised)), 2))
        lines += _written(_revised(told.take(pa.array(contradicted)), None))
        lines += [lines[place] for place in dice.choice(events, size=copies, replace=False).tolist()]
        good = _written(_events(dice, broken, f"{kind}x", viewed=True))
        fates = {"good": events, "duplicate": copies, "superseded": revisions, "conflict": conflicts}
        for number, line in enumerate(good):
            reason, damage = DAMAGES[number % len(DAMAGES)]
            lines.append(damage(line))
            fates[reason] = fates.get(reason, 0) + 1
        return [lines[place] for place in dice.permutation(len(lines)).tolist()], fates


def _events(dice: np.random.Generator, rows: int, kind: str, *, viewed: bool = False) -> pa.Table:
    """What visitors did, a row each; two fifths of them in the app, the others on the web."""
    kinds = np.zeros(rows, np.int64) if viewed else dice.choice(len(TYPES), size=rows, p=TYPE_SHARES)
    visitor = (rows * dice.random(rows) ** 2).astype(np.int64) // 4
    about_none = np.isin(kinds, [5, 8])
    in_app = visitor % 5 < 2
    # The business day is that of the market, eight hours before UTC.
    seconds_ms = dice.integers(86_400_000, size=rows)
    local = np.datetime64(DAY, "ms") + seconds_ms.astype("timedelta64[ms]")
    on_clock = np.char.add(np.datetime_as_string(local), "+08:00")
    utc = np.char.add(np.datetime_as_string(local - np.timedelta64(8, "h")), "Z")
    if viewed:
        on_clock = utc = np.char.add(
            np.datetime_as_string(np.datetime64(f"{DAY}T09:00:00", "ms") + np.zeros(rows, "timedelta64[ms]")), "Z"
        )
    return pa.table(
        {
            "id": pa.array(np.char.add(kind, np.char.mod("%013x", np.arange(rows)))),
            "source": pa.array(np.where(in_app, "/shop/app", "/shop/web")),
            "type": pa.array(TYPES[kinds]),
            "time": pa.array(np.where(in_app, on_clock, utc)),
            "revision": pa.nulls(rows, pa.int64()),
            "visitor": pa.array(np.char.mod("v%07d", visitor)),
            "account": pa.array(np.char.mod("u%07d", visitor), mask=visitor % 3 > 0),
            "product": pa.array(np.char.mod("p%05d", dice.integers(20_000, size=rows)), mask=about_none),
            "referred": pa.array(dice.random(rows) < (0 if viewed else REFERRED)),
        }
    )


def _revised(told: pa.Table, revision: int | None) -> pa.Table:
    """The same events by another account, of a version of their own or not."""
    other = pa.array(["u9999999"] * told.num_rows)
    version = pa.array([revision] * told.num_rows, pa.int64())
    return told.set_column(6, "account", other).set_column(4, "revision", version)


def _written(events: pa.Table) -> list[bytes]:
    """Each event as the line that the plugin writes."""
    with duckdb.connect() as connection:
        connection.register("events", events)
        lines = connection.sql(f"select {LINE} as line from events").to_arrow_table()["line"]
    written: list[bytes] = lines.cast(pa.binary()).to_pylist()
    return written


def _write(folder: Path, name: str, lines: Sequence[bytes]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / name
    file.write_bytes(gzip.compress(b"\n".join(lines) + b"\n", compresslevel=6, mtime=0))
    return file
