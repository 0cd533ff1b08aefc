"""Code hashes: what a dataset's rows depend on besides their inputs. Comments, prose and formatting do not count."""

import ast
import hashlib
import importlib.util
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

OWN_PACKAGES = ("spark_jobs",)


@dataclass(frozen=True)
class Program:
    """A module's text without its prose, and what it imports: modules, and (level, module, names) out of modules."""

    meaning: str
    imports: tuple[str, ...]
    imports_from: tuple[tuple[int, str, tuple[str, ...]], ...]


def code_hash(modules: Iterable[str], semantics: Iterable[str] = ()) -> str:
    """Hash of the syntax trees of some modules and all they import of the product's own jobs, and of further texts."""
    digest = hashlib.sha256()
    for name, meaning in sorted(_closure(modules).items()):
        digest.update(f"{name}\n{meaning}\n".encode())
    for text in semantics:
        digest.update(f"{text}\n".encode())
    return digest.hexdigest()[:16]


def work_out() -> None:
    """Work out beforehand what every job means, for processes that are forked from this one."""
    for package in OWN_PACKAGES:
        for folder in importlib.import_module(package).__path__:
            for file in Path(folder).rglob("*.py"):
                _program(file.read_text())


def _closure(modules: Iterable[str]) -> dict[str, str]:
    """Meanings of some modules and all they import of the product's own, by name."""
    found: dict[str, str] = {}
    queue = list(modules)
    while queue:
        name = queue.pop()
        if name not in found:
            file = _file(name)
            if file is None:
                raise ModuleNotFoundError(f"{name}: there is no such module")
            program = _program(file.read_text())
            found[name] = program.meaning
            queue.extend(_own(program, name if file.name == "__init__.py" else name.rpartition(".")[0]))
    return found


def _own(program: Program, package: str) -> list[str]:
    """The modules of the product's own that a program in a package imports."""
    found = list(program.imports)
    for level, module, names in program.imports_from:
        resolved = importlib.util.resolve_name("." * level + module, package)
        found.extend([resolved, *(f"{resolved}.{name}" for name in names)])
    return [module for module in found if module.split(".")[0] in OWN_PACKAGES and _file(module) is not None]


@cache
def _program(text: str) -> Program:
    # Known by the text and not by the file's name, which may hold another text by the time it is asked for again.
    parsed = ast.parse(text)
    nodes = list(ast.walk(parsed))
    return Program(
        meaning=_meaning(parsed),
        imports=tuple(alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names),
        imports_from=tuple(
            (node.level, node.module or "", tuple(alias.name for alias in node.names))
            for node in nodes
            if isinstance(node, ast.ImportFrom)
        ),
    )


def _meaning(parsed: ast.Module) -> str:
    tree = ast.parse(ast.unparse(parsed))
    for node in ast.walk(tree):
        if isinstance(body := getattr(node, "body", None), list):
            # A text that stands alone is prose: a docstring, or what is said of the constant above it.
            node.body = [line for line in body if not _is_text(line)] or [ast.Pass()]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _is_text(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant) and isinstance(line.value.value, str)


def _file(name: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        return None
    return Path(spec.origin) if spec and spec.origin else None
