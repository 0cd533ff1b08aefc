"""Commands that look and change nothing: show, lineage, hash, diff, sql."""

from typing import Annotated

import typer

from infra.app.cli import render_details
from infra.app.cli.main import AsJson, cli, opened

Dataset = Annotated[str, typer.Argument(help="A dataset, for instance features.user_value.")]


@cli.command()
def show(name: Dataset, as_json: AsJson = False) -> None:
    """Print a dataset's files, inputs with windows, readers and published versions."""
    from infra.app.show import show as read_show

    with opened() as app:
        render_details.shown(read_show(app, name), as_json)


@cli.command()
def lineage(
    name: Dataset,
    version: Annotated[int | None, typer.Option(help="A version; the published one if left out.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print the exact input versions behind a version, recursively."""
    from infra.app.lineage import lineage as read_lineage

    with opened() as app:
        render_details.ancestry(read_lineage(app, name, version), as_json)


@cli.command(name="hash")
def hash_command(
    name: Dataset,
    version: Annotated[int | None, typer.Option(help="A version; the published one if left out.")] = None,
    as_json: AsJson = False,
) -> None:
    """Print the content hash of a dataset: equal rows, equal hash, whatever their order or history."""
    from infra.app.show import dataset_hash

    with opened() as app:
        render_details.hashed(name, dataset_hash(app, name, version), as_json)


@cli.command()
def diff(
    name: Dataset,
    before: Annotated[int, typer.Argument(metavar="VERSION", help="The older version.")],
    after: Annotated[int, typer.Argument(metavar="VERSION", help="The newer version.")],
    as_json: AsJson = False,
) -> None:
    """Print the rows that differ between two versions and the landing objects behind the change."""
    from infra.app.diff import diff as read_diff

    with opened() as app:
        render_details.difference(read_diff(app, name, before, after), as_json)


@cli.command()
def sql(
    query: Annotated[str, typer.Argument(help="A query on the marts, read-only.")], as_json: AsJson = False
) -> None:
    """Query the analysts' file (schema `marts`)."""
    from infra.app.warehouse import query as run_query

    with opened() as app:
        columns, rows = run_query(app.settings.warehouse_file, query)
    render_details.rows(columns, rows, as_json)
