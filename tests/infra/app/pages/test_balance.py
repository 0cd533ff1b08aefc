"""The balance of records: what does not add up comes first, and totals are over all objects."""

from typing import Any

from infra.app.pages.balance import FATES, balance_of


def row(name: str, source: str = "shop", received: int = 1, balanced: bool = True, **fates: int) -> dict[str, Any]:
    told = {**dict.fromkeys(FATES, 0), **fates}
    return {
        "source": source,
        "object_name": name,
        "object_sha256": "a",
        "received": received,
        "balanced": balanced,
    } | told


def test_unbalanced_objects_come_first() -> None:
    balance = balance_of([row("b"), row("c", balanced=False), row("a")])

    assert [found["object_name"] for found in balance.objects] == ["c", "a", "b"]
    assert balance.unbalanced == 1


def test_totals_are_by_source() -> None:
    rows = [row("a", "shop", 3, good=2, held=1), row("b", "shop", 2, good=2), row("c", "stall", 5, balanced=False)]

    shop, stall = balance_of(rows).totals

    assert (shop.source, shop.objects, shop.received, shop.unbalanced) == ("shop", 2, 5, 0)
    assert (shop.fates["good"], shop.fates["held"]) == (4, 1)
    assert (stall.source, stall.unbalanced) == ("stall", 1)


def test_balanced_objects_beyond_the_limit_are_counted_and_unbalanced_ones_never_left_out() -> None:
    rows = [row(str(n), balanced=False) for n in range(3)] + [row("good")]

    balance = balance_of(rows, shown=2)

    assert len(balance.objects) == 3
    assert balance.left_out == 1
    assert balance.totals[0].objects == 4
