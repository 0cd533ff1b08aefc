"""CloudEvents 1.0 as the community shop writes them: the app on the market's clock, everything else in UTC."""

from collections.abc import Iterable, Iterator

from infra.simulator.wire.record import Content, Record
from infra.simulator.wire.times import business_days, market_text, utc_text
from infra.simulator.world.day import Column

APP, WEB = "/shop/app", "/shop/web"


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
