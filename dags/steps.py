"""The tasks of a unit's DAG as operators, each one call of the application.

Pull ─▶ Build ─▶ Gate ─▶ Publish   those that may use the engine share its pool and link to the page of their run
"""

from inspect import cleandoc
from typing import Any, ClassVar, Final

from airflow.sdk import Asset, AssetAlias, BaseOperator, BaseOperatorLink, BaseXCom, Context, TriggerRule
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException
from airflow.sdk.types import TaskInstanceKey

from infra.app.airflow_settings import ENGINE_POOL, PAGES
from infra.app.declared import RUNS, Unit

BUILD: Final = "build"


class RunPage(BaseOperatorLink):
    """Leads from a task to the page of the run that it built, gated or published."""

    name = "Results"

    def get_link(self, operator: BaseOperator, *, ti_key: TaskInstanceKey) -> str:
        """Address of the page, empty where nothing was built; Airflow asks for it in the task's own process."""
        run = BaseXCom.get_one(
            key=BaseXCom.XCOM_RETURN_KEY,
            dag_id=ti_key.dag_id,
            task_id=BUILD,
            run_id=ti_key.run_id,
            map_index=ti_key.map_index,
        )
        return f"{PAGES}/runs/{run}.html" if run else ""


class UnitTask(BaseOperator):
    """One call of the application for a unit; Airflow shows the docstring of its class."""

    rule: ClassVar[TriggerRule] = TriggerRule.ALL_SUCCESS

    def __init__(self, *, unit: Unit, **options: Any) -> None:  # noqa: ANN401 - whatever Airflow's own tasks take
        super().__init__(doc_md=cleandoc(type(self).__doc__ or ""), trigger_rule=self.rule, **options)
        self.unit = unit


class Pull(UnitTask):
    """Land what is complete in the source's inbox and what its platform has, and register what has landed."""

    def execute(self, context: Context) -> dict[str, int]:
        """Return how many pages were fetched, and what was met on the way."""
        from infra.app import tasks

        return tasks.pull(str(self.unit.source))


class Step(UnitTask):
    """One step of a run, in the engine's pool."""

    operator_extra_links = (RunPage(),)
    weight: ClassVar[int] = 1

    def __init__(self, *, unit: Unit, **options: Any) -> None:  # noqa: ANN401
        # A run that has begun is ended before another begins.
        weight = {"weight_rule": "absolute", "priority_weight": self.weight}
        super().__init__(unit=unit, pool=ENGINE_POOL, **weight, **options)

    def run_built(self, context: Context) -> str:
        """The run's id, as the build returned it."""
        return str(context["ti"].xcom_pull(task_ids=BUILD))


class Build(Step):
    """Plan, and build what is out of date on branches named after the run."""

    # What was refused at the door does not keep back the rest.
    rule = TriggerRule.ALL_DONE

    def execute(self, context: Context) -> str:
        """Return the run's id; skipped where nothing is out of date, or where only the plan was asked for."""
        from infra.app import tasks
        from infra.loop.plan import Scope

        asked, ti = context["params"], context["ti"]
        scope = Scope(asked["from"], asked["to"], asked["rebuild"])
        last_try = ti.try_number > ti.max_tries
        run = tasks.build(self.unit.datasets, scope, dry_run=asked["dry_run"], last_try=last_try)
        if run is None:
            raise AirflowSkipException("nothing is out of date, or this was a dry run")
        return run


class Gate(Step):
    """Run the contracts' rules on what was built; fails at once for bad data."""

    weight = 2

    def execute(self, context: Context) -> None:
        """Call the application."""
        from infra.app import tasks

        tasks.gate(self.unit.datasets, self.run_built(context))


class Publish(Step):
    """Publish exactly what passed, and ring those who read it."""

    weight = 3

    # What the gate holds back must not keep back the rest; what did not pass is not published whatever the rule.
    rule = TriggerRule.ALL_DONE_MIN_ONE_SUCCESS

    def execute(self, context: Context) -> list[str]:
        """Return the names of what was published."""
        from infra.app import tasks

        published = tasks.publish(self.unit.datasets, self.run_built(context))
        # Which assets are rung is known only now: the alias stands for all of the unit's.
        events = context["outlet_events"][AssetAlias(self.unit.name)]
        for name in [*published, RUNS]:
            events.add(Asset(name))
        return published


class AllGood(UnitTask):
    """Fails the run where something was refused, held or broken; skipped where nothing was."""

    # Airflow judges a run by its last task, and what passed is published though something else did not.
    rule = TriggerRule.ONE_FAILED

    def execute(self, context: Context) -> None:
        """Fail."""
        raise AirflowFailException("something was refused, held or broken: see the failed task")
