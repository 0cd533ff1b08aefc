"""The balance of records: every delivered object with what became of its records, unbalanced ones first."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from infra.lake import branch, provenance
from infra.lake.catalog import Lake

SOURCE_BALANCE: Final = "marts.source_balance"
FATES: Final = {
    "good": "good",
    "quarantined": "quarantined",
    "duplicates": "duplicates",
    "superseded": "superseded",
    "conflicts": "conflicts",
    "superseded_object": "object superseded",
    "erased": "erased",
    "held": "held",
}
"""The columns whose sum is `received`, with their headings."""
OBJECTS_SHOWN: Final = 1000


@dataclass(frozen=True)
class Total:
    """Sums over the objects of one source."""

    source: str
    objects: int
    unbalanced: int
    received: int
    fates: Mapping[str, int]


@dataclass(frozen=True)
class Balance:
    """The objects to show, how many balanced ones are left out, and the totals over all."""

    objects: tuple[Mapping[str, Any], ...]
    left_out: int
    totals: tuple[Total, ...]

    @property
    def unbalanced(self) -> int:
        """Objects whose records are not all accounted for."""
        return sum(total.unbalanced for total in self.totals)

    @property
    def received(self) -> int:
        """Records delivered by all sources."""
        return sum(total.received for total in self.totals)


def read_balance(lake: Lake) -> Balance | None:
    """The published balance; None where the mart does not exist or was never built."""
    rows = published_rows(lake, SOURCE_BALANCE)
    return None if rows is None else balance_of(rows)


def published_rows(lake: Lake, mart: str) -> list[dict[str, Any]] | None:
    """Every row of a small mart as it is published; None where it does not exist or was never built."""
    table = lake.find(mart)
    if table is None or provenance.published(table) is None:
        return None
    rows: list[dict[str, Any]] = table.scan(snapshot_id=branch.head(table)).to_arrow().to_pylist()
    return rows


def balance_of(rows: Iterable[Mapping[str, Any]], shown: int = OBJECTS_SHOWN) -> Balance:
    """Unbalanced objects first, then by source and name; all unbalanced ones are shown, however many there are."""
    ordered = sorted(rows, key=lambda row: (row["balanced"], row["source"], row["object_name"], row["object_sha256"]))
    unbalanced = sum(not row["balanced"] for row in ordered)
    objects = tuple(ordered[: max(shown, unbalanced)])
    return Balance(objects, len(ordered) - len(objects), tuple(_totals(ordered)))


def _totals(rows: Sequence[Mapping[str, Any]]) -> Iterable[Total]:
    for source in sorted({row["source"] for row in rows}):
        of_source = [row for row in rows if row["source"] == source]
        yield Total(
            source=source,
            objects=len(of_source),
            unbalanced=sum(not row["balanced"] for row in of_source),
            received=sum(row["received"] for row in of_source),
            fates={fate: sum(row.get(fate) or 0 for row in of_source) for fate in FATES},
        )
