"""Made-up worlds with no dirt and with what is normal end as their ledger says; the heavy one has tests of its own."""

from datetime import date

import pytest
from pyspark.sql import SparkSession

from infra.simulator.world.world import Setting
from tests.support.simulated import FATES, SOURCES, TARGETS, Simulated, carried

pytestmark = pytest.mark.slow

SETTING, DAYS = Setting(300, date(2026, 3, 2)), 2


@pytest.fixture(scope="module", params=["none", "normal"])
def world(request: pytest.FixtureRequest, spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    return carried(tmp_path_factory.mktemp("world"), spark, SETTING, DAYS, request.param)


def test_each_record_is_good_or_quarantined_as_the_ledger_says_and_each_good_event_stands_once(
    world: Simulated,
) -> None:
    assert {source: wrong for source in SOURCES if (wrong := world.misjudged(source))} == {}
    assert {target: wrong for target in TARGETS if (wrong := world.misplaced(target))} == {}


def test_the_balance_closes_with_the_ledgers_fates(world: Simulated) -> None:
    told = world.fates()

    assert all(fates[FATES.index("good")] for fates in told.values())
    assert world.balance() == told
