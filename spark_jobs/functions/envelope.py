"""The record envelope: what becomes of all records of all sources, good and bad alike.

records of a reader ─▶ a mapping adds typed columns and names its rules (Mapped) ─▶ to_envelope ─▶ raw.<source>
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, StringType, TimestampType

from spark_jobs.functions.strict import WHOLE_NUMBER

HASH_CHARACTERS = 32  # of the 64 of sha2-256: 128 bits, still none alike by accident
SEPARATOR = "\x1f"
Payloads = Mapping[str, Sequence[str]]
"""The typed columns that each target takes, by its name: those of its contract."""

READER_RULES = {
    "unreadable_object": "an object decompresses whole, to at most 1 GiB, and its header is sound text",
    "not_a_page": "a page is one JSON object, with a list of items where the contract says",
    "missing_column": "the header names every declared column",
    "duplicate_column": "the header names no column twice",
    "nul_byte": "a record has no NUL byte",
    "invalid_utf8": "a record is UTF-8",
    "unbalanced_quote": "a quote that opens is closed",
    "misplaced_quote": "quotes stand around a whole field, and doubled inside it",
    "bare_carriage_return": "a carriage return outside quotes belongs to a CRLF line end",
    "wrong_field_count": "a record has as many fields as the header",
    "too_long": "a line has at most 1 MiB",
    "nul_character": "a record has no NUL, written as such or as an escape",
    "too_deep": "objects and lists stand at most 64 deep in each other",
    "invalid_json": "a line is JSON: no NaN, no half of a surrogate pair, no integer of over 4,300 digits",
    "trailing_data": "a line has one JSON value",
    "duplicate_key": "no key stands twice in an object",
    "not_an_object": "a record is a JSON object",
    "wrong_case_key": "a key that is declared is written in the declared case",
    "wrong_type": "a value has exactly the declared JSON type: neither 2.0 nor a text is an integer",
}


@dataclass(frozen=True)
class Rule:
    """A rule of a mapping: the reason code of records that break it, the rule in words, and when it is broken."""

    reason: str
    text: str
    broken: Column


def revision_rule(called: str, field: str) -> Rule:
    """Return the rule on the field that a record's version is read from, by the name that its source gives it."""
    return Rule(
        "invalid_revision",
        f"{called} is absent or a whole number from 0 of at most 18 digits",
        F.col(field).isNotNull() & ~F.col(field).rlike(WHOLE_NUMBER),
    )


@dataclass(frozen=True)
class Mapped:
    """Records as a mapping gives them: typed, and how they are identified, judged and told apart.

    `records`: the columns of a reader (object_sha256, object_name, received_at, position, original, problem, extra),
    event_day (the business day), and the typed columns that the targets' payloads and `identity` name. `rules` stand in
    the order in which they are asked. `target` says which target a record is meant for, where a source has several;
    `version` which of several records of one identity counts, where a source says so.
    """

    records: DataFrame
    identity: Sequence[str]
    rules: Sequence[Rule]
    target: Column | None = None
    version: Column | None = None


def to_envelope(
    mapped: Mapped, *, payloads: Payloads, required: Payloads, namespace: str, timezone: str, first_day: date
) -> DataFrame:
    """Judge records and put them into the envelope of raw tables, a row in for a row out.

    The first that a record breaks of the reader's problem, the mapping's rules and those every source has is its
    reason; then it keeps its original bytes and has no day, ids or payload. The payload of a good record is a struct
    named like its target without its layer, e.g. order_line for events.order_line. `required` are the columns of each
    payload that may not be null, whatever the mapping's own rules say. `timezone` is the market's.
    """
    meant_for, version = _target(payloads, mapped.target), mapped.version
    rules = [*mapped.rules, *_day_rules(timezone, first_day), *_target_rules(payloads, meant_for)]
    rules += _required_rules(required, meant_for)
    judged = mapped.records.withColumn("reason", _reason(rules))
    good = F.col("reason").isNull()
    identified = _identified(judged.withColumn("target", F.when(good, meant_for)), namespace, payloads, mapped.identity)
    # Where two rules give one reason the words are those of the mapping, which is asked first.
    words = READER_RULES | {rule.reason: rule.text for rule in reversed(rules)}
    return identified.select(
        "target",
        F.when(good, F.col("event_day")).alias("event_day"),
        F.date_trunc("hour", "received_at").alias("received_hour"),
        "object_sha256",
        "object_name",
        "position",
        "record_id",
        "payload_hash",
        F.when(good, F.lit(None) if version is None else version).cast("long").alias("version"),
        "reason",
        F.when(~good, _in_words(words)).alias("rule"),
        F.when(~good, F.col("original")).alias("original"),
        "extra",
        *[
            F.when(_is_for(name), F.struct(*payload)).alias(name.rpartition(".")[2])
            for name, payload in payloads.items()
        ],
    )


