"""Public data with its real dirt, loaded through files laid over the product and held against DuckDB on the same data.

What each source makes of its data, and what has no place in the tables, is said in the contracts under `sources`.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from tests.support.home import open_home
from tests.support.real_sources import Compared, Delivery, with_sources

EXPORT_DAY = "2019-01-01"
"""Of what tells no time: the name of the object says it."""
DELIVERIES = {
    # In September 2000 ratings contradict each other, in February 2004 some are 0.
    "rated": Delivery("ciao/ratings.csv.gz", ("ciao_ratings",), "ratings.csv.gz", r",(968|969|107[56])\d{6}$"),
    "trusted": Delivery("ciao/trust_edges.csv.gz", ("ciao_trust",), f"{EXPORT_DAY}.trust_edges.csv.gz", r"^7"),
    # In March 2017 a line came to 0.0000000000000004 dollars.
    "bought": Delivery(
        "completejourney/transactions_sample.csv.gz",
        ("completejourney_transactions",),
        "transactions.csv.gz",
        r",2017-03-..T",
    ),
    "redeemed": Delivery(
        "completejourney/coupon_redemptions.csv.gz",
        ("completejourney_redemptions",),
        "coupon_redemptions.csv.gz",
        r",2017-0[34]-",
    ),
    "failed": Delivery(
        "beibei_groupbuy/failed_groups.tsv.gz",
        ("beibei_opened", "beibei_closed"),
        f"{EXPORT_DAY}.failed_groups.tsv.gz",
        r"^7",
        has_header=False,
    ),
    "succeeded": Delivery(
        "beibei_groupbuy/successful_groups.tsv.gz",
        ("beibei_opened", "beibei_closed"),
        f"{EXPORT_DAY}.successful_groups.tsv.gz",
        r"^7",
        has_header=False,
    ),
}
COLUMNS = "select * from read_csv('{}', header = true, all_varchar = true, delim = ',', quote = '')"
LINES = "select * from read_csv('{}', header = false, columns = {{'line': 'varchar'}}, delim = '\x01', quote = '')"


EXTENTS = [pytest.param(False, marks=pytest.mark.slow), pytest.param(True, marks=pytest.mark.whole)]


@pytest.fixture(scope="module", params=EXTENTS, ids=["part", "whole"])
def compared(
    request: pytest.FixtureRequest, spark: SparkSession, tmp_path_factory: pytest.TempPathFactory, datasets_dir: Path
) -> Iterator[Compared]:
    """A home of the product with all these sources, level with the data; one run for all, as most of it is opening."""
    folder = tmp_path_factory.mktemp("delivered")
    files = {name: one.copy(datasets_dir, folder, request.param) for name, one in DELIVERIES.items()}
    with with_sources(tmp_path_factory.mktemp("real")) as project:
        app = open_home(tmp_path_factory.mktemp("home"), spark, project)
        for name, one in DELIVERIES.items():
            for source in one.sources:
                app.land(source, files[name])
        app.run(["marts.source_balance"])
        texts = {name: (COLUMNS if one.has_header else LINES).format(files[name]) for name, one in DELIVERIES.items()}
        yield Compared(app, files, texts)


def test_ratings_are_reviews_once_and_those_of_0_and_contradictions_are_told_apart(compared: Compared) -> None:
    compared.published("events.review")
    ((received, zeros),) = compared.rows("select count(*), count(*) filter (rating = '0') from rated")
    ((reviews, opinions),) = compared.rows(
        "select count(distinct (user_id, product_id, unix_ts)), count(distinct (user_id, product_id, unix_ts, rating)) "
        "from rated where rating <> '0'"
    )

    assert compared.reasons("ciao_ratings") == [("invalid_rating", zeros)]
    assert compared.balance("ciao_ratings") == [
        {
            "received": received,
            "good": reviews,
            "quarantined": zeros,
            "conflicts": opinions - reviews,
            "duplicates": received - zeros - opinions,
        }
    ]
    compared.rows(
        "create or replace view undisputed as select user_id, product_id, unix_ts, any_value(rating) as rating "
        "from rated where rating <> '0' group by all having count(distinct rating) = 1"
    )
    assert compared.rows(
        "select review.rating, count(*) from review semi join undisputed on account_id = user_id "
        "and review.product_id = undisputed.product_id and epoch(reviewed_at)::bigint = unix_ts::bigint "
        "group by 1 order by 1"
    ) == compared.rows("select rating::int, count(*) from undisputed group by 1 order by 1")
    assert compared.rows(
        "select day, count(*), count(distinct account_id) from review group by 1 order by 1"
    ) == compared.rows(
        "select timezone('Europe/London', to_timestamp(unix_ts::bigint))::date, "
        "count(distinct (user_id, product_id, unix_ts)), count(distinct user_id) "
        "from rated where rating <> '0' group by 1 order by 1"
    )


def test_who_trusts_whom_is_who_follows_whom_as_of_the_day_of_the_export(compared: Compared) -> None:
    compared.published("events.follow")
    ((edges,),) = compared.rows("select count(*) from trusted")

    assert compared.balance("ciao_trust") == [{"received": edges, "good": edges}]
    assert compared.rows("select account_id, followed_account_id from follow order by all") == compared.rows(
        "select truster_id, trustee_id from trusted order by all"
    )
    assert compared.rows("select distinct day::varchar, is_following from follow") == [(EXPORT_DAY, True)]


def test_baskets_are_order_lines_and_what_has_no_price_of_a_piece_is_not_rounded(compared: Compared) -> None:
    compared.published("events.order_line")
    compared.rows(
        r"""create or replace view judged as select
            *,
            case
                when not regexp_full_match(sales_value, '[0-9]+(\.[0-9]{1,4})?') then 'invalid_amount'
                when quantity = '0' then 'invalid_quantity'
                when (sales_value::decimal(18, 4) * 10000)::bigint % quantity::bigint <> 0 then 'indivisible_amount'
            end as reason,
            timezone('America/New_York', transaction_timestamp::timestamptz)::date as local_day
        from bought"""
    )
    reasons = compared.rows("select reason, count(*) from judged where reason is not null group by 1 order by 1")
    ((received, good),) = compared.rows("select count(*), count(*) filter (reason is null) from judged")

    assert compared.reasons("completejourney_transactions") == reasons
    assert compared.balance("completejourney_transactions") == [
        {"received": received, "good": good, "quarantined": sum(count for _, count in reasons)}
    ]
    assert compared.rows(
        "select day, count(*), sum(amount), sum(quantity), count(distinct account_id), count(distinct order_id) "
        "from order_line group by 1 order by 1"
    ) == compared.rows(
        "select local_day, count(*), sum(sales_value::decimal(18, 4)), sum(quantity::bigint), "
        "count(distinct household_id), count(distinct basket_id) from judged where reason is null group by 1 order by 1"
    )
    assert compared.rows("select count(*) from order_line where amount <> quantity * unit_price") == [(0,)]


def test_redeemed_coupons_are_coupons_without_an_order(compared: Compared) -> None:
    compared.published("events.coupon")
    ((received,),) = compared.rows("select count(*) from redeemed")

    assert compared.balance("completejourney_redemptions") == [{"received": received, "good": received}]
    assert compared.rows(
        "select day::varchar, account_id, coupon_id, count(*) from coupon where kind = 'redeemed' and order_id is null "
        "group by all order by all"
    ) == compared.rows(
        "select redemption_date, household_id, coupon_upc, count(*) from redeemed group by all order by all"
    )


def test_every_group_is_opened_and_closed_however_many_joined(compared: Compared) -> None:
    compared.published("events.group_buy")
    counted = "select count(*), count(distinct line) from {}"
    lines = [compared.rows(counted.format(name))[0] for name in ("failed", "succeeded")]
    every_line_is_good = [{"received": received, "good": distinct} for received, distinct in lines]
    parts = (
        r"select split(line, E'\t') as part, 'expired' as became from failed "
        r"union all select split(line, E'\t'), 'filled' from succeeded"
    )

    assert compared.balance("beibei_opened") == compared.balance("beibei_closed") == every_line_is_good
    assert compared.reasons("beibei_opened") == compared.reasons("beibei_closed") == []
    assert compared.rows(
        "select product_id, count(*), count(distinct account_id) from group_buy where kind = 'opened' "
        "group by 1 order by 1"
    ) == compared.rows(f"select part[2], count(*), count(distinct part[1]) from ({parts}) group by 1 order by 1")
    assert compared.rows(
        "select kind, count(*), sum(len(split(group_id, '-')) - 2) from group_buy where kind <> 'opened' "
        "group by 1 order by 1"
    ) == compared.rows(f"select became, count(*), sum(len(part) - 2) from ({parts}) group by 1 order by 1")
    assert compared.rows("select distinct day::varchar, source from group_buy order by all") == [
        (EXPORT_DAY, "beibei_closed"),
        (EXPORT_DAY, "beibei_opened"),
    ]
