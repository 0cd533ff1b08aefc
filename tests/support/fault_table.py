"""A pytest plugin that writes down what came of tests marked as faults, and the table that is made of it.

`-p tests.support.fault_table --faults-into FOLDER [--fault NUMBER]`; several runs may write into one folder: of a test
that ran in more than one of them, the last one counts, and tests that the last collection did not find count no more.
"""

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.faults.cases import Case

FILE, COLLECTED = "results.jsonl", "collected.json"
OK, IN_PART, FAILED, NOT_RUN = "ok", "in part", "FAILED", "not run"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Options of the plugin."""
    group = parser.getgroup("faults")
    group.addoption("--faults-into", metavar="FOLDER", help="write what came of tests marked as faults to FOLDER")
    group.addoption("--fault", type=int, metavar="NUMBER", help="run the tests of one fault alone")


def pytest_configure(config: pytest.Config) -> None:
    """Write in the process that hears of every test, which is not that of a worker."""
    if config.getoption("--faults-into") and not hasattr(config, "workerinput"):
        config.pluginmanager.register(Writer(Path(config.getoption("--faults-into"))))


@pytest.hookimpl(tryfirst=True)  # before `-m` leaves some out: they were collected all the same
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Have reports say which faults their tests inject; leave out those of other faults where one is asked for."""
    only, folder = config.getoption("--fault"), config.getoption("--faults-into")
    for item in items:
        item.user_properties.extend(("fault", [*fault]) for fault in faults_of(item))
    if folder and getattr(config, "workerinput", {}).get("workerid", "gw0") == "gw0":
        found = [[item.nodeid, number] for item in items for number, _, _ in faults_of(item)]
        (Path(folder) / COLLECTED).write_text(json.dumps(found))
    if only is not None:
        left_out = [item for item in items if only not in [number for number, _, _ in faults_of(item)]]
        items[:] = [item for item in items if item not in left_out]
        config.hook.pytest_deselected(items=left_out)


def faults_of(item: pytest.Item) -> Iterator[tuple[int, str, bool]]:
    """Numbers of faults that a test injects, with how, and whether it shows only a part of the oracle."""
    for mark in item.iter_markers("fault"):
        for number in mark.args:
            yield number, mark.kwargs["how"], mark.kwargs.get("part", False)


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
                    said = [self.run, report.nodeid, *value, report.outcome, reason]
                    opened.write(json.dumps(said) + "\n")


@dataclass
class Row:
    """What came of the tests of one fault: `whole` are those that end in the oracle, `parts` those that show some of
    it.

    `hows` is how it is injected, and whether a test that ends in the oracle does so.
    """

    case: Case
    whole: set[str] = field(default_factory=set)
    parts: set[str] = field(default_factory=set)
    failed: set[str] = field(default_factory=set)
    skipped: set[str] = field(default_factory=set)
    hows: dict[str, bool] = field(default_factory=dict)

    @property
    def result(self) -> str:
        """One word, and a reason where the fault was not injected or the oracle not shown."""
        if self.failed:
            return FAILED
        if self.whole and not self.case.missing:
            return OK
        said = "; ".join(filter(None, [self.case.missing, *sorted(self.skipped)]))
        if self.whole or self.parts:
            return f"{IN_PART}: {said or 'no test that ends in the oracle ran'}"
        return f"{NOT_RUN}: {said or 'no test ran'}"

    @property
    def is_in_order(self) -> bool:
        """Whether it passed, or there is a reason why it was not run or not shown whole."""
        return self.result == OK or (self.result != FAILED and bool(self.case.missing or self.skipped))


def read_rows(folder: Path, cases: Mapping[int, Case]) -> list[Row]:
    """A row for each fault, from what runs wrote into a folder of tests that are still there."""
    file, collected = folder / FILE, folder / COLLECTED
    known = {(test, number) for test, number in json.loads(collected.read_text())} if collected.exists() else set()
    lines = [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []
    newest: dict[str, float] = {}
    for run, test, *_ in lines:
        newest[test] = max(run, newest.get(test, run))
    rows = {number: Row(case) for number, case in sorted(cases.items())}
    for run, test, number, how, part, outcome, reason in lines:
        if run == newest[test] and number in rows and (test, number) in known:
            _take(rows[number], test, how, part, outcome, reason)
    return list(rows.values())


def _take(row: Row, test: str, how: str, part: bool, outcome: str, reason: str) -> None:
    if outcome == "skipped":
        row.skipped.add(reason.removeprefix("Skipped: "))
        return
    row.hows[how] = row.hows.get(how, False) or not part
    if outcome == "failed":
        row.failed.add(test)
    else:
        (row.parts if part else row.whole).add(test)


def lines_of(rows: Iterable[Row]) -> Iterator[str]:
    """The table as Markdown: number, fault, how it is injected, tests, those that end in the oracle, result."""
    yield "| | fault | how it is injected | tests | to the oracle | result |"
    yield "|---|---|---|---|---|---|"
    for row in rows:
        hows = "; ".join(how if whole else f"{how} (in part)" for how, whole in row.hows.items())
        tests = len(row.whole | row.parts | row.failed)
        count = f"{tests or ''} | {len(row.whole) or ''}"
        yield f"| {row.case.number} | {row.case.name} | {hows} | {count} | {row.result} |"
        yield from (f"| | | {test} | | | {FAILED} |" for test in sorted(row.failed))
