"""What the commands print: tables for people, JSON for programs."""

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from infra.app.escaped import escaped
from infra.app.explain import Reason, due_reasons, in_ranges, left_reasons
from infra.app.notify import Notice
from infra.app.status import DatasetStatus
from infra.app.survey import Forecast
from infra.loop.result import Outcome, Result
from infra.loop.run import Listener

# A pipe or a log file has no width of its own: give tables room instead of folding every word.
WIDTH = None if sys.stdout.isatty() else 180
out = Console(highlight=False, width=WIDTH)
err = Console(stderr=True, highlight=False)
COLOURS = {
    "published": "green", "level": "green", "unchanged": "dim", "held": "yellow", "partly held": "yellow",
    "waits": "yellow",
    "failed": "red", "out_of_date": "cyan", "out of date": "cyan", "never built": "cyan",
    "no input": "dim",
}  # fmt: skip


def error(message: str) -> None:
    """An error meant for the user."""
    err.print(Text("error: ", style="bold red") + Text(_words(message)))


def notices(found: Sequence[Notice]) -> None:
    """What somebody should know besides."""
    for notice in found:
        err.print(Text("warning: ", style="yellow") + Text(_words(f"{notice.subject}: {notice.text}")))


def _words(text: str) -> str:
    """Words of ours that may tell what somebody else wrote; they may have several lines."""
    return escaped(text, kept="\n\\")


def as_data(value: Any) -> Any:  # noqa: ANN401 - JSON is of any shape
    """Plain data of results, for `--json`."""
    return asdict(value) if is_dataclass(value) and not isinstance(value, type) else value


def print_json(value: Any) -> None:  # noqa: ANN401 - JSON is of any shape
    """A value for a program to read."""
    print(json.dumps(value, default=str, indent=1))  # noqa: T201


def forecasts(found: Sequence[Forecast], as_json: bool) -> None:
    """What a run would do and why."""
    if as_json:
        print_json([forecast_data(forecast) for forecast in found])
        return
    due = [forecast for forecast in found if not forecast.is_level]
    for forecast in due:
        out.print(_forecast_tree(forecast))
    level = len(found) - len(due)
    out.print(
        f"{level} of {len(found)} datasets are level." if level else f"All {len(found)} datasets have work to do."
    )


def forecast_data(forecast: Forecast) -> dict[str, Any]:
    """What would be done to one dataset, for a program."""
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
        verb = "is" if len(forecast.after) == 1 else "are"
        tree.add(f"what more is due shows once {', '.join(forecast.after)} {verb} built")
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
    with Progress(*columns, console=err, transient=True, disable=not err.is_terminal) as bar:
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
        print_json([result_data(result) for result in found])
        return
    table = Table("dataset", "outcome", "recomputed", "why", "seconds", box=None, pad_edge=False)
    for result in found:
        outcome = "partly held" if result.is_partly_held else result.outcome.value
        table.add_row(result.dataset, _coloured(outcome), _recomputed(result), Text(_why(result)), _seconds(result))
    out.print(table)


def _why(result: Result) -> str:
    """Why it was built, where it was; what was left, and what went wrong."""
    left = left_reasons(result.plan) if result.plan and result.outcome is not Outcome.UNCHANGED else []
    built = _reasons(result) if result.plan and result.plan.build else []
    lines = [f"{in_ranges(r.partitions, 3)}: {r.why}" for r in built]
    lines += [f"left: {in_ranges(r.partitions, 3)}: {r.why}" for r in left]
    return "\n".join(filter(None, [*lines, result.detail]))


def _reasons(result: Result) -> list[Reason]:
    return due_reasons(result.plan) if result.plan and result.outcome is not Outcome.UNCHANGED else []


def result_data(result: Result) -> dict[str, Any]:
    """What a run did to one dataset, for a program."""
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
        print_json([as_data(row) for row in found])
        return
    table = Table("dataset", "state", "complete through", "published", "notes", box=None, pad_edge=False)
    for row in found:
        at = f"{row.published_at:%Y-%m-%d %H:%M}Z" if row.published_at else "-"
        failed = [f"FAILED {row.failed}"] if row.failed else []
        late = [f"LATE {row.late.why}"] if row.late else []
        rest = row.left_alone
        alone = [f"LEFT ALONE until {rest.until_utc:%Y-%m-%d %H:%M}Z: {rest.why}"] if rest else []
        behind = [f"BEHIND as {', '.join(row.behind)} is"] if row.behind else []
        look = f"`guanxi quarantine list --source {row.dataset.partition('.')[2]}`"
        unread = [f"{row.quarantined:,} records quarantined: {look}"] if row.quarantined else []
        said = [
            *alone,
            *late,
            *behind,
            *failed,
            *(f"HELD {text}" for text in row.held),
            *(f"owes {text}" for text in row.owed),
            *unread,
        ]
        notes = Text("\n".join(said))
        table.add_row(row.dataset, _coloured(row.state), row.complete_through or "-", at, notes)
    out.print(table)
