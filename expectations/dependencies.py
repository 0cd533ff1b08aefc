"""What a contract says about where its rows come from: a delivered feed, or other datasets and how far around a day."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from expectations.api_form import ApiForm, read_api
from expectations.contract_error import ContractError

UNBOUNDED = "unbounded"
DATASET_NAME = re.compile(r"[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*")


@dataclass(frozen=True)
class InputWindow:
    """Days of an input around an output day p: [p - before, p + after]; `before` None reaches back to the start."""

    before: int | None
    after: int


@dataclass(frozen=True)
class SourceForm:
    """How a feed is delivered and which datasets it fills.

    `identity` are the delivered columns that tell one event of the feed from another; `targets` are dataset names;
    `format` is read by the decoder (`type` says which one); `manifest` says whether every object comes with one, and
    `totals` of which columns, by the names in the header, it has the sum; `api` how a platform is asked that does not
    deliver by itself.
    """

    namespace: str
    timezone: str
    currency: str
    lateness_days: int
    targets: tuple[str, ...]
    format: Mapping[str, Any]
    identity: tuple[str, ...]
    manifest: bool = False
    totals: tuple[str, ...] = ()
    api: ApiForm | None = None


def read_inputs(path: Path, value: object) -> dict[str, InputWindow]:
    """Inputs with their windows; raises ContractError for anything that is no window of whole days."""
    if not isinstance(value, dict):
        raise ContractError(path, "inputs", "inputs map dataset names to windows", _WINDOW_REMEDY)
    return {str(name): _read_window(path, f"inputs.{name}", window) for name, window in value.items()}


_WINDOW_REMEDY = "Write, say, {events.order_line: {before: 29, after: 0}}; before may be unbounded"


def _read_window(path: Path, place: str, window: object) -> InputWindow:
    if not isinstance(window, dict) or "before" not in window or set(window) - {"before", "after"}:
        raise ContractError(path, place, f"unknown window {window}", _WINDOW_REMEDY)
    before, after = window["before"], window.get("after", 0)
    if before != UNBOUNDED and not _is_count(before):
        raise ContractError(path, place, f"unknown window: before is {before}", _WINDOW_REMEDY)
    if not _is_count(after):
        raise ContractError(path, place, f"unknown window: after is {after}", _WINDOW_REMEDY)
    return InputWindow(before=None if before == UNBOUNDED else before, after=after)


def read_source(path: Path, value: object, columns: tuple[str, ...]) -> SourceForm:
    """The form of a feed; raises ContractError for a missing, unknown or malformed entry."""
    if not isinstance(value, dict):
        raise ContractError(path, "source", "source is a mapping", f"Give it {', '.join(sorted(_SOURCE_ENTRIES))}")
    _check_entries(path, value)
    identity = tuple(value.get("identity", columns))
    for column in identity:
        if column not in columns:
            raise ContractError(path, "source.identity", f"{column} is no column", f"Use {', '.join(columns)}")
    return SourceForm(
        namespace=str(value["namespace"]),
        timezone=value["timezone"],
        currency=value["currency"],
        lateness_days=value["latenessDays"],
        targets=tuple(value["targets"]),
        format=dict(value["format"]),
        identity=identity,
        manifest=_needs_manifest(path, value),
        totals=_needed_totals(path, value),
        api=read_api(path, value),
    )


def _check_entries(path: Path, value: Mapping[str, Any]) -> None:
    missing, unknown = _SOURCE_ENTRIES.keys() - value.keys(), value.keys() - _SOURCE_ENTRIES.keys() - _OPTIONAL
    if missing or unknown:
        rule = f"missing: {', '.join(sorted(missing)) or 'nothing'}; unknown: {', '.join(sorted(unknown)) or 'nothing'}"
        raise ContractError(path, "source", rule, f"Give exactly {', '.join(sorted(_SOURCE_ENTRIES))}")
    for entry, (is_right, remedy) in _SOURCE_ENTRIES.items():
        if not is_right(value[entry]):
            raise ContractError(path, f"source.{entry}", f"{value[entry]} is not allowed here", remedy)


def _needs_manifest(path: Path, value: Mapping[str, Any]) -> bool:
    if "manifest" in value and value["manifest"] != "required":
        rule = f"{value['manifest']} is not allowed here"
        raise ContractError(path, "source.manifest", rule, "Write manifest: required, or leave it out")
    return "manifest" in value


def _needed_totals(path: Path, value: Mapping[str, Any]) -> tuple[str, ...]:
    if "totals" not in value:
        return ()
    totals = value["totals"]
    if not isinstance(totals, list) or not totals or not all(isinstance(name, str) and name for name in totals):
        raise ContractError(path, "source.totals", f"{totals} is not allowed here", "Write, say, [AMOUNT_YUAN]")
    if "manifest" not in value:
        rule = "sums of columns stand in manifests, and none is asked for"
        raise ContractError(path, "source.totals", rule, "Write manifest: required, or leave totals out")
    return tuple(totals)


def _is_count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_zone(value: object) -> bool:
    try:
        ZoneInfo(str(value))
    except (KeyError, ValueError, OSError):
        return False
    return True


def _is_name_list(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(DATASET_NAME.fullmatch(str(name)) for name in value)


_OPTIONAL = frozenset({"api", "identity", "manifest", "totals"})
_SOURCE_ENTRIES: dict[str, tuple[Callable[[object], bool], str]] = {
    "namespace": (lambda value: bool(re.fullmatch(r"[a-z][a-z0-9_]*", str(value))), "Write a lower-case name"),
    "timezone": (_is_zone, "Write an IANA zone such as Europe/London"),
    "currency": (lambda value: bool(re.fullmatch(r"[A-Z]{3}", str(value))), "Write an ISO 4217 code such as GBP"),
    "latenessDays": (_is_count, "Write a whole number of days"),
    "targets": (_is_name_list, "Write a list of dataset names such as [events.order_line]"),
    "format": (lambda value: isinstance(value, dict) and "type" in value, "Write, say, {type: csv, delimiter: ','}"),
}


def read_first_day(path: Path, value: object) -> date | None:
    """The first day of which rows exist; raises ContractError where it is no date."""
    if value is None or type(value) is date:
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise ContractError(path, "firstDay", f"{value} is no date", "Write, say, firstDay: '2010-12-01'") from error
