"""Accepting by hand what the gate holds: a verdict of its own, with the reason, bound to exactly that content."""

from dataclasses import replace

from infra.app.app import App
from infra.lake.errors import GuanxiError
from infra.loop.plan import Grain
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
    # Only the newest failure of each source can still be what holds it: each new build leaves a verdict of its own.
    newest = {verdict.source: verdict for verdict in sorted(failed, key=lambda verdict: str(verdict.at))}
    if not newest:
        raise NothingHeldError(
            f"{name}: the gate holds nothing{f' of {source}' if source else ''}. See `guanxi status`."
        )
    accepted = [
        replace(verdict, verdict=ACCEPTED, reason=reason, at=None, run="by hand", seconds=0.0)
        for verdict in newest.values()
    ]
    app.verdicts.record(accepted)
    return accepted
