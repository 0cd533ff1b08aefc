"""Commands of operation: accept at the gate, keep and rebuild the catalogue, maintenance, documentation pages."""

import json
import logging
from pathlib import Path
from typing import Annotated

import typer

from infra.app.cli import render, render_details
from infra.app.cli.main import AsJson, cli, opened

gate_cli = typer.Typer(no_args_is_help=True, help="The quality gate.")
catalog_cli = typer.Typer(no_args_is_help=True, help="Keep and rebuild the catalogue of tables.")
cli.add_typer(gate_cli, name="gate")
cli.add_typer(catalog_cli, name="catalog")


@gate_cli.command()
def accept(
    name: Annotated[str, typer.Argument(help="The held dataset.")],
    reason: Annotated[str, typer.Option("--reason", help="Why this is right; kept with the verdict.")],
    source: Annotated[str | None, typer.Option(help="Only this source's held days (events).")] = None,
    as_json: AsJson = False,
) -> None:
    """Let what the gate holds pass as it is; new input is gated again."""
    from infra.app.accept import accept as accept_held
    from infra.app.bell import ring

    with opened() as app:
        render_details.accepted(accept_held(app, name, reason, source), as_json)
        rung = ring(app.settings, name)
    taken_in = f"a run of the DAG {rung} is queued" if rung else "the next run or sweep takes it in"
    render.err.print(f"{taken_in}; `guanxi status` says when it is out.")


@gate_cli.command()
def results(
    name: Annotated[str, typer.Argument(help="A dataset.")],
    last: Annotated[int, typer.Option(help="How many verdicts.")] = 10,
    as_json: AsJson = False,
) -> None:
    """Print the last verdicts about a dataset."""
    with opened() as app:
        render_details.verdicts(app.verdicts.of(app.datasets.find(name).name)[-last:], as_json)


@catalog_cli.command(name="export")
def export_command(
    out: Annotated[Path | None, typer.Option(help="File to write; printed if left out.")] = None,
) -> None:
    """Write down which metadata file each table points at."""
    from infra.app.catalog_backup import export

    with opened() as app:
        text = json.dumps(export(app.lake), indent=1)
    if out is None:
        typer.echo(text)
    else:
        out.write_text(text + "\n")


@catalog_cli.command()
def restore(
    exported: Annotated[Path | None, typer.Option("--from", help="An export, to settle ties.")] = None,
    as_json: AsJson = False,
) -> None:
    """Rebuild a lost catalogue from the tables' metadata files."""
    from infra.app.catalog_backup import restore as restore_catalog

    with opened() as app:
        restored = restore_catalog(app.lake, json.loads(exported.read_text()) if exported else None)
    render_details.restored(restored, as_json)


@cli.command()
def maintain(as_json: AsJson = False) -> None:
    """Drop what dead runs left, expire old history that nothing pins, remove orphaned files."""
    from infra.app.maintenance import maintain as maintain_all

    with opened() as app:
        render_details.maintained(maintain_all(app), as_json)


@cli.command()
def up() -> None:
    """Start Spark Connect and Airflow, and wait until they are healthy."""
    from infra.app.airflow_settings import USER, password_file
    from infra.app.services import up as start_all
    from infra.lake.settings import Settings

    settings = Settings()
    start_all(settings, lambda text: render.err.print(text, style="dim"))
    typer.echo(f"Airflow: http://127.0.0.1:{settings.airflow_port}  user {USER}, password in {password_file(settings)}")


@cli.command()
def down() -> None:
    """End exactly what `guanxi up` started."""
    from infra.app.services import down as end_all
    from infra.lake.settings import Settings

    ended = end_all(Settings())
    typer.echo(f"ended: {', '.join(ended)}" if ended else "nothing was running")


@cli.command()
def listen() -> None:
    """Ring for what a bucket announces in its queue, until ended; `guanxi up` does it by itself."""
    from infra.app.announcements import Announcements
    from infra.lake.settings import Settings

    logging.basicConfig(format="%(asctime)s %(levelname)s %(message)s")
    Announcements(Settings()).listen()


@cli.command()
def docs(
    out: Annotated[Path | None, typer.Option(help="Folder to write to; `site` under the home if left out.")] = None,
) -> None:
    """Write the static pages: datasets, plan and lineage, gates, runs, balance, and dbt's docs."""
    from infra.app.pages import write_pages

    with opened() as app:
        typer.echo(str(write_pages(app, out or app.settings.site_dir)))
