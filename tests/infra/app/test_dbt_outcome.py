"""What came of each mart of one call of dbt: a broken machine is told of the mart that met it, and of no other."""

from types import SimpleNamespace
from typing import Any

from infra.app.dbt_outcome import judge
from infra.app.dbt_plan import MartPlan, MartSpec, PlannedCheck


def plan(name: str) -> MartPlan:
    """A mart of one model and one test."""
    spec = MartSpec(f"marts.{name}", (), "code", "growth", "A mart.", (), {}, {})
    check: Any = SimpleNamespace(
        unique_id=f"test.{name}", name=f"{name} is sound", severity="error", is_own_data_test=True
    )
    planned: PlannedCheck = check
    return MartPlan(spec, f"model.{name}", (f"model.{name}",), (planned,), ())


def node(unique_id: str, status: str, message: str = "") -> Any:
    """What dbt says of one node."""
    return SimpleNamespace(
        node=SimpleNamespace(unique_id=unique_id, name=unique_id),
        status=status,
        message=message,
        failures=0,
        unique_id=unique_id,
    )


def test_a_full_disk_under_one_mart_is_no_word_on_the_others() -> None:
    execution: Any = SimpleNamespace(
        results=[
            node("model.a", "error", "IO Error: could not write"),
            node("test.a", "skipped"),
            node("model.b", "success"),
            node("test.b", "pass"),
        ]
    )

    a, b = (judge(plan(name), execution) for name in ("a", "b"))

    assert (a.built, a.crashed) == (False, True)
    assert (b.built, b.crashed, b.passed) == (True, False, True)
