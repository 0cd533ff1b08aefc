"""What stands before the door is said with why and what to do: refused objects, and those that wait in an inbox."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from infra.app.app import App
from infra.app.door import Outside, outside
from infra.app.pull import pull
from infra.lake.settings import Settings

SOURCE = "retail_export"
WAITS_FOR_MANIFESTS = "shop_plugin"


@pytest.fixture
def app(tmp_path: Path) -> App:
    return App(Settings(home=tmp_path / "home"))


def drop(app: App, source: str, name: str, text: str = "x\n") -> Path:
    inbox = app.settings.inbox_dir / source
    inbox.mkdir(parents=True, exist_ok=True)
    (inbox / name).write_text(text)
    return inbox / name


def refuse(app: App, name: str = "a.csv") -> None:
    """Drop an object with a manifest about another one, and have it refused."""
    drop(app, SOURCE, f"{name}.manifest.json", '{"object": "b.csv", "lines": 0, "sha256": "' + "0" * 64 + '"}')
    drop(app, SOURCE, name)
    pull(app, SOURCE)


def only(app: App, source: str) -> Outside:
    (found,) = outside(app, [source])
    return found


def test_a_refused_object_is_said_with_its_reason_its_place_and_the_remedy(app: App) -> None:
    refuse(app)

    found = only(app, SOURCE)

    assert (found.name, found.state) == ("a.csv", "refused")
    assert "its object is a.csv, its manifest says b.csv" in found.reason
    assert Path(found.path).read_text() == "x\n"
    assert found.remedy == "Have the sender deliver object and manifest again, then `guanxi pull retail_export`"


def test_a_refused_object_that_was_delivered_again_since_is_nothing_to_act_on(app: App) -> None:
    refuse(app)
    drop(app, SOURCE, "a.csv", "right\n")
    pull(app, SOURCE)

    assert "landed since" in only(app, SOURCE).remedy


def test_an_object_of_the_name_that_was_landed_before_does_not_hide_a_refusal(app: App) -> None:
    drop(app, SOURCE, "a.csv", "yesterday\n")
    pull(app, SOURCE)
    refuse(app)
    late = datetime.now(UTC).timestamp() + 60
    os.utime(app.settings.refused_dir / SOURCE / "a.csv.reason.txt", (late, late))

    assert "deliver object and manifest again" in only(app, SOURCE).remedy


def test_of_several_objects_of_a_name_the_one_landed_last_counts(app: App, monkeypatch: pytest.MonkeyPatch) -> None:
    for content in ("first\n", "second\n"):
        drop(app, SOURCE, "a.csv", content)
        pull(app, SOURCE)
    received = sorted(item.received_at for item in app.landing.objects(SOURCE))
    refuse(app)
    between = received[0] + (received[1] - received[0]) / 2
    os.utime(app.settings.refused_dir / SOURCE / "a.csv.reason.txt", times=(between.timestamp(), between.timestamp()))
    newest_first = sorted(app.landing.objects(SOURCE), key=lambda item: item.received_at, reverse=True)
    monkeypatch.setattr(app.landing, "objects", lambda _: newest_first)

    assert "landed since" in only(app, SOURCE).remedy


@pytest.mark.parametrize("letters", [251, 255])
def test_a_name_that_is_too_long_is_said_whole(app: App, letters: int) -> None:
    drop(app, SOURCE, "n" * letters)
    pull(app, SOURCE)

    assert only(app, SOURCE).name == "n" * letters


def test_a_name_that_leaves_no_room_for_a_manifest_waits_for_it(app: App) -> None:
    drop(app, WAITS_FOR_MANIFESTS, "n" * 251)

    assert only(app, WAITS_FOR_MANIFESTS).reason == "its manifest has not come"


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("a.jsonl", "its manifest has not come"),
        ("a.jsonl.part", "it is still being written"),
        (".a.jsonl", "it is still being written"),
        ("a.jsonl.manifest.json", "its object has not come"),
    ],
)
def test_what_waits_in_an_inbox_is_said_with_what_it_waits_for(app: App, name: str, reason: str) -> None:
    drop(app, WAITS_FOR_MANIFESTS, name)

    found = only(app, WAITS_FOR_MANIFESTS)

    assert (found.name, found.state, found.reason) == (name, "waits", reason)


def test_a_name_that_is_no_text_is_said_as_one(app: App) -> None:
    drop(app, WAITS_FOR_MANIFESTS, "a\udcff\x1b.jsonl")

    found = only(app, WAITS_FOR_MANIFESTS)

    assert found.name == r"a\xff\x1b.jsonl"
    assert all(text.isprintable() for text in (found.name, found.path, found.reason, found.remedy))


def test_what_the_next_pull_takes_in_waits_for_nothing(app: App) -> None:
    drop(app, SOURCE, "a.csv")
    drop(app, WAITS_FOR_MANIFESTS, "a.jsonl")
    drop(app, WAITS_FOR_MANIFESTS, "a.jsonl.manifest.json")

    assert outside(app) == []


def test_what_is_older_than_the_day_asked_for_is_left_out(app: App) -> None:
    drop(app, WAITS_FOR_MANIFESTS, "a.jsonl")
    now = datetime.now(UTC)

    assert outside(app, since=now + timedelta(minutes=5)) == []
    assert len(outside(app, since=now - timedelta(minutes=5))) == 1
