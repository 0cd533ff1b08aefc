"""A pytest plugin that writes down what came of tests marked as faults, and the table that is made of it.

`-p tests.support.fault_table --faults-into FOLDER [--fault NUMBER]`; several runs may write into one folder: of a test
that ran in more than one of them, the last one counts.
"""

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.faults.cases import Case

FILE = "outcomes.jsonl"
OK, FAILED, NOT_RUN = "ok", "FAILED", "not run"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the plugin."""
    group = parser.getgroup("faults")
    group.addoption("--faults-into", metavar="FOLDER", help="write what came of tests marked as faults to FOLDER")
    group.addoption("--fault", type=int, metavar="NUMBER", help="run the tests of one fault alone")


def pytest_configure(config: pytest.Config) -> None:
    """Write in the process that hears of every test, which is not that of a worker."""
    if config.getoption("--faults-into") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Writer(Path(config.getoption("--faults-into"))))


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Have reports say which faults their tests inject; leave out those of other faults where one is asked for."""
    only = config.getoption("--fault")
    for item in items:
        item.user_properties.extend(("fault", [number, how]) for number, how in faults_of(item))
    if only is not None:
        left_out = [item for item in items if only not in [number for number, _ in faults_of(item)]]
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


def faults_of(item: pytest.Item) -> Iterator[tuple[int, str]]:
    """Numbers of faults that a test injects, with how."""
    for mark in item.iter_markers("fault"):
        for number in mark.args:
            yield number, mark.kwargs["how"]


class Writer:
    """Appends a line for each fault of each test that ended."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.file = folder / FILE
        self.run = time.time()

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take down the call of a test, or whatever kept it from being called or from ending well."""
        if report.when != "call" and report.outcome == "passed":
            return
        reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else ""
        with self.file.open("a") as opened:
            for name, value in report.user_properties:
                if name == "fault" and isinstance(value, list | tuple):
                    number, how = value
                    said = [self.run, report.nodeid, number, how, report.outcome, reason]
                    opened.write(json.dumps(said) + "\n")


@dataclass
class Row:
    """What came of the tests of one fault."""

    case: Case
    passed: int = 0
    failed: list[str] = field(default_factory=list)
    skipped: set[str] = field(default_factory=set)
    hows: dict[str, None] = field(default_factory=dict)

    @property
    def result(self) -> str:
        """One word, and a reason where the fault was not injected."""
        if self.failed:
            return FAILED
        if self.passed:
            return OK
        return f"{NOT_RUN}: {self.case.not_run or '; '.join(sorted(self.skipped)) or 'no test ran'}"

    @property
    def is_in_order(self) -> bool:
        """Whether it passed, or there is a reason why it was not run."""
        return self.result == OK or (self.result != FAILED and bool(self.case.not_run or self.skipped))


def read_rows(folder: Path, cases: Mapping[int, Case]) -> list[Row]:
    """A row for each fault, from what runs wrote into a folder."""
    file = folder / FILE
    lines = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    newest: dict[str, float] = {}
    for run, test, *_ in lines:
        newest[test] = max(run, newest.get(test, run))
    rows = {number: Row(case) for number, case in sorted(cases.items())}
    for run, test, number, how, outcome, reason in lines:
        if run == newest[test] and number in rows:
            _take(rows[number], test, how, outcome, reason)
    return list(rows.values())


def _take(row: Row, test: str, how: str, outcome: str, reason: str) -> None:
    if outcome == "skipped":
        row.skipped.add(reason.removeprefix("Skipped: "))
        return
    row.hows.setdefault(how)
    if outcome == "failed":
        row.failed.append(test)
    else:
        row.passed += 1


def lines_of(rows: Iterable[Row]) -> Iterator[str]:
    """The table as Markdown: number, fault, how it is injected, tests, result."""
    yield "| | fault | how it is injected | tests | result |"
    yield "|---|---|---|---|---|"
    for row in rows:
        hows = "; ".join(row.hows)
        tests = row.passed + len(row.failed)
        yield f"| {row.case.number} | {row.case.name} | {hows} | {tests or ''} | {row.result} |"
        yield from (f"| | | {test} | | {FAILED} |" for test in sorted(set(row.failed)))
