from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from pyspark.sql import SparkSession

from tests.spark_jobs.features.visits import Interaction, at, built

MIDNIGHT = at(24 * 60)


def starts(rows: Sequence[dict[str, Any]]) -> list[datetime]:
    """When the sessions start, in order."""
    return sorted(row["started_at"] for row in rows)


def test_a_pause_of_thirty_minutes_ends_a_session_and_a_shorter_one_does_not(spark: SparkSession) -> None:
    just_in_time = at(60) - timedelta(microseconds=1)
    visits = [Interaction(at(0)), Interaction(at(30)), Interaction(just_in_time), Interaction(at(70))]

    rows = built(spark, visits, 0, 0)

    assert starts(rows) == [at(0), at(30)]
    assert [row["interactions"] for row in rows] == [1, 3]


def test_a_session_ends_a_day_after_its_start_and_the_next_one_a_day_after_its_own(spark: SparkSession) -> None:
    every_twenty_minutes = [Interaction(at(20 * number)) for number in range(3 * 72 - 1)]

    rows = built(spark, every_twenty_minutes, 0, 2)

    assert starts(rows) == [at(0), at(24 * 60), at(48 * 60)]
    assert [row["duration_seconds"] for row in rows] == [85_200, 85_200, 84_000]


def test_a_start_within_a_long_run_is_a_day_after_the_start_before_it_and_not_after_the_first(
    spark: SparkSession,
) -> None:
    # 25 minutes do not divide a day: each session starts up to 25 minutes later in the day than the one before.
    visits = [Interaction(at(25 * number)) for number in range(180)]

    assert starts(built(spark, visits, 0, 3)) == [at(0), at(58 * 25), at(2 * 58 * 25), at(3 * 58 * 25)]


def test_what_nobody_known_did_is_in_no_session(spark: SparkSession) -> None:
    rows = built(spark, [Interaction(at(0)), Interaction(at(5), visitor=None)], 0, 0)

    assert [(row["visitor_id"], row["interactions"]) for row in rows] == [("a", 1)]


def test_a_session_over_midnight_is_one_row_on_the_day_of_its_start(spark: SparkSession) -> None:
    visits = [Interaction(MIDNIGHT - timedelta(minutes=10)), Interaction(MIDNIGHT + timedelta(minutes=10))]

    (row,) = built(spark, visits, 0, 1)

    assert (row["day"], row["interactions"], row["duration_seconds"]) == (visits[0].day, 2, 1200)


def test_what_belongs_to_a_session_of_the_day_before_is_no_session_of_its_own(spark: SparkSession) -> None:
    late, early = Interaction(MIDNIGHT - timedelta(minutes=10)), Interaction(MIDNIGHT + timedelta(minutes=10))
    afternoon = Interaction(MIDNIGHT + timedelta(hours=15))
    visits = [late, early, afternoon]
    before = built(spark, visits, 0, 0)

    assert starts(built(spark, visits, 1, 1, before)) == [afternoon.occurred_at]


def test_what_follows_a_session_of_the_day_before_without_a_pause_starts_a_session_if_that_one_was_over(
    spark: SparkSession,
) -> None:
    visits = [Interaction(at(20 * number)) for number in range(75)]
    before = built(spark, visits, 0, 0)

    assert starts(built(spark, visits, 1, 1, before)) == [at(24 * 60)]


def test_only_sessions_that_start_on_the_days_come_out(spark: SparkSession) -> None:
    noon = [Interaction(at(24 * 60 * offset + 720)) for offset in range(5)]

    assert starts(built(spark, noon, 1, 2)) == [noon[1].occurred_at, noon[2].occurred_at]


def test_what_happens_before_the_first_day_is_not_read_but_told_by_the_sessions_of_the_day_before(
    spark: SparkSession,
) -> None:
    visits = [Interaction(MIDNIGHT - timedelta(minutes=10)), Interaction(MIDNIGHT + timedelta(minutes=10))]

    assert starts(built(spark, visits, 1, 1)) == [visits[1].occurred_at]


def test_what_happens_after_the_day_after_the_last_changes_nothing(spark: SparkSession) -> None:
    visits = [Interaction(at(20 * number + 719)) for number in range(200)]
    until_the_day_after = [visit for visit in visits if visit.day <= visits[0].day + timedelta(days=1)]

    assert built(spark, visits, 0, 0) == built(spark, until_the_day_after, 0, 0)


def test_a_session_does_not_reach_the_second_day_where_clocks_go_forward(spark: SparkSession) -> None:
    # 29 March 2026 has 23 hours in London, so 24 hours from the evening before end on the 30th.
    visits = [Interaction(at(3 * 24 * 60 - 20 + 20 * number)) for number in range(73)]

    rows = built(spark, visits, 2, 4)

    second_midnight = datetime(2026, 3, 29, 23, tzinfo=UTC)
    assert starts(rows) == [visits[0].occurred_at, second_midnight]
    assert [row["day"] for row in rows] == [date(2026, 3, 28), date(2026, 3, 30)]


def test_interactions_of_one_instant_are_in_one_session(spark: SparkSession) -> None:
    visits = [Interaction(at(minute)) for minute in (0, 0, 30, 30, 30)]

    assert [row["interactions"] for row in built(spark, visits, 0, 0)] == [2, 3]


def test_visitors_of_one_name_on_two_platforms_are_two_visitors(spark: SparkSession) -> None:
    visits = [Interaction(at(0), visitor="a"), Interaction(at(5), visitor="b"), Interaction(at(9), namespace="live")]

    assert len({row["session_id"] for row in built(spark, visits, 0, 0)}) == 3


def test_the_account_is_the_first_that_is_known(spark: SparkSession) -> None:
    visits = [
        Interaction(at(0), event_id="1"),
        Interaction(at(5), event_id="3", account="second"),
        Interaction(at(5), event_id="2", account="first"),
        Interaction(at(6), event_id="0", account="third"),
    ]

    (row,) = built(spark, visits, 0, 0)

    assert row["account_id"] == "first"


def test_a_guest_has_no_account(spark: SparkSession) -> None:
    (row,) = built(spark, [Interaction(at(0))], 0, 0)

    assert row["account_id"] is None


def test_a_session_counts_what_is_done_in_it(spark: SparkSession) -> None:
    kinds = ["view", "view", "click", "search", "like", "comment", "share", "save", "add_to_cart"]
    products = ["p", "p", None, None, "q", "q", "q", "q", "p", None, None]
    visits = [
        Interaction(at(number), kind=kind, product=product)
        for number, (kind, product) in enumerate(zip([*kinds, "remove_from_cart", "checkout"], products, strict=True))
    ]

    (row,) = built(spark, visits, 0, 0)

    counts = ("interactions", "views", "searches", "engagements", "cart_adds", "checkouts", "products")
    assert [row[count] for count in counts] == [11, 2, 1, 4, 1, 1, 2]


def test_a_session_keeps_its_id_when_more_of_it_is_known(spark: SparkSession) -> None:
    first, second = Interaction(at(0)), Interaction(at(5), account="known")

    (alone,), (grown,) = built(spark, [first], 0, 0), built(spark, [first, second], 0, 0)

    assert alone["session_id"] == grown["session_id"] == "e0967e5b2ec4cdaf841592dd341d42df"


def test_other_limits_cut_other_sessions(spark: SparkSession) -> None:
    visits = [Interaction(at(4 * number)) for number in range(20)]

    assert len(built(spark, visits, 0, 0, inactivity_minutes=4)) == 20
    assert len(built(spark, visits, 0, 0, inactivity_minutes=5, longest_hours=1)) == 2
