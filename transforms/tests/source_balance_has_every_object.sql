-- Fails for every registered object version without a row, and for every row that counts other records than registered.
select
    stg_object.source,
    stg_object.object_sha256,
    stg_object.object_name
from {{ ref('stg_object') }} as stg_object
left join {{ ref('source_balance') }} as balance using (source, object_sha256, object_name)
where balance.received is distinct from coalesce(stg_object.records, 0)
