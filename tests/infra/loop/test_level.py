"""Who must wait where a run leaves some of what it reads to others."""

import pytest

from infra.loop.level import waits_for

# landing ─▶ raw.a ─▶ events.a ─▶ features.a ─▶ marts.a
#        └▶ raw.b ─▶ events.b ─▶ features.b    marts.both reads both features, marts.balance raw.* and events.*
INPUTS = {
    "raw.objects": ("landing",),
    "raw.a": ("raw.objects",),
    "raw.b": ("raw.objects",),
    "events.a": ("raw.a",),
    "events.b": ("raw.b",),
    "features.a": ("events.a",),
    "features.b": ("events.b", "events.a"),
    "marts.a": ("features.a",),
    "marts.both": ("features.a", "features.b"),
    "marts.balance": ("raw.a", "raw.b", "events.a", "events.b"),
}
MARTS = ("marts.a", "marts.both", "marts.balance")


def test_nobody_waits_for_what_is_level() -> None:
    assert waits_for(MARTS, INPUTS, []) == {}


def test_what_reads_along_one_path_waits_for_nobody() -> None:
    assert waits_for(["marts.a"], INPUTS, ["raw.a", "events.a", "features.a"]) == {}


def test_what_reads_a_dataset_and_what_it_was_made_from_waits_for_it() -> None:
    assert waits_for(MARTS, INPUTS, ["events.b"])["marts.balance"] == ["events.b"]


def test_two_inputs_made_from_the_same_must_both_have_taken_it_in() -> None:
    assert waits_for(["marts.both"], INPUTS, ["features.a"]) == {"marts.both": ["features.a"]}


@pytest.mark.parametrize("stale", ["features.a", "features.b"])
def test_what_is_stale_elsewhere_does_not_matter(stale: str) -> None:
    assert waits_for(["marts.balance", "events.a"], INPUTS, [stale]) == {}


def test_a_dataset_of_the_run_is_no_way_round() -> None:
    # features.a and marts.a are both brought level: the one path there is goes through them.
    assert waits_for(["features.a", "marts.a"], INPUTS, ["events.a"]) == {}


def test_what_takes_its_own_part_alone_shows_nothing_of_what_another_lacks() -> None:
    inputs = {**INPUTS, "events.of_both": ("raw.a", "raw.b"), "features.of_both": ("events.of_both",)}
    names = ["events.of_both", "features.of_both", "marts.balance"]
    by_object = ["raw.a", "raw.b"]

    assert waits_for(names, inputs, ["raw.a"], own_part=by_object) == {}
    with_register = {**inputs, "marts.balance": ("raw.objects", *INPUTS["marts.balance"])}
    assert waits_for(names, with_register, ["raw.a"], own_part=by_object) == {"marts.balance": ["raw.a"]}
    assert waits_for(names, inputs, ["events.b"], own_part=by_object)["marts.balance"] == ["events.b"]
