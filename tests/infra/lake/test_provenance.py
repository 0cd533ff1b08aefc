from hypothesis import given
from hypothesis import strategies as st

from infra.lake import branch, provenance
from infra.lake.catalog import Lake
from infra.lake.provenance import Provenance, day_ranges, published, seal

FULL = Provenance(
    inputs={"events.order_line": "123", "features.x": "9"},
    code="abc",
    run="run_1",
    covers=("2026-03-01", "2026-03-05"),
    pending={"2026-03-01": "code:", "2026-03-02": "code:", "2026-03-04": "held:shop key", "src/abc/a, b.csv": "code:"},
    complete_through="2026-03-03",
    event_days=("2026-03-01", "2026-03-05"),
)


def test_a_sealed_version_says_what_was_sealed_into_it(lake: Lake, visits: str) -> None:
    branch.create(lake, visits, "run_1")
    sealed = seal(lake, visits, "run_1", FULL)

    assert provenance.read(lake.table(visits), sealed) == FULL


def test_a_seal_leaves_main_as_it_was(lake: Lake, visits: str) -> None:
    branch.create(lake, visits, "run_1")
    seal(lake, visits, "run_1", FULL)

    assert published(lake.table(visits)) is None


def test_a_table_that_was_never_published_has_no_provenance(lake: Lake, visits: str) -> None:
    assert published(lake.table(visits)) is None
    assert published(None) is None


def test_adjacent_days_are_kept_as_ranges() -> None:
    assert day_ranges(["2026-02-27", "2026-02-28", "2026-03-01", "2026-03-03"]) == [
        "2026-02-27..2026-03-01",
        "2026-03-03",
    ]


@given(st.dictionaries(st.dates().map(str), st.sampled_from(["code:", "range:", "waits:events.x", "held:a b"])))
def test_any_pending_days_survive_the_summary(pending: dict[str, str]) -> None:
    summary = Provenance({}, "c", "r", pending=pending).summary()

    assert provenance.parse(summary).pending == pending
