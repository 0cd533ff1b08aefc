"""What the commands print: tables for people, JSON for programs."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from infra.app.catalog_backup import Restored
from infra.app.explain import Reason, due_reasons, in_ranges, left_reasons
from infra.app.lineage import Ancestry, Difference
from infra.app.maintenance import Maintained
from infra.app.show import Shown
from infra.app.status import DatasetStatus
from infra.app.survey import Forecast
from infra.lake.landing import Landed
from infra.loop.run import Listener, Outcome, Result
from infra.loop.verdict import Verdict

# A pipe or a log file has no width of its own: give tables room instead of folding every word.
WIDTH = None if sys.stdout.isatty() else 180
out = Console(highlight=False, width=WIDTH)
err = Console(stderr=True, highlight=False)
COLOURS = {
    "published": "green", "level": "green", "unchanged": "dim", "held": "yellow", "waits": "yellow",
    "failed": "red", "out_of_date": "cyan", "out of date": "cyan", "never built": "cyan",
}  # fmt: skip


def error(message: str) -> None:
    """An error meant for the user."""
    err.print(Text("error: ", style="bold red") + Text(message))


def as_data(value: Any) -> Any:  # noqa: ANN401 - JSON is of any shape
    """Plain data of results, for `--json`."""
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


def _json(value: Any) -> None:  # noqa: ANN401
    print(json.dumps(value, default=str, indent=1))  # noqa: T201


def landed(landings: Sequence[Landed], as_json: bool) -> None:
    """Delivered objects."""
    if as_json:
        _json([as_data(landing) for landing in landings])
        return
    for landing in landings:
        word = "landed" if landing.is_new else "known already"
        name = escape(landing.object.name)
        out.print(f"{word:14}{name}  {landing.object.sha256}  {landing.object.size_bytes:,} bytes")
        if landing.same_name_other_bytes:
            err.print(
                f"[yellow]warning:[/] {name} was delivered before with other bytes, and nothing says "
                "that this delivery takes its place: both count. If it does, land it with --supersedes."
            )


def forecasts(found: Sequence[Forecast], as_json: bool) -> None:
    """What a run would do and why."""
    if as_json:
        _json([_forecast_data(forecast) for forecast in found])
        return
    due = [forecast for forecast in found if not forecast.is_level]
    for forecast in due:
        out.print(_forecast_tree(forecast))
    level = len(found) - len(due)
    out.print(
        f"{level} of {len(found)} datasets are level." if level else f"All {len(found)} datasets have work to do."
    )


def _forecast_data(forecast: Forecast) -> dict[str, Any]:
    plan = forecast.plan
    return {
        "dataset": forecast.dataset,
        "level": forecast.is_level,
        "after": forecast.after,
        "build": plan.build,
        "moved": plan.moved,
        "causes": [vars(reason) for reason in due_reasons(plan)],
        "left": [vars(reason) for reason in left_reasons(plan)],
    }


def _forecast_tree(forecast: Forecast) -> Tree:
    plan = forecast.plan
    tree = Tree(
        f"[bold]{forecast.dataset}[/]  {len(plan.build)} to build" if plan.build else f"[bold]{forecast.dataset}[/]"
    )
    if forecast.after:
        tree.add(f"what more is due shows once {', '.join(forecast.after)} is built")
    for name, (before, now) in plan.moved.items():
        if before is not None and not now.endswith("+"):
            tree.add(f"input {name}: {before} → {now}")
    for reason in due_reasons(plan):
        tree.add(Text(f"{in_ranges(reason.partitions)}: {reason.why}"))
    for reason in left_reasons(plan):
        tree.add(Text(f"left: {in_ranges(reason.partitions)}: {reason.why}", style="yellow"))
    return tree


@contextmanager
def progress(total: int, quiet: bool) -> Iterator[Listener]:
    """A progress display of one run; yields what the run reports its phases to."""
    if quiet:
        yield lambda dataset, phase: None
        return
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bar:
        task = bar.add_task("starting", total=total)
        seen: set[str] = set()

        def listen(dataset: str, phase: str) -> None:
            if dataset not in seen:
                seen.add(dataset)
                bar.advance(task)
            if phase.startswith("failed"):
                err.print(Text(f"{dataset} {phase}", style="red"))
            bar.update(task, description=f"{dataset}: {phase.splitlines()[0][:60]}")

        yield listen


def results(found: Sequence[Result], as_json: bool) -> None:
    """What a run did."""
    if as_json:
        _json([_result_data(result) for result in found])
        return
    table = Table("dataset", "outcome", "recomputed", "why", "seconds", box=None, pad_edge=False)
    for result in found:
        why = "\n".join(f"{in_ranges(r.partitions, 3)}: {r.why}" for r in _reasons(result)) or result.detail
        detail = f"{why}\n{result.detail}" if result.detail and why != result.detail else why
        table.add_row(
            result.dataset, _coloured(result.outcome.value), _recomputed(result), Text(detail), _seconds(result)
        )
    out.print(table)


def _reasons(result: Result) -> list[Reason]:
    return due_reasons(result.plan) if result.plan and result.outcome is not Outcome.UNCHANGED else []


def _result_data(result: Result) -> dict[str, Any]:
    return {
        "dataset": result.dataset,
        "outcome": result.outcome.value,
        "version": str(result.snapshot_id) if result.snapshot_id else None,
        "due": result.plan.build if result.plan else (),
        "committed": result.committed,
        "causes": [vars(reason) for reason in _reasons(result)],
        "detail": result.detail,
        "seconds": result.seconds,
    }


def _recomputed(result: Result) -> str:
    built = len(result.plan.build) if result.plan and result.outcome is Outcome.PUBLISHED else 0
    return f"{len(result.committed)} changed of {built}" if built else "-"


def _seconds(result: Result) -> str:
    return f"{sum(result.seconds.values()):.1f}"


def _coloured(word: str) -> str:
    return f"[{COLOURS.get(word, 'white')}]{word}[/]"


def status(found: Sequence[DatasetStatus], as_json: bool) -> None:
    """The state of every dataset."""
    if as_json:
        _json([as_data(row) for row in found])
        return
    table = Table("dataset", "state", "complete through", "published", "notes", box=None, pad_edge=False)
    for row in found:
        at = f"{row.published_at:%Y-%m-%d %H:%M}Z" if row.published_at else "-"
        notes = Text("\n".join([*(f"HELD {text}" for text in row.held), *(f"owes {text}" for text in row.owed)]))
        table.add_row(row.dataset, _coloured(row.state), row.complete_through or "-", at, notes)
    out.print(table)


def shown(found: Shown, as_json: bool) -> None:
    """One dataset at a glance."""
    if as_json:
        _json(as_data(found))
        return
    tree = Tree(f"[bold]{found.dataset}[/]  (code {found.code})")
    tree.add(Text(found.grain))
    for title in ("files", "inputs", "readers", "versions"):
        branch = tree.add(title)
        for text in getattr(found, title):
            branch.add(Text(text))
    out.print(tree)


def ancestry(found: Ancestry, as_json: bool) -> None:
    """A version with everything behind it."""
    if as_json:
        _json(as_data(found))
    else:
        out.print(_ancestry_tree(found, Tree("")).children[0])


def _ancestry_tree(found: Ancestry, parent: Tree) -> Tree:
    through = f", complete through {found.complete_through}" if found.complete_through else ""
    by = f"  ({found.run}, code {found.code}{through})" if found.code else f"  {found.run}"
    node = parent.add(f"[bold]{found.dataset}[/] @ {found.version}{by}")
    for read in found.inputs:
        _ancestry_tree(read, node)
    return parent


def hashed(name: str, value: str, as_json: bool) -> None:
    """A content hash."""
    if as_json:
        _json({"dataset": name, "hash": value})
    else:
        out.print(f"{value}  {name}")


def difference(found: Difference, as_json: bool) -> None:
    """Why two versions differ."""
    if as_json:
        _json(as_data(found))
        return
    out.print(f"[bold]{found.dataset}[/] {found.before} → {found.after}: {found.left} rows left, {found.came} came")
    out.print(Text(f"in {in_ranges(found.partitions)}"))
    for name, (before, after) in found.moved_inputs.items():
        out.print(f"input {name}: {before} → {after}")
    if found.code_moved:
        out.print("its code changed")
    for landing_object in found.objects:
        out.print(Text(f"delivered: {landing_object}"))
    if found.rows:
        rows(list(found.rows[0]), [tuple(row.values()) for row in found.rows], as_json=False)


def rows(columns: Sequence[str], found: Sequence[Sequence[Any]], as_json: bool) -> None:
    """Rows of a query."""
    if as_json:
        _json([dict(zip(columns, row, strict=True)) for row in found])
        return
    table = Table(*columns, box=None, pad_edge=False)
    for row in found:
        table.add_row(*[Text("" if value is None else str(value)) for value in row])
    out.print(table)


def accepted(found: Sequence[Verdict], as_json: bool) -> None:
    """What was let pass by hand."""
    if as_json:
        _json([as_data(verdict) for verdict in found])
        return
    for verdict in found:
        days = in_ranges(verdict.partitions)
        out.print(f"accepted: {verdict.dataset} {verdict.source or ''} {days}. The next run publishes it.")


def verdicts(found: Sequence[Verdict], as_json: bool) -> None:
    """Verdicts, oldest first."""
    if as_json:
        _json([as_data(verdict) for verdict in found])
        return
    table = Table("at", "verdict", "source", "partitions", "failing checks", box=None, pad_edge=False)
    for verdict in found:
        failing = [f"{c.severity} {c.name} ({c.observed})" for c in verdict.checks if not c.passed]
        at = f"{verdict.at:%Y-%m-%d %H:%M:%S}" if verdict.at else ""
        table.add_row(
            at, verdict.verdict, verdict.source or "", in_ranges(verdict.partitions), Text("\n".join(failing))
        )
    out.print(table)


def restored(found: Sequence[Restored], as_json: bool) -> None:
    """Tables that were registered again."""
    if as_json:
        _json([as_data(table) for table in found])
        return
    for table in found:
        out.print(Text(f"restored {table.dataset} from {table.metadata_file}"))
        for rival in table.rivals:
            err.print(Text(f"warning: passed over {rival}, of the same number", style="yellow"))


def maintained(found: Sequence[Maintained], as_json: bool) -> None:
    """What maintenance did."""
    if as_json:
        _json([as_data(table) for table in found])
        return
    table = Table("dataset", "branches dropped", "versions expired", "orphans removed", "", box=None, pad_edge=False)
    for row in found:
        table.add_row(row.dataset, str(row.branches), str(row.snapshots), str(row.orphans), row.skipped)
    out.print(table)
