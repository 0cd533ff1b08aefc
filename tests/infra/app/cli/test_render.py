"""No name that a sender chose steers the terminal: it is escaped wherever it is printed."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from infra.app.cli import render, render_details, render_landing
from infra.app.explain import in_ranges
from infra.app.fetch import Fetched
from infra.app.pages.rendering import ranges
from infra.app.pull import Pulled
from infra.lake.landing import Landed
from infra.lake.receipt import LandedObject

ODD = "a[red]\u202egpj\u200b.csv"
SHOWN = r"a[red]\u202egpj\u200b.csv"
MOMENT = datetime(2026, 3, 2, tzinfo=UTC)
LANDED = Landed(LandedObject("shop", ODD, "0" * 64, 1, MOMENT, (), "x"), is_new=True, same_name_other_bytes=True)


@pytest.mark.parametrize(
    "show",
    [
        lambda: render_landing.landed([LANDED], as_json=False),
        lambda: render_landing.pulled({"shop": Pulled((), (ODD,), (), Fetched())}, as_json=False),
        lambda: render_details.rows([ODD], [("x",)], as_json=False),
        lambda: render_details.rows(["name"], [(ODD,)], as_json=False),
        lambda: render.error(f"{ODD}: no such thing"),
    ],
    ids=["land", "pull", "column of sql", "value of sql", "error"],
)
def test_a_name_is_printed_as_text(show: Callable[[], None], capsys: pytest.CaptureFixture[str]) -> None:
    show()

    printed = capsys.readouterr()
    assert SHOWN in printed.out + printed.err
    assert ODD not in printed.out + printed.err


def test_a_landed_object_is_named_as_text_among_partitions() -> None:
    assert in_ranges([f"shop/{'0' * 64}/{ODD}"]) == f"{SHOWN} (00000000)"
    assert SHOWN in ranges([f"shop/{'0' * 64}/{ODD}"])
