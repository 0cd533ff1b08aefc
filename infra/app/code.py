"""Code hashes: what a dataset's rows depend on besides their inputs. Comments, prose and formatting do not count."""

import ast
import hashlib
import importlib.util
from collections.abc import Iterable
from functools import cache
from pathlib import Path

OWN_PACKAGES = ("spark_jobs",)


def code_hash(modules: Iterable[str], semantics: Iterable[str] = ()) -> str:
    """Hash of the syntax trees of some modules and all they import of the product's own jobs, and of further texts."""
    digest = hashlib.sha256()
    for name in sorted(_closure(modules)):
        digest.update(f"{name}\n{_meaning(name)}\n".encode())
    for text in semantics:
        digest.update(f"{text}\n".encode())
    return digest.hexdigest()[:16]


def _closure(modules: Iterable[str]) -> set[str]:
    seen: set[str] = set()
    queue = list(modules)
    while queue:
        name = queue.pop()
        if name not in seen:
            seen.add(name)
            queue.extend(_imports(name))
    return seen


def _imports(name: str) -> list[str]:
    found: list[str] = []
    package = name if str(_file(name)).endswith("__init__.py") else name.rpartition(".")[0]
    for node in ast.walk(_tree(name)):
        if isinstance(node, ast.Import):
            found.extend(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            module = importlib.util.resolve_name("." * node.level + (node.module or ""), package)
            found.extend([module, *(f"{module}.{alias.name}" for alias in node.names)])
    return [module for module in found if module.split(".")[0] in OWN_PACKAGES and _file(module) is not None]


def _meaning(name: str) -> str:
    tree = ast.parse(ast.unparse(_tree(name)))
    for node in ast.walk(tree):
        if isinstance(body := getattr(node, "body", None), list):
            # A text that stands alone is prose: a docstring, or what is said of the constant above it.
            node.body = [line for line in body if not _is_text(line)] or [ast.Pass()]  # type: ignore[attr-defined]
    return ast.dump(tree)


def _is_text(line: ast.stmt) -> bool:
    return isinstance(line, ast.Expr) and isinstance(line.value, ast.Constant) and isinstance(line.value.value, str)


@cache
def _tree(name: str) -> ast.Module:
    file = _file(name)
    if file is None:
        raise ModuleNotFoundError(f"{name}: there is no such module")
    return ast.parse(file.read_text())


def _file(name: str) -> Path | None:
    try:
        spec = importlib.util.find_spec(name)
    except ModuleNotFoundError:
        return None
    return Path(spec.origin) if spec and spec.origin else None
