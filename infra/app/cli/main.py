"""`guanxi`: deliver objects, see what is out of date, run the loop."""

import logging
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from infra.app.cli import render, render_landing
from infra.lake.errors import GuanxiError
from infra.loop.plan import Scope
from infra.loop.result import Outcome

if TYPE_CHECKING:
    from infra.app.app import App

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Guanxi: from delivered shop logs to gated features and marts, always level with what was delivered.",
)

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]
Names = Annotated[list[str] | None, typer.Argument(help="Datasets with all they read; all datasets if none is named.")]
FromDay = Annotated[str | None, typer.Option("--from", metavar="DAY", help="First day to build (YYYY-MM-DD).")]
ToDay = Annotated[str | None, typer.Option("--to", metavar="DAY", help="Last day to build (YYYY-MM-DD).")]
Rebuild = Annotated[
    bool,
    typer.Option("--rebuild", help="Build the days asked for, and in all that is read too, whatever moved."),
]


@contextmanager
def opened() -> Iterator["App"]:
    """The application over the configured home; ended when the command is."""
    from infra.app.app import App

    app = App()
    try:
        yield app
    finally:
        app.close()


@cli.command()
def land(
    paths: Annotated[list[Path], typer.Argument(help="Files to deliver.")],
    source: Annotated[str, typer.Option("--source", help="The source they come from.")],
    supersedes: Annotated[
        list[str] | None, typer.Option("--supersedes", metavar="SHA256", help="Objects that they take the place of.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Deliver files to the landing store; landing the same file again changes nothing."""
    with opened() as app:
        landed = [app.land(source, path, tuple(supersedes or ())) for path in paths]
    render_landing.landed(landed, as_json)


@cli.command(name="pull")
def pull_inboxes(
    sources: Annotated[list[str] | None, typer.Argument(help="Sources; all if none is named.")] = None,
    as_json: AsJson = False,
) -> None:
    """Land what is complete in the inboxes of sources; what is not what its manifest says is set aside.

    The pages of platforms that are asked are fetched. One that is down keeps back no other source.
    """
    from infra.app.pull import pull

    with opened() as app:
        chosen = sources or list(app.datasets.sources)
        for source in chosen:
            app.source(source)  # a name that is wrong is said before anything is done
        pulled = {source: pull(app, source) for source in chosen}
    render_landing.pulled(pulled, as_json)
    if any(one.refused or one.error for one in pulled.values()):
        raise typer.Exit(1)


@cli.command()
def plan(
    names: Names = None,
    from_day: FromDay = None,
    to_day: ToDay = None,
    rebuild: Rebuild = False,
    as_json: AsJson = False,
) -> None:
    """Say what is out of date and why, without building anything."""
    from infra.app.survey import survey

    with opened() as app:
        forecasts = survey(app, names or (), _scope(from_day, to_day, rebuild))
    render.forecasts(forecasts, as_json)


@cli.command()
def run(
    names: Names = None,
    from_day: FromDay = None,
    to_day: ToDay = None,
    rebuild: Rebuild = False,
    as_json: AsJson = False,
) -> None:
    """Bring datasets level with what was delivered: plan, build, gate and publish."""
    from infra.app.error_rate import too_many_quarantined

    scope = _scope(from_day, to_day, rebuild)
    with opened() as app, render.progress(len(app.datasets.chosen(names or ())), quiet=as_json) as listener:
        results = app.run(names or (), scope, listener)
        notices = too_many_quarantined(app, results)
    render.results(results, as_json)
    render.notices(notices)
    if any(result.outcome is Outcome.FAILED for result in results):
        raise typer.Exit(1)


@cli.command()
def status(as_json: AsJson = False) -> None:
    """Say of every dataset what is published, up to when it is complete, and what it owes."""
    from infra.app.status import status as read_status

    with opened() as app:
        render.status(read_status(app), as_json)


def as_day(text: str | None) -> str | None:
    """A day as it was typed, in ISO form; raises GuanxiError for what is none."""
    try:
        return text and date.fromisoformat(text).isoformat()
    except ValueError as error:
        raise GuanxiError(f"{text}: not a day. Write it as YYYY-MM-DD, for instance 2011-01-31.") from error


def _scope(from_day: str | None, to_day: str | None, rebuild: bool) -> Scope:
    first, last = as_day(from_day), as_day(to_day)
    if first and last and first > last:
        raise GuanxiError(f"--from {first} lies after --to {last}. Exchange the two.")
    return Scope(first, last, rebuild)


def main() -> None:
    """Entry point: errors meant for users are printed as such, everything else keeps its traceback."""
    from infra.app.cli import inspect, operate, platforms, quarantine, simulate  # noqa: F401 - they add their commands

    logging.getLogger("py4j").setLevel(logging.ERROR)
    guarded: Callable[[], None] = cli
    try:
        guarded()
    except GuanxiError as error:
        render.error(str(error))
        sys.exit(2)
