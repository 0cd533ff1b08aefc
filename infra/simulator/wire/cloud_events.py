"""CloudEvents 1.0 as the community shop writes them: the app on the market's clock, everything else in UTC."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from infra.simulator.wire.damages import Damage
from infra.simulator.wire.identities import Names
from infra.simulator.wire.record import Content, Record
from infra.simulator.wire.times import business_days, market_text, utc_text
from infra.simulator.world.day import Column

APP, WEB = "/shop/app", "/shop/web"
EVENT_DAMAGES: Final[Mapping[str, Damage]] = {
    "invalid_json": lambda feed, content: feed.write(content)[:-40],
    "wrong_type": lambda feed, content: feed.write(content | {"revision": "2"}),
    "unknown_type": lambda feed, content: feed.write(content | {"type": "shop.product.sniffed"}),
    "duplicate_key": lambda feed, content: feed.write(content)[:-1] + b',"id":"another"}',
    "invalid_time": lambda feed, content: feed.write(content | {"time": "2026-02-30T10:00:00+08:00"}),
    "trailing_data": lambda feed, content: feed.write(content) * 2,
    "not_an_object": lambda feed, content: b"[" + feed.write(content) + b"]",
    "invalid_utf8": lambda feed, content: feed.write(content)[:-1] + b',"x":"\xc3\x28"}',
    "nul_character": lambda feed, content: feed.write(content)[:-1] + b',"x":"\x00"}',
    "too_deep": lambda feed, content: feed.write(content)[:-1] + b',"x":' + b"[" * 1500 + b"]" * 1500 + b"}",
}


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
