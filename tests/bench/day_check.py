"""What a side made of a day, told in the same words for every side, after its clock was stopped."""

from typing import Any

import duckdb

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


def outcome(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """Fates and reasons of the frame `records`, and a digest of what is in the frame `events`.

    `records`: id, version, payload, reason, original. `events`: event_id, kind, visitor_id, product_id, occurred_at.
    """
    fates = {fate: records for fate, records in connection.sql(FATES).fetchall() if records}
    kept = connection.sql(KEPT).fetchone()
    return {"fates": dict(sorted(fates.items())), "kept": [str(value) for value in kept or ()]}
