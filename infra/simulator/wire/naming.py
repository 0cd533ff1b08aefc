"""Truth about names: what people and things of the world are called on the wire."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from infra.simulator.world.day import Columns


class Called(NamedTuple):
    """Things of a kind by their numbers in the world, and their names on the wire."""

    kind: str
    numbers: Sequence[int]
    names: Sequence[object]


def as_table(called: Iterable[tuple[str, Called]]) -> Columns:
    """Names by source as columns: source, kind, number, name; names are texts even where the wire has numbers."""
    found = [
        (source, one.kind, number, str(name))
        for source, one in called
        for number, name in zip(one.numbers, one.names, strict=True)
    ]
    source, kind, number, name = zip(*found, strict=True) if found else ((), (), (), ())
    texts = {"source": source, "kind": kind, "name": name}
    columns = {key: np.array(column, dtype=object) for key, column in texts.items()}
    return {**columns, "number": np.array(number, np.int64)}
