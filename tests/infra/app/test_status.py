"""Which sources keep a dataset from being complete any further, and what `guanxi status` says of one left alone."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from infra.app.cli import render
from infra.app.closed import Rest
from infra.app.freshness import Late
from infra.app.status import DatasetStatus, held_back

REST = Rest(datetime(2026, 3, 5, 12, tzinfo=UTC).timestamp(), 5, "social_b: http://x gave no page: 503.")
LATE = Late("raw.shop", datetime(2026, 3, 4, tzinfo=UTC), "nothing has come", "Ask.")
INPUTS = {
    "raw.social_b": ["raw.objects"],
    "raw.shop": ["raw.objects"],
    "events.order_line": ["raw.social_b", "raw.shop"],
    "marts.sales": ["events.order_line"],
    "marts.other": ["raw.shop"],
}


def rows(
    social_b: str | None, shop: str | None, *, rest: Rest | None = None, late: Late | None = None
) -> dict[str, DatasetStatus]:
    least = min(filter(None, (social_b, shop)), default=None)
    found = [
        DatasetStatus("raw.social_b", "level", complete_through=social_b, left_alone=rest),
        DatasetStatus("raw.shop", "level", complete_through=shop, late=late),
        DatasetStatus("events.order_line", "level", complete_through=least),
        DatasetStatus("marts.sales", "level", complete_through=least),
        DatasetStatus("marts.other", "level", complete_through=shop),
    ]
    return {row.dataset: row for row in found}


@pytest.mark.parametrize(
    ("found", "behind"),
    [
        (rows("2026-03-02", "2026-03-05", rest=REST), ("raw.social_b",)),
        (rows("2026-03-05", "2026-03-02", late=LATE), ("raw.shop",)),
        (rows("2026-03-02", "2026-03-05"), ()),
        (rows("2026-03-05", "2026-03-05", rest=REST), ()),
        (rows("2026-03-05", "2026-03-02", rest=REST), ()),
        (rows(None, "2026-03-05", rest=REST), ()),
    ],
    ids=["at rest", "late", "merely later by nature", "not behind yet", "another one is behind", "never delivered"],
)
def test_a_dataset_is_behind_with_the_ailing_source_that_ends_first(
    found: dict[str, DatasetStatus], behind: tuple[str, ...]
) -> None:
    assert held_back(found["marts.sales"], INPUTS, found) == behind


@pytest.mark.parametrize("state", ["held", "failed"])
def test_a_dataset_is_behind_with_every_source_that_is_stopped_however_far_it_is(state: str) -> None:
    found = rows("2026-03-05", "2026-03-05")
    found["raw.shop"] = replace(found["raw.shop"], state=state)

    assert held_back(found["marts.sales"], INPUTS, found) == ("raw.shop",)
    assert held_back(found["raw.shop"], INPUTS, found) == ()


def test_what_does_not_read_the_source_is_not_behind_with_it() -> None:
    found = rows("2026-03-02", "2026-03-05", rest=REST)

    assert held_back(found["marts.other"], INPUTS, found) == ()


def test_status_says_until_when_a_source_is_left_alone_and_why(capsys: pytest.CaptureFixture[str]) -> None:
    found = DatasetStatus("raw.social_b", "level", left_alone=REST)
    mart = DatasetStatus("marts.sales", "level", complete_through="2026-03-02", behind=("raw.social_b",))
    render.status([found, mart], as_json=False)

    said = re.sub(r"\s+", " ", capsys.readouterr().out)
    assert "LEFT ALONE until 2026-03-05 12:00Z: social_b: http://x gave no page: 503." in said
    assert "marts.sales level 2026-03-02 - BEHIND as raw.social_b is" in said
