"""Single quarantined records: the original bytes, what they were judged by, and where their object lies."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from pyiceberg.expressions import And

from expectations.contract import Contract
from infra.app.app import App
from infra.app.escaped import escaped_bytes
from infra.app.quarantine import ABOUT, PLACE, key_of, landed_objects, quarantined, remedy
from infra.lake.errors import GuanxiError
from infra.lake.filters import is_in

BYTES_SHOWN: Final = 400
SHORTEST_HASH: Final = 8
Row = dict[str, Any]


@dataclass(frozen=True)
class Wanted:
    """Which records of a source to show: of one reason, of one object (its name, or its hash's beginning), at a place.

    `limit` records at most, `bytes_shown` of each.
    """

    reason: str | None = None
    object: str | None = None
    position: int | None = None
    limit: int = 5
    bytes_shown: int = BYTES_SHOWN

    def takes(self, row: Row) -> bool:
        """Whether a row is one of those."""
        is_object = self.object is None or self.object == row["object_name"] or self._is_hash_of(row["object_sha256"])
        is_reason = self.reason is None or self.reason == row["reason"]
        return is_object and is_reason and self.position in {None, row["position"]}

    def _is_hash_of(self, sha256: str) -> bool:
        given = self.object or ""
        return len(given) >= SHORTEST_HASH and sha256.startswith(given)


@dataclass(frozen=True)
class Quarantined:
    """One record as it came: `original` is escaped and may hold personal data; of `size_bytes` it may show a part.

    `is_outdated`: the present mapping and contract, `present_code`, are others than those that judged it.
    """

    source: str
    object_name: str
    object_sha256: str
    position: int
    path: str
    received_at: datetime | None
    reason: str
    rule: str
    contract_version: str | None
    mapping_code: str | None
    present_code: str
    is_outdated: bool
    size_bytes: int
    original: str
    remedy: str


def read_records(app: App, source: str, wanted: Wanted) -> tuple[list[Quarantined], int]:
    """The first of the wanted records by object and place, and how many there are.

    Raises GuanxiError where there is none, naming the reasons that there are.
    """
    contract = app.source(source)
    rows = quarantined(app, contract, (*PLACE, *ABOUT)).to_pylist()
    found = sorted(filter(wanted.takes, rows), key=lambda row: tuple(row[name] for name in PLACE))
    if not found:
        there = ", ".join(sorted({row["reason"] for row in rows})) or "none"
        raise GuanxiError(
            f"{contract.name}: no such record is quarantined. Reasons there: {there}. See `guanxi quarantine list`."
        )
    chosen = found[: wanted.limit]
    originals = _originals(app, contract, chosen)
    landed = landed_objects(app, contract, {row["object_sha256"] for row in chosen})
    code = app.datasets.all[contract.name].node.code
    return [
        _record(contract, row, landed.get(key_of(contract, row)), code, originals[_place(row)], wanted.bytes_shown)
        for row in chosen
    ], len(found)


def _originals(app: App, contract: Contract, rows: Sequence[Row]) -> dict[tuple[Any, ...], bytes]:
    """The bytes of some records, by place; those of no other record of their objects are kept."""
    chosen = And(
        is_in("object_sha256", {row["object_sha256"] for row in rows}),
        is_in("position", {row["position"] for row in rows}),
    )
    found = quarantined(app, contract, (*PLACE, "original"), chosen).to_pylist()
    return {_place(row): row["original"] or b"" for row in found}


def _place(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in PLACE)


def _record(
    contract: Contract, row: Row, landed: Row | None, code: str, original: bytes, bytes_shown: int
) -> Quarantined:
    is_outdated = row["mapping_code"] != code
    return Quarantined(
        source=contract.short_name,
        **{name: row[name] for name in (*PLACE, "reason", "contract_version", "mapping_code")},
        rule=row["rule"] or "",
        path=landed["path"] if landed else "",
        received_at=landed["received_at"] if landed else None,
        present_code=code,
        is_outdated=is_outdated,
        size_bytes=len(original),
        original=escaped_bytes(original, bytes_shown),
        remedy=remedy(contract.short_name, row["reason"], is_outdated=is_outdated),
    )
