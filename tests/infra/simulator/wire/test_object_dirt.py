"""What goes wrong with whole objects: each kind is what it says, and stands beside the sound objects as it should."""

import gzip
import hashlib
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from infra.simulator.wire.dropped import Dropped, pack
from infra.simulator.wire.object_dirt import AGAIN, CHANGES, KINDS, ODD_NAMES, ObjectSoiler
from infra.simulator.wire.record import Line

DAY = date(2026, 3, 2)
HEAD = b"NO,AMOUNT_YUAN"
COUNT = 5
CSV_ONLY = {"wrong_total", "header_only"}
REFUSED = {"truncated": "sha256", "wrong_lines": "lines", "wrong_sha256": "sha256", "wrong_total": "totals"}
WAITING = {"no_manifest": "no_manifest", "still_written": "still_written"}


def sound(number: int) -> Dropped:
    """An object of CSV with a good line, a copy of another's, one that was corrected and a broken one."""
    lines = [
        Line(b"%d,1.00" % number, str(number), DAY, "events.plain", "good", head=HEAD),
        Line(b"9,2.00", "9", DAY, "events.plain", "duplicate", head=HEAD),
        Line(b"8,2.50", "8", DAY, "events.plain", "superseded", head=HEAD),
        Line(b"7", None, None, None, "quarantined", "wrong_field_count", HEAD),
    ]
    return pack(f"2026-03-02-00{number}.csv.gz", HEAD, lines, totals={"AMOUNT_YUAN": "5.50"})


SOUND = [sound(number) for number in range(COUNT)]
BY_STORED = {one.stored: one for one in SOUND}


def dropped(seed: int = 1, share: float = 0.1) -> list[Dropped]:
    """What is dropped on two days that should have the same objects; the second day alone has some of the first."""
    soiler, dice = ObjectSoiler(share), np.random.default_rng(seed)
    first = soiler.soiled(SOUND, dice)
    return [*first, *(one for one in soiler.soiled(SOUND, dice) if one.kind == AGAIN)]


@pytest.fixture(scope="module")
def by_kind() -> dict[str, Dropped]:
    return {one.kind: one for one in dropped()}


def said(one: Dropped) -> Mapping[str, Any]:
    assert one.manifest is not None
    return one.manifest


def is_true(one: Dropped) -> bool:
    """Whether name and SHA-256 are those of the manifest."""
    return (said(one)["object"], said(one)["sha256"]) == (one.name, hashlib.sha256(one.stored).hexdigest())


def test_every_kind_occurs_and_has_a_name_of_its_own() -> None:
    found = dropped()

    assert {one.kind for one in found} == set(KINDS) - {"sound"}
    assert len({one.name for one in found if one.kind != AGAIN}) == COUNT + len(CHANGES)


def test_every_sound_object_is_there_once_whatever_comes_besides() -> None:
    objects = [one for one in dropped() if one.kind == "sound" or one.kind in ODD_NAMES]

    assert [one.stored for one in objects] == [one.stored for one in SOUND]
    assert [one.lines for one in objects] == [one.lines for one in SOUND]
    assert {one.verdict for one in objects} == {"landed"}
    assert all(map(is_true, objects))


def test_the_lines_that_come_besides_are_copies_of_sound_ones_or_broken_once_more() -> None:
    besides = [line for one in dropped() if one.kind in {*CHANGES, AGAIN} for line in one.lines]

    assert [line.verdict for line in besides] == ["duplicate"] * 3 + ["quarantined"]


@pytest.mark.parametrize("kind", {**REFUSED, **WAITING})
def test_what_does_not_land_says_why_and_no_line_comes_by_it(by_kind: dict[str, Dropped], kind: str) -> None:
    one = by_kind[kind]

    assert one.verdict == ("refused" if kind in REFUSED else "waits")
    assert one.reason == {**REFUSED, **WAITING}[kind]
    assert one.lines == ()


