import json
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from pyspark.sql import SparkSession

from expectations.contract import CONTRACTS, read_contract
from spark_jobs.raw.shop_plugin import KINDS
from tests.spark_jobs.raw.shop_plugin_events import BROKEN, LINE, VIEW, event, listed, ordered, placed
from tests.support.mapped import mapped

CONTRACT = read_contract(CONTRACTS / "raw" / "shop_plugin.odcs.yaml")


def made(spark: SparkSession, folder: Path, *events: dict[str, Any]) -> list[Any]:
    """What the mapping makes of some events of one object received on 3 March 2026."""
    file = folder / "events.jsonl"
    file.write_text("".join(f"{json.dumps(one)}\n" for one in events))
    return mapped(spark, CONTRACT, file)


def test_a_view_becomes_an_interaction(spark: SparkSession, tmp_path: Path) -> None:
    (row,) = made(spark, tmp_path, event())

    assert (row["target"], row["event_day"], row["reason"]) == ("events.interaction", date(2026, 3, 2), None)
    assert row["interaction"].asDict() == {
        "kind": "view",
        "visitor_id": "v1",
        "account_id": "u1",
        "product_id": "2001",
        "occurred_at": datetime(2026, 3, 2, 2, 0),
    }
    assert row["order_line"] is None


def test_every_type_of_interaction_has_its_kind(spark: SparkSession, tmp_path: Path) -> None:
    rows = made(spark, tmp_path, *[event(type=name) for name in KINDS])

    assert [row["interaction"]["kind"] for row in rows] == [
        "view",
        "like",
        "share",
        "save",
        "comment",
        "search",
        "add_to_cart",
        "remove_from_cart",
        "checkout",
    ]


def test_a_placed_line_has_its_price_in_yuan(spark: SparkSession, tmp_path: Path) -> None:
    (row,) = made(spark, tmp_path, placed())

    line = row["order_line"].asDict()
    assert (row["target"], row["interaction"]) == ("events.order_line", None)
    assert (line["unit_price"], line["amount"]) == (Decimal("19.9900"), Decimal("59.9700"))
    assert (line["quantity"], line["is_cancellation"], line["currency"]) == (3, False, "CNY")
    assert (line["order_id"], line["product_name"], line["account_id"]) == ("o1", "青花茶杯", "u1")
    assert (line["ordered_at"], line["country"]) == (datetime(2026, 3, 2, 2, 0), "CN")


def test_a_cancelled_line_takes_back_pieces_and_money(spark: SparkSession, tmp_path: Path) -> None:
    (row,) = made(spark, tmp_path, event(LINE, "shop.order.line_cancelled"))

    line = row["order_line"].asDict()
    assert (line["quantity"], line["amount"], line["is_cancellation"]) == (-3, Decimal("-59.9700"), True)
    assert line["unit_price"] == Decimal("19.9900")


def test_an_order_as_a_whole_has_what_its_lines_come_to_in_yuan(spark: SparkSession, tmp_path: Path) -> None:
    guest, signed_in = made(spark, tmp_path, ordered(), ordered(account_id="u1", country=None))

    assert (guest["target"], guest["order_line"], guest["product"]) == ("events.order", None, None)
    assert guest["order"].asDict() == {
        "order_id": "o1",
        "visitor_id": "v1",
        "account_id": None,
        "amount": Decimal("59.9700"),
        "currency": "CNY",
        "line_count": 2,
        "country": "CN",
        "placed_at": datetime(2026, 3, 2, 2, 0),
    }
    assert (signed_in["order"]["account_id"], signed_in["order"]["country"]) == ("u1", None)


def test_an_order_line_has_its_own_amount_whatever_it_says_of_its_order(spark: SparkSession, tmp_path: Path) -> None:
    (row,) = made(spark, tmp_path, placed(amount_fen=1))

    assert row["order_line"]["amount"] == Decimal("59.9700")


