"""The declared fields of a JSON object, each at its place and exactly of its type, and whatever else stands in it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from spark_jobs.functions.json_line import Json, JsonDecimal, JsonInteger, LineError, as_json, as_text
from spark_jobs.functions.wire_column import WireColumn

WRONG_CASE_KEY = "wrong_case_key"
WRONG_TYPE = "wrong_type"

# The exact type of a parsed value: true is no number, and 2.0 is no integer.
TYPES: dict[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (JsonInteger,),
    "number": (JsonInteger, JsonDecimal),
    "boolean": (bool,),
}
Extra = list[tuple[str, str]]
"""Keys that nobody declared, each by its dotted path, and its value as JSON."""


@dataclass(frozen=True)
class Leaf:
    """A declared field: its place among the columns, and the types it may have."""

    index: int
    types: tuple[type, ...]


@dataclass
class Level:
    """The keys that are declared in one object, as they are written and in whatever case."""

    keys: dict[str, "Leaf | Level"] = field(default_factory=dict)
    folded: set[str] = field(default_factory=set)

    def below(self, key: str) -> "Level":
        """Return the level of a key that holds an object; adds it if need be."""
        self.folded.add(key.casefold())
        found = self.keys.setdefault(key, Level())
        if isinstance(found, Leaf):
            raise TypeError(f"{key} is declared as a field and as an object")
        return found


def declared_level(columns: Sequence[WireColumn]) -> Level:
    """Return what a whole record may hold."""
    root = Level()
    for index, column in enumerate(columns):
        *above, last = column.path.split(".")
        level = root
        for key in above:
            level = level.below(key)
        level.keys[last] = Leaf(index, TYPES[column.type])
        level.folded.add(last.casefold())
    return root


@dataclass
class Taken:
    """What was found in one object: a text or null for each column, and the unknown keys by their path."""

    fields: list[str | None]
    extra: Extra = field(default_factory=list)
    problems: set[str] = field(default_factory=set)


class DeclaredFields:
    """Takes the declared fields out of objects."""

    def __init__(self, columns: Sequence[WireColumn]) -> None:
        self.count = len(columns)
        self.root = declared_level(columns)

    def take(self, found: dict[str, Json]) -> Taken:
        """Return what an object holds; raises LineError for a key in another case, or a value of another type."""
        taken = Taken([None] * self.count)
        _take(found, self.root, "", taken)
        for problem in (WRONG_CASE_KEY, WRONG_TYPE):
            if problem in taken.problems:
                raise LineError(problem)
        return taken


def _take(found: dict[str, Json], level: Level, path: str, taken: Taken) -> None:
    """Sort the keys of one object and, where they are declared too, of those inside it."""
    for key, value in found.items():
        declared = level.keys.get(key)
        if declared is None:
            if key.casefold() in level.folded:
                taken.problems.add(WRONG_CASE_KEY)
            taken.extra.append((path + as_step(key), as_json(value)))
        elif value is None:
            continue
        elif isinstance(declared, Leaf):
            _take_field(value, declared, taken)
        elif isinstance(value, dict):
            _take(value, declared, f"{path}{key}.", taken)
        else:
            taken.problems.add(WRONG_TYPE)


def _take_field(value: Json, declared: Leaf, taken: Taken) -> None:
    if type(value) not in declared.types:
        taken.problems.add(WRONG_TYPE)
    else:
        taken.fields[declared.index] = str(value).lower() if isinstance(value, bool) else str(value)


def as_step(key: str) -> str:
    """Return a key as a step of a dotted path; in quotes where it could be taken for several steps."""
    return as_text(key) if "." in key or '"' in key else key
