"""From dbt's run results to the gate's answer about each mart; what did not run did not pass."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra.app.dbt_plan import MartPlan, PlannedCheck
from infra.app.withheld import without_quotes

if TYPE_CHECKING:
    from dbt.artifacts.schemas.run import RunExecutionResult

ERROR = "error"
WARN = "warn"
LONGEST_MESSAGE = 1000
BROKEN_MACHINE = ("Out of Memory Error", "IO Error", "INTERNAL Error")


@dataclass(frozen=True)
class CheckOutcome:
    """One dbt test as it came out; `severity` is `error` (closes the gate) or `warn`; `failures` counts rows."""

    name: str
    severity: str
    passed: bool
    failures: int
    message: str


@dataclass(frozen=True)
class MartResult:
    """What came of one mart: whether dbt wrote its rows, every test that gates it, and what went wrong if anything.

    `crashed`: what went wrong says nothing about the rows (memory, disk, dbt itself), so trying again may help.
    """

    name: str
    built: bool
    checks: tuple[CheckOutcome, ...]
    error: str | None
    crashed: bool = False

    @property
    def passed(self) -> bool:
        """Whether the gate opens: built without error, tested, and no test of severity `error` failed."""
        tested = bool(self.checks) and all(check.passed for check in self.checks if check.severity == ERROR)
        return self.built and self.error is None and tested


def not_built(name: str, error: str, *, crashed: bool = False) -> MartResult:
    """Result of a mart that dbt could not build."""
    return MartResult(name, built=False, checks=(), error=error, crashed=crashed)


def judge(plan: MartPlan, execution: "RunExecutionResult", proven: Collection[str] = ()) -> MartResult:
    """Result of one mart from the results of the nodes that build and test it.

    `proven` are the ids of unit tests that passed before with the same code, and were not run again.
    """
    results = {result.node.unique_id: result for result in execution.results}
    model = results.get(plan.model)
    built = model is not None and model.status == "success"
    checks = tuple(
        _passed_before(check)
        if check.unique_id in proven and check.unique_id not in results
        else _outcome(check, results.get(check.unique_id))
        for check in plan.checks
    )
    error = _model_error(plan, results, checks) if not built else _untested(plan, results)
    own = {*plan.models, *(check.unique_id for check in plan.checks)}
    messages = [str(result.message) for name, result in results.items() if name in own and str(result.status) == ERROR]
    crashed = any(sign in message for message in messages for sign in BROKEN_MACHINE)
    return MartResult(plan.spec.name, built, checks, error, crashed)


def passed_unit_tests(plan: MartPlan, execution: "RunExecutionResult") -> set[str]:
    """Ids of a mart's unit tests that passed: they read no rows, so they will again while the project stays."""
    passed = {result.node.unique_id for result in execution.results if str(result.status) == "pass"}
    return {check.unique_id for check in plan.checks if check.is_unit_test} & passed


def _passed_before(check: PlannedCheck) -> CheckOutcome:
    return CheckOutcome(check.name, check.severity, True, 0, "passed before, and nothing of it has changed since")


def _outcome(check: PlannedCheck, result: Any) -> CheckOutcome:  # noqa: ANN401 - dbt's union of result types
    if result is None:
        return CheckOutcome(check.name, ERROR, passed=False, failures=0, message="dbt did not run it")
    message = _short(result.message)
    match str(result.status):
        case "pass":
            return CheckOutcome(check.name, check.severity, passed=True, failures=0, message=message)
        case "fail":
            return CheckOutcome(check.name, ERROR, passed=False, failures=result.failures or 0, message=message)
        case "warn":
            return CheckOutcome(check.name, WARN, passed=False, failures=result.failures or 0, message=message)
        case "skipped":
            return CheckOutcome(check.name, ERROR, passed=False, failures=0, message="not run: what it tests failed")
        case status:
            return CheckOutcome(check.name, ERROR, passed=False, failures=0, message=message or f"dbt says: {status}")


def _model_error(plan: MartPlan, results: Mapping[str, Any], checks: tuple[CheckOutcome, ...]) -> str:
    broken = [
        f"{results[model].node.name}: {_short(results[model].message)}"
        for model in plan.models
        if model in results and str(results[model].status) == "error"
    ]
    failed = [f"test {check.name} failed" for check in checks if not check.passed and check.failures]
    reason = "; ".join(broken or failed) or "dbt did not run it; see its log"
    return f"{plan.spec.name} was not built: {reason}"


def _untested(plan: MartPlan, results: Mapping[str, Any]) -> str | None:
    if any(check.is_own_data_test and check.unique_id in results for check in plan.checks):
        return None
    return f"{plan.spec.name}: no test read its rows, and a mart without a test is not published. Add one to its .yml."


def _short(message: str | None) -> str:
    # Which of dbt's own macros stumbled is in its log, as are the words that quote rows.
    return without_quotes(" ".join((message or "").partition("> in macro")[0].split()))[:LONGEST_MESSAGE]
