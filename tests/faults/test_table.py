"""The table of faults says what was shown: to the oracle, in part, or not at all, by tests that are still there."""

import json
from pathlib import Path

import pytest

from tests.faults.cases import Case
from tests.support.fault_table import COLLECTED, FILE, Row, lines_of, read_rows

WHOLE, PART = "test_a.py::test_whole", "test_a.py::test_part"
Said = tuple[float, str, bool, str]


def row_of(folder: Path, *said: Said, missing: str = "", collected: tuple[str, ...] = (WHOLE, PART)) -> Row:
    """The row of a fault, by when its tests ran, their names, if they show a part, and what came of them."""
    lines = [[run, test, 7, f"by {test}", part, outcome, "no root"] for run, test, part, outcome in said]
    (folder / FILE).write_text("".join(json.dumps(line) + "\n" for line in lines))
    (folder / COLLECTED).write_text(json.dumps([[test, 7] for test in collected]))
    (row,) = read_rows(folder, {7: Case(7, "half a file", missing)})
    return row


@pytest.mark.parametrize(
    ("said", "missing", "result", "in_order"),
    [
        ([(1, WHOLE, False, "passed"), (1, PART, True, "passed")], "", "ok", True),
        ([(1, PART, True, "passed")], "", "in part: no test that ends in the oracle ran", False),
        ([(1, PART, True, "passed")], "no tables are compared", "in part: no tables are compared", True),
        ([(1, WHOLE, False, "passed")], "the other half", "in part: the other half", True),
        ([(1, WHOLE, False, "skipped"), (1, PART, True, "passed")], "", "in part: no root", True),
        ([(1, WHOLE, False, "skipped")], "", "not run: no root", True),
        ([], "", "not run: no test ran", False),
        ([(1, WHOLE, False, "passed"), (1, PART, True, "failed")], "", "FAILED", False),
        ([(1, WHOLE, False, "failed"), (2, WHOLE, False, "passed")], "", "ok", True),
    ],
)
def test_a_row_is_ok_only_by_a_test_that_ends_in_the_oracle(
    tmp_path: Path, said: list[Said], missing: str, result: str, in_order: bool
) -> None:
    row = row_of(tmp_path, *said, missing=missing)

    assert (row.result, row.is_in_order) == (result, in_order)


def test_what_came_of_a_test_that_is_not_there_any_more_does_not_count(tmp_path: Path) -> None:
    row = row_of(tmp_path, (1, WHOLE, False, "passed"), (1, PART, True, "failed"), collected=(WHOLE,))

    assert (row.result, row.whole, row.failed) == ("ok", {WHOLE}, set())


def test_a_line_counts_each_test_once_and_says_what_is_shown_in_part(tmp_path: Path) -> None:
    both = [(1, WHOLE, True, "passed"), (1, WHOLE, False, "passed"), (1, PART, True, "passed")]

    *_, line = lines_of([row_of(tmp_path, *both)])

    assert line == f"| 7 | half a file | by {WHOLE}; by {PART} (in part) | 2 | 1 | ok |"