def test_a_product_on_sale_has_its_list_price_in_yuan(spark: SparkSession, tmp_path: Path) -> None:
    told, of_nobody = made(spark, tmp_path, listed(), listed(merchant_id=None))

    assert told["target"] == "events.product"
    assert told["product"].asDict() == {
        "product_id": "2001",
        "product_name": "青花茶杯",
        "category": "home",
        "merchant_id": "M000007",
        "list_price": Decimal("24.9900"),
        "currency": "CNY",
        "listed_at": datetime(2026, 3, 2, 2, 0),
    }
    assert of_nobody["product"]["merchant_id"] is None


@pytest.mark.parametrize(
    ("time", "day", "instant"),
    [
        ("2026-03-02T23:59:59.999+08:00", date(2026, 3, 2), datetime(2026, 3, 2, 15, 59, 59, 999_000)),
        ("2026-03-03T00:00:00+08:00", date(2026, 3, 3), datetime(2026, 3, 2, 16, 0)),
        ("2026-03-02T15:59:59Z", date(2026, 3, 2), datetime(2026, 3, 2, 15, 59, 59)),
        ("2026-03-02T16:00:00Z", date(2026, 3, 3), datetime(2026, 3, 2, 16, 0)),
        ("2026-03-01T11:00:00.000001-05:00", date(2026, 3, 2), datetime(2026, 3, 1, 16, 0, 0, 1)),
    ],
)
def test_the_day_is_that_of_the_market_whatever_the_offset(
    spark: SparkSession, tmp_path: Path, time: str, day: date, instant: datetime
) -> None:
    (row,) = made(spark, tmp_path, event(time=time))

    assert (row["event_day"], row["interaction"]["occurred_at"]) == (day, instant)


@pytest.fixture(scope="module")
def judged(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> list[Any]:
    """What the mapping makes of all broken events, side by side in one object, and of a sound one after them."""
    return made(spark, tmp_path_factory.mktemp("broken"), *[broken for broken, _ in BROKEN], event())


@pytest.mark.parametrize(("place", "broken", "reason"), [(place, *pair) for place, pair in enumerate(BROKEN)])
def test_an_event_that_breaks_a_rule_is_kept_with_its_reason(
    judged: list[Any], place: int, broken: dict[str, Any], reason: str
) -> None:
    bad = judged[place]

    assert (bad["reason"], bad["target"], bad["event_day"], bad["record_id"]) == (reason, None, None, None)
    assert bad["rule"]
    assert bytes(bad["original"]) == json.dumps(broken).encode()


def test_what_stands_beside_broken_events_is_good(judged: list[Any]) -> None:
    assert judged[-1]["reason"] is None


def test_what_an_event_does_not_need_may_be_missing(spark: SparkSession, tmp_path: Path) -> None:
    guest = {"visitor_id": "v1", "account_id": ""}

    rows = made(
        spark,
        tmp_path,
        event(guest, "shop.search.performed"),
        event(guest, "shop.checkout.started"),
        placed(visitor_id=None, account_id=None, product_name=None, country=None, unit_price_fen=0),
    )

    assert [row["reason"] for row in rows] == [None] * 3
    assert (rows[0]["interaction"]["account_id"], rows[0]["interaction"]["product_id"]) == (None, None)


def test_source_and_id_identify_an_event_and_a_revision_is_its_version(spark: SparkSession, tmp_path: Path) -> None:
    first, again, revised, elsewhere = made(
        spark,
        tmp_path,
        event(),
        event(subject="product/2001", extension="new"),
        event(VIEW | {"product_id": "2002"}, revision=2),
        event(source="/shop/web"),
    )

    assert first["record_id"] == again["record_id"] == revised["record_id"] != elsewhere["record_id"]
    assert first["payload_hash"] == again["payload_hash"] != revised["payload_hash"]
    assert (first["version"], revised["version"]) == (None, 2)
    assert again["extra"] == {"extension": '"new"'}
