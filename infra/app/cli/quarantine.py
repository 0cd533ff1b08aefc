"""`guanxi quarantine`: what could not be read or was not let in, a look at the bytes, and replay after a fix."""

from datetime import UTC, date, datetime, time
from typing import Annotated

import typer

from infra.app.cli import render, render_quarantine
from infra.app.cli.main import AsJson, as_day, cli, opened
from infra.loop.result import Outcome

quarantine_cli = typer.Typer(no_args_is_help=True, help="Records that could not be read, and objects not let in.")
cli.add_typer(quarantine_cli, name="quarantine")

Source = Annotated[str, typer.Argument(help="A source, for instance retail_export.")]


@quarantine_cli.command(name="list")
def list_command(
    source: Annotated[str | None, typer.Option(help="Only this source.")] = None,
    since: Annotated[
        str | None, typer.Option(metavar="DAY", help="Only what was received on this day (UTC) or later.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Say what is quarantined, by cause, and which objects are refused or wait, each with the remedy."""
    from infra.app.door import outside
    from infra.app.quarantine import read_causes

    day = as_day(since)
    with opened() as app:
        sources = [source] if source else []
        causes = read_causes(app, sources, date.fromisoformat(day) if day else None)
        moment = datetime.combine(date.fromisoformat(day), time(), UTC) if day else None
        found = outside(app, sources, moment)
    render_quarantine.causes(causes, found, as_json)


@quarantine_cli.command()
def show(
    source: Source,
    reason: Annotated[str | None, typer.Argument(help="Only records of this reason code.")] = None,
    object_name: Annotated[
        str | None,
        typer.Option("--object", metavar="NAME", help="Only this object: its name, or its hash's beginning."),
    ] = None,
    position: Annotated[int | None, typer.Option(help="Only the record at this place of its object.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many records at most.")] = 5,
    bytes_shown: Annotated[int, typer.Option("--bytes", min=1, max=65536, help="How much of each record.")] = 400,
    as_json: AsJson = False,
) -> None:
    """Print records as they came, escaped and cut, with the rule that they broke and what they were judged by."""
    from infra.app.quarantined_records import Wanted, read_records

    with opened() as app:
        wanted = Wanted(reason, object_name, position, limit, bytes_shown)
        records, count = read_records(app, source, wanted)
    render_quarantine.records(records, count, as_json)


@quarantine_cli.command()
def replay(
    source: Source,
    reason: Annotated[str | None, typer.Option(help="Only objects with records of this reason code.")] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")] = False,
    as_json: AsJson = False,
) -> None:
    """After a fix of a mapping or contract, decode the objects with quarantined records again, and no others."""
    from infra.app.replay import find_replay
    from infra.app.replay import replay as decode_again
    from infra.app.survey import survey

    with opened() as app:
        found = find_replay(app, source, reason)
        if not found.objects or dry_run:
            forecasts = survey(app, [found.dataset], found.scope) if found.objects else []
            render_quarantine.preview(found, forecasts, as_json)
            return
        with render.progress(len(app.datasets.all), quiet=as_json) as listener:
            done, results = decode_again(app, found, listener)
    render_quarantine.replayed(done, results, as_json)
    if any(result.outcome is Outcome.FAILED for result in results):
        raise typer.Exit(1)
