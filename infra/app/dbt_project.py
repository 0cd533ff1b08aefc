"""The marts' dbt project as the rest of the product uses it.

    contracts + transforms/ ─assemble─▶ a complete project ─parse, once─▶ plans of the marts
    pinned lake tables ─stage─▶ DuckDB file ─dbt build─▶ marts in that file, and the outcome of every test

dbt itself is imported only when something is parsed or built: that costs seconds, reading the plans does not.
"""

import json
import logging
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import yaml

from infra.app.dbt_assembly import PROJECT_FILE, LakeContract, assemble, keep
from infra.app.dbt_outcome import CheckOutcome, MartResult, judge, not_built, passed_unit_tests
from infra.app.dbt_plan import MARTS, MartPlan, MartSpec, PlannedCheck, read_plans, reader_digest
from infra.app.dbt_run import Dbt, DbtError
from infra.app.dbt_staging import PinnedTable, create_staging
from infra.lake.errors import GuanxiError

__all__ = ["CheckOutcome", "DbtError", "DbtProject", "MartResult", "MartSpec", "PinnedTable"]

log = logging.getLogger("guanxi.dbt")
PLANS_FILE: Final = "plans.json"
PASSED_FILE: Final = "unit_tests_passed.json"


class DbtProject:
    """The dbt project in `project`, completed with what `contracts` say; everything it writes is under `work`."""

    def __init__(self, project: Path, work: Path, contracts: Mapping[str, LakeContract]) -> None:
        self.project = project.absolute()
        self.work = work.absolute()
        self.contracts = contracts

    def assemble(self) -> Path:
        """Folder of the complete project, named after its content; written only where it is not there yet."""
        return assemble(self.project, self.work, self.contracts.values())

    def marts(self) -> list[MartSpec]:
        """Every mart, each after those it reads; raises DbtError where dbt cannot read the project."""
        return [plan.spec for plan in self._plans]

    def build(
        self,
        marts: Sequence[str],
        *,
        staging: Path,
        inputs: Sequence[PinnedTable],
        mart_tables: Sequence[PinnedTable] = (),
        complete_through: Mapping[str, date | str | None],
    ) -> dict[str, MartResult]:
        """Build and test the named marts in a new staging file, as tables `marts.<name>`, with one call of dbt.

        `inputs` are the lake tables and `mart_tables` the published marts to read, each at its pinned version;
        `complete_through` has a day, ISO date or None for each mart. Whatever stops dbt, and a mart without a test,
        counts as not passed. Raises GuanxiError for a mart that does not exist or has no `complete_through`.
        """
        try:
            chosen = self._chosen(marts)
        except DbtError as error:
            return {name: not_built(name, str(error)) for name in marts}
        days = _days([plan.spec.name for plan in chosen], complete_through)
        pinned = {table.name: table for table in [*inputs, *mart_tables]}
        missing = _missing_inputs(chosen, pinned.keys())
        ready = [plan for plan in chosen if plan.spec.name not in missing]
        results = {name: not_built(name, error) for name, error in missing.items()}
        built = {plan.spec.name for plan in ready}
        if ready:
            create_staging(staging, [table for name, table in pinned.items() if name not in built])
            results |= self._build(ready, staging, days)
        return {name: results[name] for name in marts}

    def docs(self, out: Path) -> None:
        """Write dbt's documentation as one page that needs no server, `<out>/index.html`; raises DbtError."""
        self._dbt.docs(out)

    def _build(self, plans: Sequence[MartPlan], staging: Path, days: Mapping[str, str | None]) -> dict[str, MartResult]:
        selectors = sorted({selector for plan in plans for selector in plan.selectors})
        variables = {"complete_through": {name.removeprefix(f"{MARTS}."): day for name, day in days.items()}}
        try:
            proven = self._passed_before()
            unit_tests = not {c.unique_id for plan in plans for c in plan.checks if c.is_unit_test} <= proven
            execution = self._dbt.build(staging, selectors, variables, self._parsed, unit_tests=unit_tests)
        except Exception as error:
            log.exception("dbt broke")
            # What a library says may quote rows, and the result is recorded; our own words are made not to.
            crash = f"{type(error).__name__}: {error if isinstance(error, GuanxiError) else 'see the log.'}"
            return {plan.spec.name: not_built(plan.spec.name, crash, crashed=True) for plan in plans}
        if unit_tests:
            ran = {result.node.unique_id for result in execution.results}
            self._remember((proven - ran).union(*(passed_unit_tests(plan, execution) for plan in plans)))
        return {plan.spec.name: judge(plan, execution, proven) for plan in plans}

    def _passed_before(self) -> set[str]:
        """Ids of the unit tests that passed with this content of the project; they need not be run again."""
        try:
            return set(json.loads((self._parsed / PASSED_FILE).read_text()))
        except (OSError, ValueError, TypeError):
            return set()

    def _remember(self, unit_tests: set[str]) -> None:
        """Write down what passed; that only saves time, so nothing else fails where it cannot be written."""
        unfinished = self._parsed / f"{PASSED_FILE}.{os.getpid()}"
        try:
            unfinished.write_text(json.dumps(sorted(unit_tests)))
            os.replace(unfinished, self._parsed / PASSED_FILE)
        except OSError:
            log.warning("what passed of dbt's unit tests could not be written down", exc_info=True)

    def _chosen(self, names: Sequence[str]) -> list[MartPlan]:
        known = {plan.spec.name for plan in self._plans}
        unknown = [name for name in names if name not in known]
        if unknown:
            raise GuanxiError(
                f"{', '.join(unknown)}: no such mart in {self.project}. There are: {', '.join(sorted(known))}."
            )
        return [plan for plan in self._plans if plan.spec.name in set(names)]

    @cached_property
    def _dbt(self) -> Dbt:
        return Dbt(self.assemble(), self.work)

    @cached_property
    def _plans(self) -> list[MartPlan]:
        return [_plan(content) for content in json.loads((self._parsed / PLANS_FILE).read_text())]

    @cached_property
    def _parsed(self) -> Path:
        """Folder of what dbt read from the assembled project; it is read once for each content."""
        parsed = self.work / "parsed" / f"{self._dbt.folder.name}-{reader_digest()}"
        if not parsed.is_dir():
            parsed.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=parsed.parent, prefix=".parsing-") as unfinished:
                self._parse(Path(unfinished) / "target")
                keep(Path(unfinished) / "target", parsed)
        return parsed

    def _parse(self, target: Path) -> None:
        self._dbt.parse(target)
        manifest = json.loads((target / "manifest.json").read_text())
        variables: dict[str, Any] = yaml.safe_load((self._dbt.folder / PROJECT_FILE).read_text())["vars"]
        plans = [asdict(plan) for plan in read_plans(manifest, variables)]
        (target / PLANS_FILE).write_text(json.dumps(plans))


