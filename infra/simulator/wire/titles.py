"""What things are called in a shop: sound text, some of it such that a careless reader takes it for something else."""

from typing import Final

AWKWARD: Final = (
    "=1+1|' /C calc'!A0",
    "@SUM(A1:A9)",
    "'); DROP TABLE order_line; --",
    '" OR ""="',
    "{{ 7 * 7 }}{% raw %}",
    "${7*7} <b>&amp;",
    "two\u2028lines",
    "\ufeff青花茶杯, 2",
)
"""A formula of a spreadsheet, SQL, a template, markup, a line separator and a byte order mark inside a text."""
ONE_IN: Final = 10 * len(AWKWARD)


def title(kind: str, number: int) -> str:
    """The name of a product of a kind; of ten products one has an awkward one."""
    plain = f"{kind} {number}"
    place = number % ONE_IN
    return f"{AWKWARD[place]} {plain}" if place < len(AWKWARD) else plain
