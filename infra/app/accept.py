"""Accepting by hand what the gate holds: a verdict of its own, with the reason, bound to exactly that content."""

from dataclasses import replace

from infra.app.app import App
from infra.lake.errors import GuanxiError
from infra.loop.build import held_keys, pending_of
from infra.loop.dataset import Dataset
from infra.loop.plan import Grain, Pending, Why
from infra.loop.verdict import ACCEPTED, FAILED, Verdict, verdict_key


class NothingHeldError(GuanxiError):
    """There is nothing that an acceptance could let pass."""


def accept(app: App, name: str, reason: str, source: str | None = None) -> list[Verdict]:
    """Accept the failed verdicts that bind now (of one source, or all); raises NothingHeldError if there is none."""
    dataset = app.datasets.find(name)
    if dataset.node.grain is Grain.OBJECT:
        raise NothingHeldError(
            f"{name}: records that do not add up cannot be accepted. "
            "Land a correct object that supersedes the wrong one."
        )
    pins = app.pins()
    failed = [
        verdict
        for verdict in app.verdicts.binding(dataset.name).values()
        if verdict.verdict == FAILED
        and source in (None, verdict.source)
        and verdict_key(dataset, pins, frozenset(verdict.partitions), verdict.source) == verdict.key
    ]
    # What the ledger owes names the verdict of each held range; besides, the newest of each source may hold the next.
    named = {key for why in _pending(dataset) if why.why is Why.HELD for key in held_keys(why.about).values()}
    newest = {verdict.source: verdict.key for verdict in sorted(failed, key=lambda verdict: str(verdict.at))}
    holding = [verdict for verdict in failed if verdict.key in named or verdict.key == newest[verdict.source]]
    if not holding:
        raise NothingHeldError(
            f"{name}: the gate holds nothing{f' of {source}' if source else ''}. See `guanxi status`."
        )
    _refuse_what_was_never_built(name, holding)
    accepted = [
        replace(verdict, verdict=ACCEPTED, reason=reason, at=None, run="by hand", seconds=0.0) for verdict in holding
    ]
    app.verdicts.record(accepted)
    return accepted


def _pending(dataset: Dataset) -> list[Pending]:
    published = dataset.published()
    return list(pending_of(published).values()) if published else []


def _refuse_what_was_never_built(name: str, verdicts: list[Verdict]) -> None:
    for check in (check for verdict in verdicts for check in verdict.checks):
        if not check.passed and not check.can_be_accepted:
            raise NothingHeldError(
                f"{name}: {check.name}: {check.observed}. There are no rows that could be let pass; mend the model."
            )
