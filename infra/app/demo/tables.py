"""What the demo prints."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.table import Table

from infra.app.cli import render, render_details
from infra.app.demo.breakdown import Breakdown
from infra.app.explain import in_ranges
from infra.app.runs import Part
from infra.app.warehouse import query

MARTS = {
    "Growth by day (marts.growth_daily)": "select * from marts.growth_daily order by day, source, currency",
    "Sessions by day (marts.sessions_daily)": "select * from marts.sessions_daily order by day, namespace",
}
# What the ledger calls a fate, and the balance.
LEDGER = {
    "good": "good",
    "duplicate": "duplicates",
    "quarantined": "quarantined",
    "superseded": "superseded",
    "conflict": "conflicts",
}
BALANCE = """
select source, count(*) as objects, sum(received) as received, sum(good) as good, sum(duplicates) as duplicates,
    sum(quarantined) as quarantined, sum(superseded) as superseded, sum(conflicts) as conflicts,
    sum(superseded_object) as superseded_object, bool_and(balanced) as balanced
from marts.source_balance group by source order by source
"""


def title(text: str) -> None:
    """A heading."""
    render.out.print()
    render.out.rule(f"[bold]{text}[/]", align="left")


def recomputed(parts: Sequence[Part]) -> None:
    """Which partitions were published and why."""
    table = Table("published", "partitions", "why", box=None, header_style="bold")
    for part in sorted(parts, key=lambda part: part.at):
        if part.outcome == "published" and part.committed:
            table.add_row(part.dataset, in_ranges(part.committed), "\n".join(cause.why for cause in part.causes))
    render.out.print(table)


def breakdown(found: Breakdown) -> None:
    """Where the time went."""
    parts = {"waiting": found.waiting, "start-up": found.start_up, **found.phases}
    words = ", ".join(f"{name} {seconds:.1f}" for name, seconds in parts.items())
    dags = ", ".join(f"{dag} {seconds:.1f}" for dag, seconds in found.by_dag.items())
    render.out.print(f"\n[bold]{found.whole:.1f} s[/] from landing to the last mart. Seconds of work: {words}")
    render.out.print(f"[dim]Tasks by DAG: {dags}. They may run side by side.[/]")


def marts(warehouse: Path) -> None:
    """The marts that somebody would look at first."""
    for heading, sql in MARTS.items():
        title(heading)
        columns, rows = query(warehouse, sql)
        render_details.rows(columns, rows, as_json=False)


def fetched(found: Mapping[str, Mapping[str, int]]) -> None:
    """What the connectors brought, and what they met on the way, by pulls that ended well: no other says its counts."""
    for source, counts in sorted(found.items()):
        pages, throttled, again = (counts.get(name, 0) for name in ("pages", "throttled", "tried_again"))
        met = f"told to wait: {throttled}, failed or cut off and asked again: {again}"
        render.out.print(f"{source:12}{pages} pages fetched by pulls that ended well; {met}")


def balance(warehouse: Path, told: Mapping[str, Mapping[str, int]]) -> None:
    """Where every record went, beside what the platforms' own ledgers say."""
    title("Where every delivered record went (marts.source_balance)")
    columns, rows = query(warehouse, BALANCE)
    render_details.rows(columns, rows, as_json=False)
    found = {row[0]: tuple(row[columns.index(fate)] for fate in LEDGER.values()) for row in rows}
    title("The same by the platforms' ledger, which the pipeline never reads")
    lines = [(source, *(verdicts.get(name, 0) for name in LEDGER)) for source, verdicts in sorted(told.items())]
    compared = [(*line, found.get(line[0]) == line[1:]) for line in lines]
    render_details.rows(["source", *LEDGER.values(), "the same"], compared, as_json=False)


def where_to_look(home: Path, pages: Path) -> None:
    """Files and commands to go on with."""
    title("Where to look")
    render.out.print(f"pages                    {shown(pages)}")
    render.out.print(f"marts as a DuckDB file   {shown(home / 'warehouse.duckdb')}")
    render.out.print(f"every table (Iceberg)    {shown(home / 'lake')}")
    for command in ("status", "lineage marts.growth_daily", "show features.session", "up"):
        render.out.print(f"[dim]$ GUANXI_HOME={shown(home)} .venv/bin/guanxi {command}[/]")


def shown(path: Path) -> Path:
    """A path as one would type it here."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path