def test_a_truncated_object_is_half_of_what_its_manifest_has_the_digest_of(by_kind: dict[str, Dropped]) -> None:
    one = by_kind["truncated"]

    (whole,) = [stored for stored in BY_STORED if hashlib.sha256(stored).hexdigest() == said(one)["sha256"]]
    assert one.stored == whole[: len(whole) // 2]
    with pytest.raises(EOFError):
        gzip.decompress(one.stored)


@pytest.mark.parametrize("kind", ["wrong_lines", "wrong_sha256", "wrong_total"])
def test_one_word_of_the_manifest_is_wrong_and_the_object_whole(by_kind: dict[str, Dropped], kind: str) -> None:
    one = by_kind[kind]

    right = {**said(BY_STORED[one.stored]), "object": one.name}
    assert {key for key, value in said(one).items() if value != right[key]} == {REFUSED[kind]}


def test_a_wrong_total_is_a_fen_too_high(by_kind: dict[str, Dropped]) -> None:
    assert Decimal(said(by_kind["wrong_total"])["totals"]["AMOUNT_YUAN"]) == Decimal("5.51")


def test_what_waits_has_no_manifest_or_the_name_of_what_is_still_written(by_kind: dict[str, Dropped]) -> None:
    assert by_kind["no_manifest"].manifest is None
    assert by_kind["still_written"].name.startswith(".")
    assert is_true(by_kind["still_written"])


@pytest.mark.parametrize(
    ("kind", "content"), [("empty_file", b""), ("blank_lines", b"\n\r\n\n"), ("header_only", HEAD + b"\n")]
)
def test_an_object_without_a_record_lands_with_a_manifest_that_is_true(
    by_kind: dict[str, Dropped], kind: str, content: bytes
) -> None:
    one = by_kind[kind]

    assert (one.stored if kind == "empty_file" else gzip.decompress(one.stored)) == content
    assert (one.verdict, one.lines, said(one)["lines"], said(one)["totals"]) == (
        "landed",
        (),
        0,
        {"AMOUNT_YUAN": "0.00"},
    )
    assert is_true(one)


def test_the_same_bytes_come_under_a_new_name(by_kind: dict[str, Dropped]) -> None:
    one = by_kind["same_bytes"]

    assert one.verdict == "copy"
    assert one.name != BY_STORED[one.stored].name
    assert [line.data for line in one.lines] == [line.data for line in BY_STORED[one.stored].lines]
    assert is_true(one)


def test_an_object_that_comes_again_has_the_name_and_the_bytes_of_before() -> None:
    *before, again = dropped()

    (same,) = [one for one in before if one.name == again.name]
    assert (again.stored, again.manifest, again.verdict) == (same.stored, same.manifest, "copy")
    assert again.lines == ()


@pytest.mark.parametrize(
    ("kind", "sign"),
    [
        ("name_underscore", "_2026"),
        ("name_equals", "="),
        ("name_spaces", " "),
        ("name_quotes", '"it\'s"'),
        ("name_emoji", "🛒"),
    ],
)
def test_an_odd_name_has_what_its_kind_says(by_kind: dict[str, Dropped], kind: str, sign: str) -> None:
    assert sign in by_kind[kind].name


def test_the_same_dice_give_the_same_objects_and_others_do_not() -> None:
    assert dropped(1) == dropped(1)
    assert dropped(1) != dropped(2)


def test_where_nothing_goes_wrong_objects_are_what_they_should_be() -> None:
    assert dropped(share=0.0) == SOUND


def test_where_nothing_is_dropped_nothing_comes_besides() -> None:
    assert ObjectSoiler(0.1).soiled([], np.random.default_rng(1)) == []


def test_a_larger_share_of_objects_has_each_kind() -> None:
    assert sum(one.kind == "wrong_lines" for one in dropped(share=0.4)) == 2


def test_an_object_without_totals_has_no_kind_that_needs_columns() -> None:
    lines = [Line(b"{}", None, None, None, "quarantined", "invalid_json")]
    objects = [pack("2026-03-02-000.jsonl.gz", b"", lines)]

    found = {one.kind for one in ObjectSoiler(0.1).soiled(objects, np.random.default_rng(1))}

    assert set(CHANGES) - found == CSV_ONLY


@pytest.mark.parametrize("kind", KINDS)
def test_the_manual_has_a_row_for_each_kind(kind: str) -> None:
    manual = (Path(__file__).parents[4] / "docs" / "simulator.md").read_text()

    assert f"| `{kind}` |" in manual