def _plan(content: Mapping[str, Any]) -> MartPlan:
    spec = content["spec"]
    return MartPlan(
        spec=MartSpec(**{**spec, **{name: tuple(spec[name]) for name in ("inputs", "grain", "arrival")}}),
        model=content["model"],
        models=tuple(content["models"]),
        checks=tuple(PlannedCheck(**check) for check in content["checks"]),
        selectors=tuple(content["selectors"]),
    )


def _days(names: Sequence[str], complete_through: Mapping[str, date | str | None]) -> dict[str, str | None]:
    silent = [name for name in names if name not in complete_through]
    if silent:
        raise GuanxiError(f"{', '.join(silent)}: no complete_through was given. Give each mart a day or None.")
    days = {name: complete_through[name] for name in names}
    return {name: None if day is None else date.fromisoformat(str(day)).isoformat() for name, day in days.items()}


def _missing_inputs(plans: Sequence[MartPlan], pinned: Iterable[str]) -> dict[str, str]:
    """Marts of which an input is neither pinned nor built before, with the reason in words."""
    there = set(pinned)
    missing: dict[str, str] = {}
    for plan in plans:
        absent = [name for name in plan.spec.inputs if name not in there]
        if absent:
            missing[plan.spec.name] = f"{plan.spec.name}: {', '.join(absent)} was not pinned, so it was not built."
        else:
            there.add(plan.spec.name)
    return missing
