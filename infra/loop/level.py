"""Which datasets of a run must wait, where the run does not bring everything behind them level itself.

A dataset read along two paths must look the same along both: what one input does not show yet, another may show.
"""

from collections.abc import Collection, Mapping

from infra.loop.build import plan_dataset
from infra.loop.dataset import Dataset, Pins
from infra.loop.plan import EVERYTHING
from infra.loop.verdict import Verdicts

Inputs = Mapping[str, Collection[str]]
"""Every dataset behind a run with the names of what it reads."""


def waits_for(
    names: Collection[str], inputs: Inputs, stale: Collection[str], own_part: Collection[str] = ()
) -> dict[str, list[str]]:
    """Name for each dataset that must wait the stale ones behind it.

    It must wait for a stale one if something that this one still has to take in reaches it by another way too. That is
    never by way of those that take only their `own_part` of what they read, as a source does of the landed objects.
    """
    found = {
        name: [
            old
            for old in sorted(stale)
            if old in _reached([name], inputs) and _is_passed_by(name, old, inputs, own_part)
        ]
        for name in names
    }
    return {name: olds for name, olds in found.items() if olds}


def is_stale(dataset: Dataset, pins: Pins, verdicts: Verdicts) -> bool:
    """Whether a run of this dataset would build something, at the versions of its inputs that are published now."""
    if not all(name in pins and "." in name for name in dataset.inputs):
        return False  # what reads the outside has no input whose version could be compared
    return bool(plan_dataset(dataset, pins, EVERYTHING, verdicts).build)


def _is_passed_by(name: str, stale: str, inputs: Inputs, own_part: Collection[str]) -> bool:
    """Whether anything behind a stale dataset is behind `name` as well, along a way that goes round it."""
    ways = {one: () if one in own_part else reads for one, reads in inputs.items()}
    around = _reached([name], ways, without=stale)
    return not around.isdisjoint(_reached(inputs[stale], inputs))


def _reached(names: Collection[str], inputs: Inputs, without: str | None = None) -> set[str]:
    """Some datasets and all they read, except what is read through `without` alone."""
    reached: set[str] = set()
    queue = list(names)
    while queue:
        name = queue.pop()
        if name not in reached and name in inputs and name != without:
            reached.add(name)
            queue.extend(inputs[name])
    return reached
