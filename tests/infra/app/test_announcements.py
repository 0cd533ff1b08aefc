"""What a bucket announces in its queue rings, whatever the queue does with it; nothing in the queue stops the bell."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from moto import mock_aws

from infra.app.announcements import Announcements
from infra.app.doorbell import arrivals
from infra.lake.errors import GuanxiError
from infra.lake.object_store import StoreError
from infra.lake.settings import Settings
from tests.support.notice_queue import SHA256, TRIES, Queue, announced


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Queue]:
    with mock_aws():
        yield Queue(tmp_path)


def test_a_receipt_rings_for_its_source_and_its_message_is_gone(queue: Queue) -> None:
    before = arrivals(queue.settings, "shop_plugin")
    queue.send(announced())

    assert queue.bell.hear(0) == ["shop_plugin"]
    assert arrivals(queue.settings, "shop_plugin") - before
    assert arrivals(queue.settings, "social_a") == frozenset()
    assert queue.count(queue.url) == 0


@pytest.mark.parametrize("name", ["a+b.csv", "sch%C3%B6n.csv", "a%2Bb%3D%25.csv"])
def test_names_come_encoded(queue: Queue, name: str) -> None:
    queue.send(announced(f"landing/shop_plugin/{SHA256}/{name}.landed.json"))

    assert queue.bell.hear(0) == ["shop_plugin"]


@pytest.mark.parametrize(
    "message",
    [
        pytest.param(announced(f"landing/shop_plugin/{SHA256}/a.csv"), id="an object whose receipt is not there yet"),
        pytest.param(
            announced(f"landing/shop_plugin/{SHA256}/00000001-x.page.json.landed.json"), id="a page that was fetched"
        ),
        pytest.param(announced(f"landings/shop_plugin/{SHA256}/a.csv.landed.json"), id="another prefix"),
        pytest.param(announced(bucket="other"), id="another bucket"),
        pytest.param(announced(event="ObjectRemoved:Delete"), id="a removal"),
        pytest.param(announced("landing/../../a.landed.json"), id="a key that leads out"),
        pytest.param(announced("landing/unknown/0/a.landed.json"), id="a source without a contract"),
        pytest.param(announced("landing/objects/0/a.landed.json"), id="the register of objects, which is no source"),
        pytest.param({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "bucket"}, id="the trial message"),
        pytest.param({"Records": []}, id="nothing"),
    ],
)
def test_what_brings_no_object_rings_for_nobody_and_is_gone(queue: Queue, message: object) -> None:
    queue.send(message)

    assert queue.bell.hear(0) == []
    assert queue.count(queue.url) == 0
    assert not queue.settings.rung_dir.exists()


@pytest.mark.fault(24, how="messages that announce nothing, in a queue with a dead-letter queue", part=True)
@pytest.mark.parametrize(
    "poison", ["", "no JSON", "[1]", "null", '{"Records": 1}', '{"Records": [{"eventName": 1}]}', "[" * 100_000]
)
def test_poison_reaches_the_dead_letter_queue_and_stops_nothing(
    queue: Queue, poison: str, caplog: pytest.LogCaptureFixture
) -> None:
    queue.send(poison or " ")
    queue.send(announced())

    rung = [queue.bell.hear(0) for _ in range(TRIES + 1)]

    assert rung == [["shop_plugin"], [], []]
    assert queue.count(queue.url) == 0
    assert queue.count(queue.dead) == 1
    assert "announces no object. It is left to the queue." in caplog.text


@pytest.mark.fault(24, how="an announced key that no file can be called after", part=True)
def test_a_key_that_names_no_possible_file_keeps_no_other_source_from_being_rung(queue: Queue) -> None:
    queue.send(announced(f"landing/{'a' * 300}/0/x.landed.json"))
    queue.send(announced())

    assert [source for _ in range(2) for source in queue.bell.hear(0)] == ["shop_plugin"]
    assert queue.count(queue.url) == 0


@pytest.mark.fault(23, 24, how="ended between ringing and deleting the message, which is visible again", part=True)
def test_one_that_dies_before_it_deletes_hears_the_message_again(queue: Queue, monkeypatch: pytest.MonkeyPatch) -> None:
    queue.send(announced())
    with monkeypatch.context() as killed:
        killed.setattr(queue.bell, "_delete", _die)
        with pytest.raises(KeyboardInterrupt):
            queue.bell.hear(0)

    assert arrivals(queue.settings, "shop_plugin")
    assert queue.bell.hear(0) == ["shop_plugin"]


def _die(_: list[str]) -> None:
    raise KeyboardInterrupt


@pytest.mark.fault(25, how="a queue that does not delete what it is asked to", part=True)
def test_a_message_that_was_not_deleted_rings_again(
    queue: Queue, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    queue.send(announced())
    with monkeypatch.context() as failing:
        failed = {"Failed": [{"Id": "0", "Code": "InternalError", "SenderFault": False}]}
        failing.setattr(queue.bell.client, "delete_message_batch", lambda **_: failed)
        queue.bell.hear(0)

    assert "a message was not deleted (InternalError), and comes again" in caplog.text
    assert queue.bell.hear(0) == ["shop_plugin"]


@pytest.mark.fault(27, how="sixty messages, each twice, of two sources in turn", part=True)
def test_a_burst_of_doubled_messages_is_emptied(queue: Queue) -> None:
    for number in range(60):
        queue.send(
            announced(f"landing/{('shop_plugin', 'social_a')[number % 2]}/{SHA256}/{number // 4}.csv.landed.json")
        )

    rung = [queue.bell.hear(0) for _ in range(6)]

    assert {source for sources in rung for source in sources} == {"shop_plugin", "social_a"}
    assert queue.count(queue.url) == 0
    assert sorted(file.name for file in queue.settings.rung_dir.iterdir()) == ["shop_plugin", "social_a"]


class EnoughError(Exception):
    """Ends what would listen for ever."""


def test_a_queue_that_cannot_be_read_is_said_and_asked_again_and_again(
    queue: Queue, caplog: pytest.LogCaptureFixture
) -> None:
    queue.client.delete_queue(QueueUrl=queue.url)
    pauses = list[float]()

    def pause(seconds: float) -> None:
        pauses.append(seconds)
        if len(pauses) == 8:
            raise EnoughError

    with pytest.raises(EnoughError):
        queue.bell.listen(pause)

    assert pauses == [1, 2, 4, 8, 16, 32, 60, 60]
    assert f"{queue.url}: it was tried to receive messages" in caplog.text
    assert "there is none. Create it" in caplog.text


def test_who_has_no_queue_is_told_which_settings_name_one(tmp_path: Path) -> None:
    with pytest.raises(GuanxiError, match="Set GUANXI_LANDING_URL and GUANXI_LANDING_QUEUE_URL"):
        Announcements(Settings(home=tmp_path, landing_url="s3://bucket"))


def test_without_a_region_the_setting_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_DEFAULT_REGION", "AWS_REGION"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    there = Settings(home=tmp_path, landing_url="s3://bucket", landing_queue_url="https://sqs.example.org/1/q")

    with pytest.raises(StoreError, match="Set GUANXI_LANDING_REGION"):
        Announcements(there)
