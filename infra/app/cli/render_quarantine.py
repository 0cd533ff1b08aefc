"""What `guanxi quarantine` prints: whatever a sender wrote is escaped before it reaches a terminal."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.table import Table
from rich.text import Text

from infra.app.cli import render
from infra.app.cli.render import as_data, out, print_json
from infra.app.door import Outside
from infra.app.escaped import escaped
from infra.app.explain import in_ranges
from infra.app.quarantine import Cause
from infra.app.quarantined_records import Quarantined
from infra.app.replay import Replay, Replayed
from infra.app.survey import Forecast
from infra.loop.result import Result

PERSONAL = "The bytes below are as delivered and may hold personal data: do not pass them on."


def causes(found: Sequence[Cause], outside: Sequence[Outside], as_json: bool) -> None:
    """Quarantined records by cause, then the objects that are not in."""
    if as_json:
        print_json({"quarantined": [as_data(cause) for cause in found], "outside": [as_data(one) for one in outside]})
        return
    if found:
        out.print(_table_of_causes(found))
        out.print()
        for cause in found:
            words = f"{cause.source} {escaped(cause.reason)}: {cause.rule or 'its rule has no words'}. {cause.remedy}."
            out.print(Text(words), soft_wrap=True)
    else:
        out.print("No record is quarantined.")
    out.print()
    if outside:
        out.print(_table_of_objects(outside))
    else:
        out.print("No object is refused or waits.")


def _table_of_causes(found: Sequence[Cause]) -> Table:
    columns = ("source", "reason", "records", "objects", "first received", "last received", "for example")
    table = Table(*columns, box=None, pad_edge=False)
    for cause in found:
        table.add_row(
            cause.source,
            escaped(cause.reason),
            f"{cause.records:,}",
            f"{cause.objects:,}",
            _at(cause.first_received),
            _at(cause.last_received),
            Text(f"{escaped(cause.example.object_name)}, {_place(cause.example.position)}"),
        )
    return table


def _table_of_objects(outside: Sequence[Outside]) -> Table:
    table = Table("source", "object", "", "since", "why", "remedy", box=None, pad_edge=False)
    for one in outside:
        name, why, remedy = map(Text, (one.name, one.reason, one.remedy))
        table.add_row(one.source, name, one.state, _at(one.since), why, remedy)
    return table


def records(found: Sequence[Quarantined], count: int, as_json: bool) -> None:
    """Single records with their bytes."""
    if as_json:
        print_json({"count": count, "personal": True, "records": [as_data(record) for record in found]})
        return
    out.print(Text(PERSONAL, style="yellow"))
    for record in found:
        out.print()
        out.print(Text(f"{escaped(record.object_name)}, {_place(record.position)}", style="bold"))
        for name, value in _facts(record).items():
            out.print(Text(f"  {name:12}{value}"), soft_wrap=True)
        out.print(Text(f"  {'original':12}{record.original}"), soft_wrap=True)
    remedies = dict.fromkeys(f"{record.reason}: {record.remedy}." for record in found)
    out.print()
    for remedy in remedies:
        out.print(Text(escaped(remedy)), soft_wrap=True)
    if count > len(found):
        out.print(Text(f"{count - len(found):,} more: --limit {count}."))


def _facts(record: Quarantined) -> Mapping[str, str]:
    code = record.mapping_code or "an older one, not kept"
    return {
        "reason": escaped(record.reason),
        "rule": escaped(record.rule),
        "contract": f"{record.contract_version or 'not kept'}",
        "mapping": f"{code}, the present one is {record.present_code}" if record.is_outdated else f"{code} (present)",
        "object": f"{record.object_sha256}, received {_at(record.received_at)}",
        "lies in": escaped(record.path),
        "size": f"{record.size_bytes:,} bytes",
    }


def preview(found: Replay, forecasts: Sequence[Forecast], as_json: bool) -> None:
    """What a replay would decode again, or why there is nothing to."""
    if as_json:
        print_json({**as_data(found), "forecasts": [render.forecast_data(forecast) for forecast in forecasts]})
        return
    if not found.objects:
        out.print(Text(_nothing(found)), soft_wrap=True)
        return
    out.print(f"{_objects(found)} of {found.source} would be decoded again by code {found.code}:")
    for key, count in found.objects.items():
        out.print(Text(f"  {in_ranges([key])}: {count:,} quarantined"))
    out.print(Text(f"quarantined for {_counts(found.reasons)}"))
    _as_they_are(found)
    render.forecasts(forecasts, as_json=False)


def _nothing(found: Replay) -> str:
    what = f"{found.dataset}: {'no record' if found.reason is None else f'no record of reason {found.reason}'}"
    if not found.as_they_are:
        return f"{what} is quarantined: there is nothing to decode again."
    return (
        f"{found.dataset}: nothing would come out different: the present mapping and contract (code {found.code}) "
        f"have judged its {found.as_they_are:,} quarantined records already. Mend spark_jobs/raw/{found.source}.py or "
        f"expectations/contracts/raw/{found.source}.odcs.yaml first, or land a correction: `guanxi land --source "
        f"{found.source} --supersedes <SHA-256> <FILE>`."
    )


def replayed(done: Replayed, results: Sequence[Result], as_json: bool) -> None:
    """What a replay did, and the run that it was."""
    if as_json:
        print_json({**as_data(done), "now_good": done.now_good, "results": [render.result_data(r) for r in results]})
        return
    render.results(results, as_json=False)
    out.print()
    before, after = done.quarantined
    out.print(f"{_objects(done.replay)} of {done.replay.source} decoded again: {done.outcome}")
    out.print(Text(f"  good         {done.good[0]:,} before, {done.good[1]:,} now"))
    out.print(Text(f"  quarantined  {_counts(before)} before, {_counts(after)} now"))
    for name, days in done.moved.items():
        out.print(Text(f"  moved        {name} {in_ranges(days)}"))
    if not done.moved:
        out.print("  moved        no event day")
    _as_they_are(done.replay)


def _as_they_are(found: Replay) -> None:
    if found.as_they_are:
        out.print(f"{found.as_they_are:,} records were judged by the present code already and stay as they are")


def _objects(found: Replay) -> str:
    return f"{len(found.objects):,} object{'' if len(found.objects) == 1 else 's'}"


def _counts(reasons: Mapping[str, Any]) -> str:
    return ", ".join(f"{escaped(reason)} {count:,}" for reason, count in sorted(reasons.items())) or "none"


def _place(position: int) -> str:
    return f"at {position}" if position else "as a whole"


def _at(moment: datetime | None) -> str:
    return f"{moment:%Y-%m-%d %H:%M}Z" if moment else "not known"
