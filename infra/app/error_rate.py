"""Notices about sources of which more could not be read than their contracts allow: counts and reasons, no value."""

from collections import Counter
from collections.abc import Iterable

from expectations.contract import Contract
from infra.app.app import App
from infra.app.kinds.landing_objects import OBJECTS, object_key
from infra.app.notify import Notice
from infra.app.quarantine import PLACE, key_of, quarantined
from infra.lake import provenance
from infra.lake.filters import equals, is_in
from infra.loop.result import Outcome, Result

REASONS_TOLD = 3


def too_many_quarantined(app: App, results: Iterable[Result]) -> list[Notice]:
    """A notice for each source that a run published with more unreadable records than its contract allows.

    What counts are the records that the run decoded, be they new or decoded again.
    """
    sources = {contract.name: contract for contract in app.datasets.sources.values()}
    told = [result for result in results if result.outcome is Outcome.PUBLISHED and result.dataset in sources]
    found = (_notice(app, sources[result.dataset], result.snapshot_id) for result in told)
    return [notice for notice in found if notice is not None]


def _notice(app: App, source: Contract, snapshot_id: int | None) -> Notice | None:
    said = provenance.read(app.lake.table(source.name), snapshot_id) if snapshot_id else None
    decoded = frozenset(said.built) if said else frozenset()
    received = _received(app, source, decoded)
    reasons = _reasons(app, source, decoded)
    bad = sum(reasons.values())
    if not received or bad <= source.error_rate * received:
        return None
    most = ", ".join(f"{reason} {count:,}" for reason, count in reasons.most_common(REASONS_TOLD))
    return Notice(
        f"{source.short_name}: {bad / received:.1%} quarantined",
        f"{bad:,} of {received:,} records that were decoded could not be read, and {source.error_rate:.1%} may be: "
        f"{most}. See `guanxi quarantine list --source {source.short_name}`; "
        "docs/operations.md, Records that could not be read.",
    )


def _received(app: App, source: Contract, decoded: frozenset[str]) -> int:
    """Records of the decoded objects, by the independent count."""
    rows = app.lake.table(OBJECTS).scan(row_filter=equals("source", source.short_name)).to_arrow().to_pylist()
    return sum(row["records"] for row in rows if object_key(row) in decoded and row["verdict"] != "superseded")


def _reasons(app: App, source: Contract, decoded: frozenset[str]) -> Counter[str]:
    sha256s = {key.split("/", 2)[1] for key in decoded}
    if not sha256s:
        return Counter()
    rows = quarantined(app, source, (*PLACE, "reason"), is_in("object_sha256", sha256s)).to_pylist()
    return Counter(row["reason"] for row in rows if key_of(source, row) in decoded)
