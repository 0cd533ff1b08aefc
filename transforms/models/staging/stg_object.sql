-- One row per landing object version, with its independent record count and its verdict.
select
    source,
    object_sha256,
    name as object_name,
    records,
    verdict
from {{ source('raw', 'objects') }}
