"""From the queue in which a bucket announces new objects to the doorbell: `guanxi listen`, a service of its own.

queue ─▶ services/rung/<source>, whose time the watcher of the source looks at

A message only rings, and is deleted when it has rung: one that is lost, doubled, late or out of order costs at most the
time to the next sweep. One that is no announcement is left to the queue and its redrive policy. What is announced of a
source that has no contract rings for nobody: anybody may have written such a key.
"""

import json
import logging
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final
from urllib.parse import unquote_plus, urlsplit

import boto3

from infra.app.asker import PAGE_NAME
from infra.app.declared import source_names
from infra.lake.errors import GuanxiError
from infra.lake.object_store import StoreError
from infra.lake.receipt import RECEIPT_SUFFIX
from infra.lake.s3_errors import explained
from infra.lake.s3_store import client_config
from infra.lake.settings import Settings

log = logging.getLogger("guanxi.announcements")
LONG_POLL_SECONDS: Final = 20
LONGEST_PAUSE_SECONDS: Final = 60
AT_ONCE: Final = 10
TEST_EVENT: Final = "s3:TestEvent"
Message = dict[str, Any]


class Announcements:
    """The queue of one home's bucket."""

    def __init__(self, settings: Settings) -> None:
        if settings.landing_url is None or settings.landing_queue_url is None:
            raise GuanxiError("there is no queue to listen to. Set GUANXI_LANDING_URL and GUANXI_LANDING_QUEUE_URL.")
        self.folder = settings.rung_dir
        self.url = settings.landing_queue_url
        bucket, _, prefix = settings.landing_url.removeprefix("s3://").partition("/")
        self.bucket = bucket
        self.prefix = f"{prefix}/" if prefix else ""
        parts = urlsplit(self.url)
        with explained(self.url, "connect"):
            self.client = boto3.session.Session().client(
                "sqs",
                endpoint_url=f"{parts.scheme}://{parts.netloc}",
                region_name=settings.landing_region,
                config=client_config(None, LONG_POLL_SECONDS + 30),
            )

    def listen(self, pause: Callable[[float], None] = time.sleep) -> None:
        """Ring for whatever is announced, for ever; while the queue cannot be read that is logged, and tried again."""
        failures = 0
        while True:
            try:
                self.hear(LONG_POLL_SECONDS)
                failures = 0
            except (StoreError, OSError) as error:
                log.warning("%s The sweep finds meanwhile what comes.", error)
                pause(min(LONGEST_PAUSE_SECONDS, 2 ** min(failures, 6)))
                failures += 1

    def hear(self, wait_seconds: int) -> list[str]:
        """Ring for the next messages, ten at most; returns the sources that were rung. Raises StoreError."""
        with explained(self.url, "receive messages"):
            answer = self.client.receive_message(
                QueueUrl=self.url, MaxNumberOfMessages=AT_ONCE, WaitTimeSeconds=wait_seconds
            )
        messages: list[Message] = answer.get("Messages", [])
        understood = {message["ReceiptHandle"]: self._sources(message) for message in messages}
        rung = sorted({source for sources in understood.values() for source in sources or ()})
        for source in rung:
            self._ring(source)
        # Only now: whoever dies before this hears them again.
        self._delete([handle for handle, sources in understood.items() if sources is not None])
        return rung

    def _sources(self, message: Message) -> set[str] | None:
        """Whom a message rings for, perhaps nobody; None where it is no announcement of a bucket."""
        try:
            body = json.loads(message["Body"])
            if body.get("Event") == TEST_EVENT:
                return set()
            return set(self._announced(body["Records"]))
        except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
            log.warning("%s: message %s announces no object. It is left to the queue.", self.url, message["MessageId"])
            return None

    def _announced(self, records: Iterable[Any]) -> Iterator[str]:
        sources = source_names()  # anew each time: a source may be added while this listens
        for record in records:
            created = record["eventName"].startswith("ObjectCreated:")
            key = unquote_plus(record["s3"]["object"]["key"])
            if not created or record["s3"]["bucket"]["name"] != self.bucket or not key.startswith(self.prefix):
                continue
            source, _, rest = key.removeprefix(self.prefix).partition("/")
            name = rest.rpartition("/")[2]
            # Before its receipt is there an object does not exist, and whoever landed a page registers it.
            if name.endswith(RECEIPT_SUFFIX) and not PAGE_NAME.match(name) and source in sources:
                yield source

    def _ring(self, source: str) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / source).touch()

    def _delete(self, handles: list[str]) -> None:
        """Those that cannot be deleted come again, and ring again."""
        if handles:
            entries = [{"Id": str(number), "ReceiptHandle": handle} for number, handle in enumerate(handles)]
            with explained(self.url, "delete messages"):
                answer = self.client.delete_message_batch(QueueUrl=self.url, Entries=entries)
            for failed in answer.get("Failed", []):
                log.warning("%s: a message was not deleted (%s), and comes again.", self.url, failed["Code"])
