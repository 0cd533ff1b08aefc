"""Every fault has a test that injects it and ends in the oracle, or says what is missing."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.faults.cases import CASES

TESTS = Path(__file__).parents[1]


def marks() -> Iterator[tuple[Path, ast.Call]]:
    """Every `pytest.mark.fault(...)` that is written in a test."""
    for file in sorted(TESTS.rglob("*.py")):
        text = file.read_text()
        if "mark.fault" in text:
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.fault":
                    yield file, node


def numbers(mark: ast.Call) -> list[int]:
    return [ast.literal_eval(argument) for argument in mark.args]


def test_the_faults_are_numbered_from_1_to_45() -> None:
    assert list(CASES) == list(range(1, 46))


def test_each_is_injected_but_those_that_the_product_has_nothing_for() -> None:
    injected = {number for _, mark in marks() for number in numbers(mark)}

    assert set(CASES) - injected == {42}


def is_part(mark: ast.Call) -> bool:
    return any(word.arg == "part" for word in mark.keywords)


def test_each_has_a_test_that_ends_in_the_oracle_or_says_what_is_missing() -> None:
    whole = {number for _, mark in marks() if not is_part(mark) for number in numbers(mark)}

    assert {number for number, case in CASES.items() if not case.missing} - whole == set()


def test_a_mark_names_faults_there_are_and_says_how_each_is_injected() -> None:
    for file, mark in marks():
        assert numbers(mark), file
        assert set(numbers(mark)) <= set(CASES), file
        said = [(word.arg, bool(ast.literal_eval(word.value))) for word in mark.keywords]
        assert said in ([("how", True)], [("how", True), ("part", True)]), file
