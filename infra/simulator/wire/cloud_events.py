"""CloudEvents 1.0 as the community shop writes them: the app on the market's clock, everything else in UTC."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from infra.simulator.wire.damages import (
    INVALID_JSON,
    INVALID_UTF8,
    NOT_AN_OBJECT,
    TRAILING_DATA,
    Damage,
    in_other_case,
    in_turn,
    too_long,
    with_more,
    with_value,
)
from infra.simulator.wire.identities import Names
from infra.simulator.wire.record import Content, Record
from infra.simulator.wire.times import business_days, market_text, utc_text
from infra.simulator.world.day import Column

APP, WEB = "/shop/app", "/shop/web"
EVENT_DAMAGES: Final[Mapping[str, Damage]] = {
    "invalid_json": INVALID_JSON,
    "wrong_type": in_turn(with_value("revision", "2"), with_value("revision", 2.7)),
    "wrong_case_key": in_other_case("type", "Type"),
    "unknown_type": with_value("type", "shop.product.sniffed"),
    "duplicate_key": with_more(b'"id":"another"'),
    "invalid_time": with_value("time", "2026-02-30T10:00:00+08:00"),
    "before_first_day": with_value("time", "1969-12-31T23:59:59.000Z"),
    "too_far_in_future": with_value("time", "2199-01-01T00:00:00.000Z"),
    "invalid_revision": with_more(b'"revision":100000000000000000000'),
    "trailing_data": TRAILING_DATA,
    "not_an_object": NOT_AN_OBJECT,
    "invalid_utf8": INVALID_UTF8,
    "nul_character": with_more(b'"note":"\x00"'),
    "too_deep": with_more(b'"note":' + b"[" * 1500 + b"]" * 1500),
}
EVENT_ONCE_A_DAY: Final[Mapping[str, Damage]] = {"too_long": too_long}


def cloud_events(
    ids: Iterable[str],
    sources: Iterable[str],
    kinds: Iterable[str],
    at_us: Column,
    contents: Iterable[Content],
    target: str,
) -> Iterator[Record]:
    """A record for each row; times have milliseconds, the rest is cut off."""
    local, utc = market_text(at_us, "ms"), utc_text(at_us, "ms")
    columns = ids, sources, kinds, at_us.tolist(), business_days(at_us), local, utc, contents
    for identity, source, kind, at, day, on_clock, moment, data in zip(*columns, strict=True):
        time = f"{on_clock}+08:00" if source == APP else f"{moment}Z"
        head = {"specversion": "1.0", "id": identity, "source": source, "type": kind, "time": time}
        yield Record(identity, day, at, target, {**head, "data": data})


def visitors(names: Names, people: Column, signed_in: Column) -> list[Content]:
    """Some people as the shop knows them: by their browser, and by their account if they are signed in with one."""
    known = names.have_accounts(people) & signed_in
    columns = names.visitors[people].tolist(), names.accounts[people].tolist(), known.tolist()
    return [
        {"visitor_id": f"v{visitor:07d}", **({"account_id": f"u{account:07d}"} if is_known else {})}
        for visitor, account, is_known in zip(*columns, strict=True)
    ]