def _day_rules(timezone: str, first_day: date) -> list[Rule]:
    """Return the rules on every event day; like it, the day of receipt is a business day in the source's zone."""
    received_day = F.to_date(F.from_utc_timestamp("received_at", timezone))
    return [
        Rule("before_first_day", f"an event is not before {first_day}", F.col("event_day") < F.lit(first_day)),
        Rule(
            "too_far_in_future",
            "an event is at most one day after the object was received",
            F.col("event_day") > F.date_add(received_day, 1),
        ),
    ]


def _target(payloads: Payloads, target: Column | None) -> Column:
    """Return which target a record is meant for; raises ValueError where that is not said of several."""
    if target is None and len(payloads) > 1:
        raise ValueError(f"records are meant for one of {', '.join(payloads)}: say which by `target`")
    return F.lit(next(iter(payloads))) if target is None else target


def _target_rules(payloads: Payloads, target: Column) -> list[Rule]:
    """Return the rule that no record is meant for nothing that could hold it; one alone holds them all."""
    if len(payloads) == 1:
        return []
    meant_for_one = F.coalesce(target.isin(*payloads), F.lit(False))
    return [Rule("unknown_target", f"a record is meant for one of {', '.join(payloads)}", ~meant_for_one)]


def _required_rules(required: Payloads, target: Column) -> list[Rule]:
    """Return the rules that a record has each column that its table requires: one without would stop that table."""
    columns = dict.fromkeys(column for names in required.values() for column in names)
    tables = {column: [table for table, names in required.items() if column in names] for column in columns}
    return [
        Rule(
            f"missing_{column}",
            f"a record of {' or '.join(of)} has {column}",
            target.isin(*of) & F.col(column).isNull(),
        )
        for column, of in tables.items()
    ]


def _is_for(target: str) -> Column:
    """Tell whether a record is good and meant for a target."""
    return F.col("target") == target


def _identified(judged: DataFrame, namespace: str, payloads: Payloads, identity: Sequence[str]) -> DataFrame:
    """Add record_id and payload_hash to the good records.

    What identifies a record enters the payload hash through its id alone, so that no column is hashed twice.
    """
    types = {field.name: field.dataType for field in judged.schema}
    record_id = F.when(F.col("reason").isNull(), _digest([F.lit(namespace), *_canonical(identity, types)]))
    hashes = [
        F.when(
            _is_for(target),
            _digest([F.col("record_id"), *_canonical([name for name in payload if name not in identity], types)]),
        )
        for target, payload in payloads.items()
    ]
    return judged.withColumn("record_id", record_id).withColumn("payload_hash", F.coalesce(*hashes))


def _reason(rules: Sequence[Rule]) -> Column:
    """Return the reason of the first rule a record breaks, the reader's problem before all; null if it breaks none."""
    broken = F.when(F.col("problem").isNotNull(), F.col("problem"))
    for rule in rules:
        broken = broken.when(rule.broken, F.lit(rule.reason))
    return broken


def _in_words(words: dict[str, str]) -> Column:
    """Return the rule behind the reason column in human words."""
    pairs = [F.lit(text) for pair in words.items() for text in pair]
    return F.try_element_at(F.create_map(*pairs), F.col("reason"))


def _canonical(names: Sequence[str], types: dict[str, DataType]) -> list[Column]:
    """Return texts that, joined by a separator, are equal exactly if all columns are.

    Free text comes after its length, as it may hold the separator itself.
    """
    texts: list[Column] = []
    for name in names:
        if isinstance(types[name], StringType):
            texts += [F.coalesce(F.octet_length(name), F.lit(-1)).cast("string"), F.col(name)]
        elif isinstance(types[name], TimestampType):
            texts.append(F.coalesce(F.unix_micros(name).cast("string"), F.lit("")))
        else:
            texts.append(F.coalesce(F.col(name).cast("string"), F.lit("")))
    return texts


def _digest(texts: Sequence[Column]) -> Column:
    """Return the leading hexadecimal characters of the sha2-256 of the joined texts."""
    digest = F.sha2(F.concat_ws(SEPARATOR, *texts), 256)
    # Cut as bytes: cutting a string walks it character by character.
    return F.substring(digest.cast("binary"), 1, HASH_CHARACTERS).cast("string")
