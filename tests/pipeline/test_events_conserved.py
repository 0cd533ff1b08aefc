"""The gate finds what is lost between raw records and events, and holds that source alone until it is built again."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from infra.app.accept import NothingHeldError, accept
from infra.app.app import App
from infra.app.kinds.events import Events
from infra.app.status import status
from infra.lake.catalog import CATALOG_NAME
from infra.loop.dataset import Job
from infra.loop.plan import Scope
from tests.support.home import deliver, open_home, order_line
from tests.support.wider import deliver_stall, wider_project

EVENTS = "events.order_line"


@dataclass
class Market:
    """A home with two sources that delivered; nothing is built yet."""

    app: App

    def published(self) -> list[tuple[str, str]]:
        rows = self.app.lake.table(EVENTS).scan().to_arrow().to_pylist()
        return sorted((row["source"], row["order_id"]) for row in rows)

    def held(self) -> tuple[str, ...]:
        return {row.dataset: row for row in status(self.app)}[EVENTS].held


@pytest.fixture
def market(spark: SparkSession, tmp_path: Path) -> Iterator[Market]:
    with wider_project(tmp_path) as project:
        market = Market(open_home(tmp_path, spark, project, only=[]))
        shop = [order_line("500001"), order_line("500002", at="2026-03-03 10:00:00")]
        deliver(market.app, tmp_path, "shop.csv", shop)
        deliver_stall(market.app, tmp_path, "stall.csv", ["T1;1001;3;2.00;2026-03-03T12:00:00"])
        yield market


def test_a_source_that_lost_an_event_is_held_until_it_is_built_again_and_the_other_goes_out(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    build = Events.build

    def lossy(self: Events, job: Job) -> None:
        build(self, job)
        lost = f"delete from {CATALOG_NAME}.{EVENTS}.branch_{job.branch} where order_id = '500002'"
        self.engine.spark.sql(lost)

    with monkeypatch.context() as broken:
        broken.setattr(Events, "build", lossy)
        market.app.run([EVENTS])

    assert market.published() == [("market_stall", "T1")]
    counts = "1 lost, 0 doubled, 0 of no record; first: shop.csv at 3"
    rule = f"every record's event stands once in {EVENTS} ({counts})"
    assert market.held() == (f"retail_export on 2026-03-02..2026-03-03: {rule}",)
    with pytest.raises(NothingHeldError, match=r"1 lost.*mend the model"):
        accept(market.app, EVENTS, "it is fine", source="retail_export")

    market.app.run([EVENTS], Scope(rebuild=True))

    assert [order for _, order in market.published()] == ["T1", "500001", "500002"]
    assert market.held() == ()
