"""The record envelope: what every mapping makes of the records it reads, good and bad alike.

records of a reader ─▶ a mapping adds typed columns and names its rules ─▶ to_envelope ─▶ raw.<source>
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F
from pyspark.sql.types import DataType, StringType, TimestampType

HASH_CHARACTERS = 32  # of the 64 of sha2-256: 128 bits, still none alike by accident
SEPARATOR = "\x1f"

READER_RULES = {
    "unreadable_object": "an object decompresses whole, to at most 1 GiB, and its header is sound text",
    "missing_column": "the header names every declared column",
    "duplicate_column": "the header names no column twice",
    "nul_byte": "a record has no NUL byte",
    "invalid_utf8": "a record is UTF-8",
    "unbalanced_quote": "a quote that opens is closed",
    "misplaced_quote": "quotes stand around a whole field, and doubled inside it",
    "bare_carriage_return": "a carriage return outside quotes belongs to a CRLF line end",
    "wrong_field_count": "a record has as many fields as the header",
}


@dataclass(frozen=True)
class Rule:
    """A rule of a mapping: the reason code of records that break it, the rule in words, and when it is broken."""

    reason: str
    text: str
    broken: Column


def day_rules(event_day: Column, received_day: Column, first_day: date) -> list[Rule]:
    """Return the rules every mapping has on the event day; both days are business days in the source's zone."""
    return [
        Rule("before_first_day", f"an event is not before {first_day}", event_day < F.lit(first_day)),
        Rule(
            "too_far_in_future",
            "an event is at most one day after the object was received",
            event_day > F.date_add(received_day, 1),
        ),
    ]


def to_envelope(
    records: DataFrame,
    *,
    target: str,
    namespace: str,
    payload: Sequence[str],
    identity: Sequence[str],
    rules: Sequence[Rule],
    version: Column | None = None,
) -> DataFrame:
    """Judge records and put them into the envelope of raw tables, a row in for a row out.

    `records`: the columns of a reader (object_sha256, object_name, received_at, position, original, problem, extra),
    event_day, and the typed columns that `payload` and `identity` name. The first of the reader's problem and `rules`
    that a record breaks is its reason; then it keeps its original bytes and has no day, ids or payload. The payload of
    a good record is a struct named like the target without its layer, e.g. order_line for events.order_line.
    """
    judged = _identified(records.withColumn("reason", _reason(rules)), namespace, payload, identity)
    good = F.col("reason").isNull()
    words = READER_RULES | {rule.reason: rule.text for rule in rules}
    return judged.select(
        F.when(good, F.lit(target)).alias("target"),
        F.when(good, F.col("event_day")).alias("event_day"),
        F.date_trunc("hour", "received_at").alias("received_hour"),
        "object_sha256",
        "object_name",
        "position",
        "record_id",
        F.when(good, F.col("payload_hash")).alias("payload_hash"),
        F.when(good, F.lit(None) if version is None else version).cast("long").alias("version"),
        "reason",
        F.when(~good, _in_words(words)).alias("rule"),
        F.when(~good, F.col("original")).alias("original"),
        "extra",
        F.when(good, F.struct(*payload)).alias(target.rpartition(".")[2]),
    )


def _identified(judged: DataFrame, namespace: str, payload: Sequence[str], identity: Sequence[str]) -> DataFrame:
    """Add record_id and payload_hash to the good records.

    What identifies a record enters the payload hash through its id alone, so that no column is hashed twice.
    """
    types = {field.name: field.dataType for field in judged.schema}
    rest = [name for name in payload if name not in identity]
    record_id = F.when(F.col("reason").isNull(), _digest([F.lit(namespace), *_canonical(identity, types)]))
    payload_hash = _digest([F.col("record_id"), *_canonical(rest, types)])
    return judged.withColumn("record_id", record_id).withColumn("payload_hash", payload_hash)


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
