"""What a run would do, found out without building anything: the same planner, fed with what it can know beforehand."""

from collections.abc import Sequence
from dataclasses import dataclass

from infra.app.app import App
from infra.loop.build import plan_dataset
from infra.loop.plan import EVERYTHING, Grain, Partition, Plan, Scope


@dataclass(frozen=True)
class Forecast:
    """The plan of one dataset, an upper bound: days of undecoded objects are not known yet, equal rows are not written.

    `after` names the inputs whose own builds may add to it.
    """

    dataset: str
    plan: Plan
    after: tuple[str, ...]

    @property
    def is_level(self) -> bool:
        """Whether there is nothing to do and nothing upstream can change that."""
        return not self.after and self.plan.is_level


def survey(app: App, names: Sequence[str] = (), scope: Scope = EVERYTHING) -> list[Forecast]:
    """Forecast for the named datasets (or all) and what they read, in reading order."""
    chosen = app.datasets.chosen(names)
    for dataset in chosen:
        app.prepare_unless_there(dataset)
    pins = app.pins()
    expected: dict[str, frozenset[Partition]] = {}
    unknown: set[str] = set()
    forecasts = []
    for dataset in chosen:
        upstream = {name: days for name, days in expected.items() if name in dataset.inputs}
        plan = plan_dataset(dataset, pins, scope, app.verdicts, upstream)
        after = tuple(name for name in dataset.inputs if name in unknown)
        forecasts.append(Forecast(dataset.name, plan, after))
        if not after and not scope.rebuild and app.verdicts.refusal(dataset, pins, plan.build):
            continue  # nothing of it will move, and what may go on without it does
        if after or (plan.build and dataset.node.grain is Grain.OBJECT):
            unknown.add(dataset.name)
        elif plan.build:
            expected[dataset.name] = frozenset(plan.build)
    return forecasts
