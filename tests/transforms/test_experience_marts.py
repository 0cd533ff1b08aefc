"""What the experience marts say about a handful of sessions."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from infra.app.dbt_project import DbtProject
from tests.transforms.small_lake import SmallLake, build, failed, rows

MART = "marts.sessions_daily"


def visit(
    day: str, visitor: str = "v", account: str | None = None, seconds: int = 0, interactions: int = 1, **other: object
) -> dict[str, Any]:
    """A session of the shop without a cart or a checkout, unless said otherwise."""
    return {
        "day": date.fromisoformat(day),
        "namespace": "shop",
        "visitor_id": visitor,
        "account_id": account,
        "duration_seconds": seconds,
        "interactions": interactions,
        "cart_adds": 0,
        "checkouts": 0,
        **other,
    }


SESSIONS = [
    visit("2026-03-01", "v", "a", seconds=90, interactions=5, cart_adds=3, checkouts=1),
    visit("2026-03-01", "v", "a", seconds=61, interactions=2, cart_adds=1),
    visit("2026-03-01", "w"),
    visit("2026-03-01", "x", seconds=0, interactions=2),
    visit("2026-03-01", "v", "a", namespace="live"),
    visit("2026-03-03", "w", "b", seconds=7, interactions=3),
]
QUERY = """
    select day, namespace, sessions, visitors, accounts, interactions, bounces, sessions_with_cart,
        sessions_with_checkout, median_duration_seconds, complete_through
    from marts.sessions_daily order by day, namespace
"""


def test_sessions_daily_counts_sessions_by_day_and_platform(
    project: DbtProject, lake: SmallLake, tmp_path: Path
) -> None:
    staging, through = tmp_path / "staging.duckdb", date(2026, 3, 2)

    result = build(project, staging, [lake.add("features.session", SESSIONS)], {MART: through.isoformat()})[MART]

    assert result.passed, result.error
    assert failed(result) == {}
    assert rows(staging, QUERY) == [
        (date(2026, 3, 1), "live", 1, 1, 1, 1, 1, 0, 0, Decimal("0.0"), through),
        (date(2026, 3, 1), "shop", 4, 3, 1, 10, 1, 2, 1, Decimal("30.5"), through),
        (date(2026, 3, 3), "shop", 1, 1, 1, 3, 0, 0, 0, Decimal("7.0"), through),
    ]


def test_without_sessions_there_are_no_days(project: DbtProject, lake: SmallLake, tmp_path: Path) -> None:
    staging = tmp_path / "staging.duckdb"

    result = build(project, staging, [lake.add("features.session", [])], {MART: None})[MART]

    assert result.passed, result.error
    assert rows(staging, "select count(*) from marts.sessions_daily") == [(0,)]


def test_a_session_longer_than_its_cap_closes_the_gate(project: DbtProject, lake: SmallLake, tmp_path: Path) -> None:
    table = lake.add("features.session", [visit("2026-03-01", seconds=86_400, interactions=2)])

    result = build(project, tmp_path / "staging.duckdb", [table], {MART: None})[MART]

    assert not result.passed
    assert failed(result) == {"sessions_daily_no_session_lasts_a_day": ("error", 1)}
