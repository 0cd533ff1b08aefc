import gzip
import hashlib
import json
from collections import Counter
from datetime import date, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from infra.simulator.ledger import Entry, read_ledger
from infra.simulator.shop_sample import DAMAGES, ShopSample

DAY, NEXT_DAY = date(2026, 3, 2), date(2026, 3, 3)
SHOP = ShopSample(visitors=30, sessions_a_day=20, dirt=0.1)


def delivered(folder: Path, shop: ShopSample = SHOP, day: date = DAY) -> dict[str, bytes]:
    """Every file of a delivery, and of its ledger."""
    shop.deliver(day, folder / "files", folder / "ledger")
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def ledger(folder: Path, shop: ShopSample = SHOP, day: date = DAY) -> list[Entry]:
    """What the shop knows of a delivery."""
    shop.deliver(day, folder / "files", folder / "ledger")
    return read_ledger(folder / "ledger" / f"shop-{day}.ledger.jsonl")


def lines(folder: Path, shop: ShopSample = SHOP, day: date = DAY) -> dict[tuple[str, int], str]:
    """Every line of a delivery by object and place."""
    objects = shop.deliver(day, folder / "files", folder / "ledger")
    texts = {path.name: gzip.decompress(path.read_bytes()).decode().split("\n")[:-1] for path in objects}
    return {(name, place): text for name, found in texts.items() for place, text in enumerate(found, start=1)}


def test_the_same_seed_and_day_give_the_same_bytes_whatever_was_asked_before(tmp_path: Path) -> None:
    first = delivered(tmp_path / "first")
    delivered(tmp_path / "between", day=NEXT_DAY)

    assert delivered(tmp_path / "again") == first


@pytest.mark.parametrize("other", [ShopSample(8, 30, 20, 0.1), ShopSample(7, 30, 20, 0.2)])
def test_another_seed_or_dial_gives_other_bytes(tmp_path: Path, other: ShopSample) -> None:
    assert delivered(tmp_path / "other", other) != delivered(tmp_path / "first")


def test_the_manifest_says_what_its_object_holds(tmp_path: Path) -> None:
    for path in SHOP.deliver(DAY, tmp_path / "files", tmp_path / "ledger"):
        manifest = json.loads(path.with_name(f"{path.name}.manifest.json").read_text())

        stored = path.read_bytes()
        assert manifest == {
            "object": path.name,
            "lines": gzip.decompress(stored).count(b"\n"),
            "sha256": hashlib.sha256(stored).hexdigest(),
        }


def test_the_ledger_has_an_entry_for_every_line_and_is_not_delivered(tmp_path: Path) -> None:
    entries = ledger(tmp_path)

    assert [(entry.object, entry.line) for entry in entries] == sorted(lines(tmp_path))
    assert not list((tmp_path / "files").glob("*ledger*"))
    with pytest.raises(ValueError, match="Name another folder"):
        SHOP.deliver(DAY, tmp_path, tmp_path)


def test_what_the_ledger_calls_good_or_a_copy_is_on_that_line(tmp_path: Path) -> None:
    found = lines(tmp_path)

    sound = [entry for entry in ledger(tmp_path) if entry.verdict != "quarantined"]
    assert all(json.loads(found[entry.object, entry.line])["id"] == entry.id for entry in sound)
    copies = [entry for entry in sound if entry.verdict == "duplicate"]
    texts = Counter(found[entry.object, entry.line] for entry in sound)
    assert copies
    assert len(copies) == sum(count - 1 for count in texts.values())


def test_every_way_to_go_wrong_occurs(tmp_path: Path) -> None:
    entries = ledger(tmp_path)

    assert {entry.reason for entry in entries if entry.verdict == "quarantined"} == set(DAMAGES)
    assert any("campaign" in text for text in lines(tmp_path).values())


def test_late_events_come_with_the_next_days_objects_and_nothing_is_lost(tmp_path: Path) -> None:
    both = [*ledger(tmp_path), *ledger(tmp_path, day=NEXT_DAY)]

    of_the_day = {entry.id: entry.object for entry in both if entry.event_day == DAY}
    assert set(of_the_day) == {event.id for event in SHOP.events(DAY)}
    late = [name for name in of_the_day.values() if name.startswith(str(NEXT_DAY))]
    assert 0 < len(late) < len(of_the_day) / 2


def test_without_dirt_a_delivery_is_the_days_events_in_their_order(tmp_path: Path) -> None:
    clean = ShopSample(visitors=30, sessions_a_day=20, dirt=0)

    assert [entry.id for entry in ledger(tmp_path, clean)] == [event.id for event in clean.events(DAY)]


def test_a_day_ends_at_midnight_of_the_market_and_visits_go_on_after_it() -> None:
    shop = ShopSample(visitors=30, sessions_a_day=200)

    days = [{event.id: event.at for event in shop.events(day)} for day in (DAY, NEXT_DAY)]

    begun_before = [at for name, at in days[1].items() if name.startswith("20260302")]
    assert begun_before
    assert min(begun_before) >= datetime(2026, 3, 3, tzinfo=ZoneInfo("Asia/Shanghai"))
    assert not days[0].keys() & days[1].keys()


def test_orders_are_of_the_account_that_looked(tmp_path: Path) -> None:
    contents: list[dict[str, Any]] = [event.content() for event in ShopSample().events(DAY)]

    owners = {content["data"]["visitor_id"]: content["data"].get("account_id") for content in contents}
    orders = [content["data"] for content in contents if content["type"].startswith("shop.order.")]
    assert orders
    assert all(order["account_id"] and order["account_id"] == owners[order["visitor_id"]] for order in orders)
    assert None in owners.values()
