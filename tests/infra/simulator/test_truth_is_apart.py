"""The pipeline never reads the truth of a made-up world: no word in its code leads there.

That it does not import the world is an import rule (pyproject.toml); here it is the path.
"""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PIPELINE = (
    "dags",
    "expectations",
    "spark_jobs",
    "transforms",
    "infra/app",
    "infra/lake",
    "infra/loop",
)
# They start the world, or show what it holds.
APART = ("infra/app/demo", "infra/app/cli/simulate.py", "infra/app/cli/platforms.py")
TRUTH = re.compile(r"(?<![\w-])truth(?![\w-])")


def _words(file: Path) -> Iterator[str]:
    """What may become a path or lead to one: in Python names and texts but docstrings, elsewhere every line."""
    if file.suffix != ".py":
        yield from file.read_text().splitlines()
        return
    tree = ast.parse(file.read_text())
    docs = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes) and id(node) not in docs:
            yield node.value if isinstance(node.value, str) else node.value.decode(errors="replace")
        elif isinstance(node, ast.Attribute):
            yield node.attr
        elif isinstance(node, ast.Name):
            yield node.id


def _files(folder: str) -> Iterator[Path]:
    for file in sorted((ROOT / folder).rglob("*")):
        is_apart = any(file.is_relative_to(ROOT / one) for one in APART)
        if file.suffix in {".py", ".sql", ".yml", ".yaml", ".toml", ".json", ".csv"} and not is_apart:
            yield file


@pytest.mark.parametrize("folder", PIPELINE)
def test_no_file_of_the_pipeline_leads_to_the_truth(folder: str) -> None:
    files = list(_files(folder))

    leading = [file.relative_to(ROOT) for file in files if any(TRUTH.search(word) for word in _words(file))]

    assert files
    assert not leading


@pytest.mark.parametrize(
    "code",
    ['open("out/truth/person.parquet")', 'home / "truth"', 'f"{home}/truth/{day}"', "day.truth", 'path = b"truth"'],
)
def test_what_leads_to_the_truth_is_found(code: str, tmp_path: Path) -> None:
    file = tmp_path / "code.py"
    file.write_text(code)

    assert any(TRUTH.search(word) for word in _words(file))


def test_a_sentence_about_the_truth_leads_nowhere(tmp_path: Path) -> None:
    file = tmp_path / "code.py"
    file.write_text('"""The one source of truth."""\n# Truth is planted, see truth/.\n')

    assert not any(TRUTH.search(word) for word in _words(file))
