"""What the commands that look and operate print: tables for people, JSON for programs."""

from collections.abc import Sequence
from typing import Any

from rich.table import Table
from rich.text import Text
from rich.tree import Tree

from infra.app.catalog_backup import Restored
from infra.app.cli.render import as_data, err, out, print_json
from infra.app.diff import Difference
from infra.app.escaped import escaped
from infra.app.explain import in_ranges
from infra.app.lineage import Ancestry
from infra.app.maintenance import Maintained
from infra.app.show import Shown
from infra.loop.verdict import Verdict


def shown(found: Shown, as_json: bool) -> None:
    """One dataset at a glance."""
    if as_json:
        print_json(as_data(found))
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
        print_json(as_data(found))
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
        print_json({"dataset": name, "hash": value})
    else:
        out.print(f"{value}  {name}")


def difference(found: Difference, as_json: bool) -> None:
    """Why two versions differ."""
    if as_json:
        print_json(as_data(found))
        return
    out.print(f"[bold]{found.dataset}[/] {found.before} → {found.after}: {found.left} rows left, {found.came} came")
    out.print(Text(f"in {in_ranges(found.partitions)}"))
    for name, (before, after) in found.moved_inputs.items():
        out.print(f"input {name}: {before} → {after}")
    if found.complete_through[0] != found.complete_through[1]:
        out.print("complete through {} → {}".format(*(day or "-" for day in found.complete_through)))
    if found.code_moved:
        out.print("its code changed")
    for landing_object in found.objects:
        out.print(Text(f"delivery {escaped(landing_object)}"))
    if found.rows:
        rows(list(found.rows[0]), [tuple(row.values()) for row in found.rows], as_json=False)


def rows(columns: Sequence[str], found: Sequence[Sequence[Any]], as_json: bool) -> None:
    """Rows of a query."""
    if as_json:
        print_json([dict(zip(columns, row, strict=True)) for row in found])
        return
    table = Table(box=None, pad_edge=False)
    for name in columns:
        table.add_column(Text(escaped(name)))
    for row in found:
        table.add_row(*[Text("" if value is None else escaped(str(value))) for value in row])
    out.print(table)


def accepted(found: Sequence[Verdict], as_json: bool) -> None:
    """What was let pass by hand."""
    if as_json:
        print_json([as_data(verdict) for verdict in found])
        return
    for verdict in found:
        days = in_ranges(verdict.partitions)
        out.print(f"accepted: {verdict.dataset} {verdict.source or ''} {days}")


def verdicts(found: Sequence[Verdict], as_json: bool) -> None:
    """Verdicts, oldest first."""
    if as_json:
        print_json([as_data(verdict) for verdict in found])
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
        print_json([as_data(table) for table in found])
        return
    for table in found:
        out.print(Text(f"restored {table.dataset} from {table.metadata_file}"))
        for rival in table.rivals:
            err.print(Text(f"warning: passed over {rival}, of the same number", style="yellow"))


def maintained(found: Sequence[Maintained], as_json: bool) -> None:
    """What maintenance did."""
    if as_json:
        print_json([as_data(table) for table in found])
        return
    columns = ("dataset", "branches dropped", "files compacted", "versions expired", "orphans removed", "")
    table = Table(*columns, box=None, pad_edge=False)
    for row in found:
        counts = (row.branches, row.compacted, row.snapshots, row.orphans)
        table.add_row(row.dataset, *map(str, counts), row.skipped)
    out.print(table)
