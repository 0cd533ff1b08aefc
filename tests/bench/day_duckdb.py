"""The day as somebody would decode it strictly with DuckDB alone: its JSON functions, and text where they forgive.

They take NaN and commas before a bracket for JSON, tell an object's keys one level at a time, and keep no line that is
not UTF-8 but as a text of the same length in the reader's rejects.
"""

import json
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb

from spark_jobs.functions.cloud_events import RFC_3339
from spark_jobs.functions.wire_column import WireColumn
from spark_jobs.raw.shop_plugin import KINDS, WITHOUT_PRODUCT

RECORDS, EVENTS = "records", "interactions"
NO_STRING = r"""regexp_replace(line, '"(?:[^"\\]|\\.)*"?', '', 'g')"""
DEPTH = """
list_max(list_transform(range(1, strlen(bare) + 1), lambda i:
    strlen(regexp_replace(bare[:i], '[^\\[{]', '', 'g')) - strlen(regexp_replace(bare[:i], '[^\\]}]', '', 'g'))))
"""
READ = """
create or replace table lines as
select parse_filename(filename) as file, line from read_csv(
    {files}, delim = chr(1), header = false, quote = '', escape = '', columns = {{'line': 'varchar'}}, filename = true,
    auto_detect = false, max_line_size = 4000000, ignore_errors = true, store_rejects = true
) where line <> '';
create or replace table refused as
select parse_filename(scans.file_path) as file, errors.csv_line as line
from reject_errors as errors join reject_scans as scans using (scan_id, file_id)
"""
DECODE = """
create or replace table decoded as
with looked_at as (
    select file, line, json_valid(line) as is_valid,
        regexp_matches(line, '(?:[\\[{{][^\\[{{]*){{65}}') as is_deep,
        case when is_deep or regexp_matches(line, ',\\s*[\\]}}]|[:,\\[]\\s*-?(?i:nan|inf)') then {no_string} end as bare
    from lines
),
parsed as (
    select file, line, case
        when strlen(line) > 1048576 then 'too_long'
        when contains(line, chr(0)) or regexp_matches(line, '\\\\u0000') then 'nul_character'
        when is_deep and {depth} > 64 then 'too_deep'
        when not is_valid then case
            when len(list_filter(range(1, strlen(line)), lambda i: line[i] = '}}' and json_valid(line[:i]))) > 0
            then 'trailing_data' else 'invalid_json' end
        when regexp_matches(bare, ',\\s*[\\]}}]|(?i:nan|inf)') then 'invalid_json'
        when json_type(line) <> 'OBJECT' then 'not_an_object'
    end as problem,
    case when problem is null then json_keys(line) end as keys,
    case when problem is null then json_keys(line, '$.data') end as data_keys,
    case when problem is null then from_json(line, '{as_json}') end as found,
    case when problem is null then from_json(line, '{as_text}') end as texts
    from looked_at
)
select file, line, texts, case
    when problem is not null then problem
    when list_unique(keys) < len(keys) or list_unique(data_keys) < len(data_keys) then 'duplicate_key'
    when len(list_filter(keys, lambda k: k not in {keys} and lower(k) in {keys})) > 0
        or len(list_filter(data_keys, lambda k: k not in {data_keys} and lower(k) in {data_keys})) > 0
        then 'wrong_case_key'
    when {wrong_type} or coalesce(json_type(line, '$.data') not in ('OBJECT', 'NULL'), false) then 'wrong_type'
end as problem
from parsed
union all select file, line, null, 'invalid_utf8' from refused
"""
JUDGE = """
create or replace table records as
with typed as (
    select file, line, problem, texts.specversion as specversion, nullif(texts.id, '') as id,
        nullif(texts.source, '') as source, map {kinds}[texts.type] as kind,
        case when regexp_matches(texts.time, '{rfc_3339}') then try_cast(texts.time as timestamptz) end as occurred_at,
        texts.revision as revision,
        case when regexp_matches(texts.revision, '^[0-9]{{1,18}}$') then try_cast(texts.revision as bigint) end
            as version,
        nullif(texts.data.visitor_id, '') as visitor_id, nullif(texts.data.account_id, '') as account_id,
        nullif(texts.data.product_id, '') as product_id, timezone('Asia/Shanghai', occurred_at)::date as event_day
    from decoded
),
judged as (
    select *, case
        when problem is not null then problem
        when specversion is distinct from '1.0' then 'invalid_specversion'
        when id is null then 'missing_id'
        when source is null then 'missing_source'
        when kind is null then 'unknown_type'
        when occurred_at is null then 'invalid_time'
        when revision is not null and version is null then 'invalid_revision'
        when visitor_id is null then 'missing_visitor'
        when kind not in {without_product} and product_id is null then 'missing_product'
        when event_day < date '2026-01-01' then 'before_first_day'
        when event_day > timezone('Asia/Shanghai', now())::date + 1 then 'too_far_in_future'
    end as reason
    from typed
)
select case when reason is null then event_day end as day, file, source, id, kind, visitor_id, account_id, product_id,
    occurred_at, version, reason, case when reason is not null then encode(line) end as original
from judged
"""
WRITE = """
copy records to '{folder}/records' (format parquet, compression zstd, partition_by (day), overwrite);
copy (
    select day, source, id, kind, visitor_id, account_id, product_id, occurred_at, file
    from records where reason is null
    qualify row_number() over (
        partition by source, id
        order by version desc nulls last, kind desc, visitor_id desc, account_id desc, product_id desc, occurred_at desc
    ) = 1
) to '{folder}/interactions' (format parquet, compression zstd, partition_by (day), overwrite)
"""


def write_day(folders: Sequence[Path], folder: Path) -> None:
    """Decode the objects of some folders into a table of all records, then the good events into another."""
    from tests.bench.day_sides import plugin_columns

    columns = plugin_columns()
    top = {column.path.split(".")[0] for column in columns}
    below = {column.path.removeprefix("data.") for column in columns if column.path.startswith("data.")}
    folder.mkdir(parents=True, exist_ok=True)
    with duckdb.connect(str(folder / "day.duckdb")) as connection:
        connection.execute("set timezone = 'UTC'")
        connection.execute(READ.format(files=[str(file) for one in folders for file in sorted(one.glob("*.gz"))]))
        connection.execute(
            DECODE.format(
                no_string=NO_STRING,
                depth=DEPTH,
                as_json=_structure(columns, "JSON"),
                as_text=_structure(columns, "VARCHAR"),
                keys=_texts(top),
                data_keys=_texts(below),
                wrong_type=" or ".join(map(_is_of_wrong_type, columns)),
            )
        )
        connection.execute(JUDGE.format(kinds=KINDS, rfc_3339=RFC_3339, without_product=_texts(WITHOUT_PRODUCT)))
        connection.execute(WRITE.format(folder=folder))
    (folder / "day.duckdb").unlink()


def _structure(columns: Iterable[WireColumn], leaf: str) -> str:
    """The fields of a record as `from_json` wants them said."""
    inner = {column.path.removeprefix("data."): leaf for column in columns if column.path.startswith("data.")}
    return json.dumps({column.path: leaf for column in columns if "." not in column.path} | {"data": inner})


def _is_of_wrong_type(column: WireColumn) -> str:
    value = f"found.{column.path}::varchar"
    form = f"starts_with({value}, '\"')" if column.type == "string" else f"regexp_full_match({value}, '-?[0-9]+')"
    return f"coalesce({value} <> 'null' and not {form}, false)"


def _texts(values: Iterable[str]) -> str:
    return "(" + ", ".join(f"'{value}'" for value in sorted(values)) + ")"
