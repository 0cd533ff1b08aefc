"""Accepting by hand what the gate holds: a verdict of its own, with the reason, bound to exactly that content."""

from dataclasses import replace

from infra.app.app import App
from infra.lake.errors import GuanxiError
from infra.loop.verdict import ACCEPTED, FAILED, Verdict


class NothingHeldError(GuanxiError):
    """There is nothing that an acceptance could let pass."""


def accept(app: App, name: str, reason: str, source: str | None = None) -> list[Verdict]:
    """Accept the failed verdicts that bind now (of one source, or all); raises NothingHeldError if there is none."""
    dataset = app.datasets.find(name)
    failed = [
        verdict
        for verdict in app.verdicts.binding(dataset.name).values()
        if verdict.verdict == FAILED and source in (None, verdict.source)
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
