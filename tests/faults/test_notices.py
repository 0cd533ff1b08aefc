"""Notices that nobody can read, that come again, stay or come by thousands: tables are whole all the same."""

import json
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from moto import mock_aws
from pyspark.sql import SparkSession

from infra.app.doorbell import arrivals
from tests.faults.three_days import DATASETS, DAYS, check_made_good, land, shown_days
from tests.support.home import SOURCE, open_home
from tests.support.notice_queue import BUCKET, REGION, Queue, announced

BURST = 10_000
POISON = "no JSON"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.fault(24, 25, 27, how="to a home that builds when it has rung and at no other time", part=True),
]


class Listener:
    """A home whose bucket announces what is landed, and who builds when that has rung and at no other time."""

    def __init__(self, folder: Path, spark: SparkSession) -> None:
        self.folder = folder
        self.queue = Queue(folder / "home")
        self.bell = self.queue.bell
        self.app = open_home(folder, spark, **self.queue.landing)
        self.seen = arrivals(self.app.settings, SOURCE)

    def hear_all(self) -> None:
        """Until the queue is empty."""
        while self.queue.count(self.queue.url):
            self.bell.hear(0)

    def build_if_rung(self) -> bool:
        """What the watcher of the source has done."""
        now = arrivals(self.app.settings, SOURCE)
        is_rung, self.seen = bool(now - self.seen), now
        if is_rung:
            self.app.run(DATASETS)
        return is_rung


@pytest.fixture(scope="module")
def home(spark: SparkSession, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Listener]:
    with mock_aws():
        home = Listener(tmp_path_factory.mktemp("notices"), spark)
        store = boto3.client("s3", region_name=REGION)
        store.create_bucket(Bucket=BUCKET)
        told = {"QueueConfigurations": [{"QueueArn": home.queue.arn(home.queue.url), "Events": ["s3:ObjectCreated:*"]}]}
        store.put_bucket_notification_configuration(Bucket=BUCKET, NotificationConfiguration=told)
        yield home


def test_1_before_anything_is_landed_nothing_rings(home: Listener) -> None:
    home.hear_all()

    assert not home.build_if_rung()


def test_2_one_that_ends_before_it_deletes_has_rung_and_hears_it_all_again(
    home: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.queue.send(POISON)
    land(home.app, home.folder, DAYS[0])
    with monkeypatch.context() as killed:
        killed.setattr(home.bell, "_delete", die)
        with pytest.raises(KeyboardInterrupt):
            home.bell.hear(0)

    assert home.build_if_rung()
    assert shown_days(home.app) == 1
    home.hear_all()
    assert home.build_if_rung()
    assert home.queue.count(home.queue.dead) == 1


def die(_: list[str]) -> None:
    raise KeyboardInterrupt


def test_3_what_was_not_deleted_with_the_rest_rings_again(home: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    delete = home.bell.client.delete_message_batch

    def in_part(**asked: Any) -> dict[str, Any]:
        *others, kept = asked["Entries"]
        delete(**asked | {"Entries": others})
        return {"Failed": [{"Id": kept["Id"], "Code": "InternalError", "SenderFault": False}]}

    land(home.app, home.folder, DAYS[1])
    with monkeypatch.context() as failing:
        failing.setattr(home.bell.client, "delete_message_batch", in_part)
        home.bell.hear(0)

    assert home.build_if_rung()
    assert shown_days(home.app) == 2
    assert home.queue.count(home.queue.url) == 1
    home.hear_all()
    assert home.build_if_rung()


class Burst:
    """A queue in memory, since that of the tests would take half an hour for them; what is not deleted comes again."""

    def __init__(self, bodies: list[dict[str, Any]]) -> None:
        self.left = {str(number): json.dumps(body) for number, body in enumerate(bodies)}

    def receive_message(self, **asked: Any) -> dict[str, Any]:
        some = list(self.left.items())[: asked["MaxNumberOfMessages"]]
        return {"Messages": [{"MessageId": name, "ReceiptHandle": name, "Body": body} for name, body in some]}

    def delete_message_batch(self, **asked: Any) -> dict[str, Any]:
        for entry in asked["Entries"]:
            del self.left[entry["ReceiptHandle"]]
        return {}


def test_4_ten_thousand_each_twice_and_in_any_order_are_emptied_and_ring(
    home: Listener, monkeypatch: pytest.MonkeyPatch
) -> None:
    land(home.app, home.folder, DAYS[2])
    landed = [f"landing/{SOURCE}/{item.key}.landed.json" for item in home.app.landing.objects()]
    others = [f"landing/{SOURCE}/{number:064x}/{number}.csv.landed.json" for number in range(BURST // 2 - len(landed))]
    burst = [announced(key) for key in landed + others] * 2
    random.Random(7).shuffle(burst)
    queue = Burst(burst)
    with monkeypatch.context() as many:
        many.setattr(home.bell, "client", queue)
        while queue.left:
            home.bell.hear(0)

    assert home.build_if_rung()
    assert not home.build_if_rung()


@pytest.mark.fault(24, how="a reader that ends before it deletes, and a notice that nobody can read")
@pytest.mark.fault(25, how="a deletion of which the queue does a part")
@pytest.mark.fault(27, how="a burst of 10,000, each twice, in any order, of old objects, new ones and none")
def test_5_the_tables_are_those_of_a_home_that_heard_of_each_object_once(
    home: Listener, undisturbed: dict[str, str]
) -> None:
    check_made_good(home.app, undisturbed)
