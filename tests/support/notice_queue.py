"""A queue in which a bucket announces new objects, with a dead-letter queue; within `moto.mock_aws`, of nobody's."""

import json
from pathlib import Path
from typing import Any, cast

import boto3

from infra.app.announcements import Announcements
from infra.lake.settings import Settings

REGION = "us-east-1"
BUCKET = "bucket"
SHA256 = "0" * 64
TRIES = 2


class Queue:
    """A queue with a dead-letter queue, and the home that listens to it."""

    def __init__(self, home: Path) -> None:
        self.client = boto3.client("sqs", region_name=REGION)
        self.dead = self._make("dead")
        redrive = json.dumps({"deadLetterTargetArn": self.arn(self.dead), "maxReceiveCount": TRIES})
        self.url = self._make("landing", RedrivePolicy=redrive, VisibilityTimeout="0")
        self.settings = Settings(home=home, **self.landing)
        self.bell = Announcements(self.settings)

    def _make(self, name: str, **attributes: str) -> str:
        return cast(str, self.client.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"])

    @property
    def landing(self) -> dict[str, str]:
        """Settings of a landing store that announces here."""
        return {"landing_url": f"s3://{BUCKET}/landing", "landing_region": REGION, "landing_queue_url": self.url}

    def arn(self, url: str) -> str:
        """What a bucket or another queue calls a queue."""
        found = self.client.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])
        return cast(str, found["Attributes"]["QueueArn"])

    def send(self, body: object) -> None:
        text = body if isinstance(body, str) else json.dumps(body)
        self.client.send_message(QueueUrl=self.url, MessageBody=text)

    def count(self, url: str) -> int:
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        found = self.client.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(int(found[name]) for name in names)


def announced(
    key: str = f"landing/shop_plugin/{SHA256}/a.csv.landed.json",
    event: str = "ObjectCreated:Put",
    bucket: str = BUCKET,
) -> dict[str, Any]:
    return {"Records": [{"eventName": event, "s3": {"bucket": {"name": bucket}, "object": {"key": key}}}]}
