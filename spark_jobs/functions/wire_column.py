"""What a contract says of one field of a delivered record."""

from dataclasses import dataclass


@dataclass(frozen=True)
class WireColumn:
    """A declared field: the name it gets, where it stands in a record, and its type there, a logical type of ODCS."""

    name: str
    path: str
    type: str = "string"
