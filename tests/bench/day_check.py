"""What a side made of a day, told in the same words for every side, after its clock was stopped.

`python -m tests.bench.day_check RECORDS EVENTS` takes two queries and prints one JSON line; in a process of its own, so
that what it needs is not counted as the side's.
"""

import json
import sys
from typing import Any

import duckdb

from tests.bench.child import measure
from tests.bench.processes import uncounted

FATES = """
with claims as (
    select id, version, payload, count(*) as told from records where reason is null group by id, version, payload
),
ranked as (
    select told, count(*) over (partition by id, version) as rivals, row_number() over ordered as place,
        version is not distinct from first_value(version) over ordered as is_newest
    from claims window ordered as (partition by id order by version desc nulls last, payload)
)
select 'duplicate' as fate, sum(told - 1)::bigint as records from ranked
union all select 'superseded', count(*) filter (not is_newest) from ranked
union all select 'conflict', count(*) filter (is_newest and place > 1) from ranked
union all select reason, count(*) from records where reason is not null group by reason
union all select 'good', count(*) from events
"""
KEPT = """
select md5(string_agg(event_id, ',' order by event_id)) as ids, count(distinct event_id) as distinct_ids,
    sum(hash(event_id, kind, visitor_id, product_id, epoch_us(occurred_at)) % 1000000007)::bigint as contents,
    max(original_bytes)::bigint as originals
from events, (select sum(octet_length(original)) as original_bytes from records where reason is not null)
"""
EVENT_ID = """
substr(sha256(concat_ws(chr(31), 'community', strlen(source), source, strlen(id), id)), 1, 32)
"""
"""The identity that the product gives an event, from what the plugin calls its source and id."""


def outcome(records: str, events: str) -> dict[str, Any]:
    """Fates and reasons of the records that a query gives, and a digest of the events that another one does.

    Records have id, version, payload, reason, original; events event_id, kind, visitor_id, product_id, occurred_at.
    """
    with uncounted():
        return measure("day_check", records, events)


def main() -> None:
    """Look at what the queries give."""
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'")
        for name, query in zip(("records", "events"), sys.argv[1:], strict=True):
            connection.execute(f"create view {name} as {query}")
        fates = {fate: records for fate, records in connection.sql(FATES).fetchall() if records}
        kept = connection.sql(KEPT).fetchone()
    print(json.dumps({"fates": dict(sorted(fates.items())), "kept": [str(value) for value in kept or ()]}))


if __name__ == "__main__":
    main()
