"""Objects in a bucket of S3, or of a server that speaks like it.

Credentials are found by boto3 itself; nothing of them is kept, shown or logged here. Conditional writes
(`If-None-Match`, `If-Match`) are asked of the server, see docs/decisions/0013-landing-on-s3.md.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import boto3
from boto3.s3.transfer import TransferConfig
from botocore import exceptions as boto
from botocore.config import Config

from infra.lake.s3_errors import TRIES, code_of, explained

THREADS: Final = 16
PART_BYTES: Final = 16 << 20
"""Larger objects go in parts, which appear together or not at all."""
LOST_RACE: Final = frozenset({"PreconditionFailed", "ConditionalRequestConflict", "NoSuchKey", "412", "409"})
GONE: Final = frozenset({"NoSuchKey", "404"})
STREAM_ERRORS: Final = (boto.ReadTimeoutError, boto.ResponseStreamingError, boto.IncompleteReadError)


def client_config(endpoint: str | None, read_timeout_seconds: float = 60) -> Config:
    """How boto3 asks: a limited number of tries with growing pauses; a server without names for buckets by path."""
    return Config(
        retries={"mode": "standard", "total_max_attempts": TRIES},
        connect_timeout=10,
        read_timeout=read_timeout_seconds,
        max_pool_connections=THREADS,
        s3={"addressing_style": "path" if endpoint else "auto"},
    )


class S3Store:
    """An `ObjectStore` under a prefix of a bucket; `memory` is a folder for small objects that were read already."""

    def __init__(self, url: str, endpoint: str | None, region: str | None, memory: Path) -> None:
        bucket, _, prefix = url.removeprefix("s3://").partition("/")
        self.bucket = bucket
        self.prefix = f"{prefix}/" if prefix else ""
        self.endpoint = endpoint
        self.region = region
        self.memory = memory

    @cached_property
    def client(self) -> Any:  # noqa: ANN401 - boto3 makes its clients as it runs
        """The connection, made when it is first needed."""
        with explained(f"s3://{self.bucket}", "connect"):
            # A session of its own: the default one is not to be shared by threads while it looks for credentials.
            return boto3.session.Session().client(
                "s3", endpoint_url=self.endpoint, region_name=self.region, config=client_config(self.endpoint)
            )

    def place(self, name: str) -> str:
        """The object's URL."""
        return f"s3://{self.bucket}/{self.prefix}{name}"

    def local(self, name: str) -> Path | None:
        """None: the bytes are elsewhere."""
        return None

    def names(self, prefix: str = "") -> Iterator[str]:
        """Page after page of the listing."""
        return (name for name, _ in self._listed(prefix))

    def read(self, name: str) -> bytes | None:
        """The bytes in one answer."""
        found = self._get(name)
        return found[1] if found else None

    def read_all(self, prefix: str, suffix: str) -> Iterator[tuple[str, bytes]]:
        """Many at a time; what has not changed since it was read on this machine is not read again."""
        new = []
        for name, tag in self._listed(prefix):
            if name.endswith(suffix):
                if (content := self._recall(name, tag)) is None:
                    new.append(name)
                else:
                    yield name, content
        with ThreadPoolExecutor(THREADS) as pool:
            for name, found in zip(new, pool.map(self._get, new), strict=True):
                if found is not None:
                    self._remember(name, *found)
                    yield name, found[1]

    def download(self, name: str, to: Path) -> None:
        """By parts, each of which is asked for again where its answer breaks off."""
        with explained(self.place(name), "read it"), to.open("wb") as file:
            self.client.download_fileobj(self.bucket, self.prefix + name, file, Config=_transfer())

    def put_file(self, name: str, file: Path) -> None:
        """By parts if it is large; the server compares checksums of all that it gets."""
        with explained(self.place(name), "write it"), file.open("rb") as content:
            checked = {"ChecksumAlgorithm": "SHA256"}
            self.client.upload_fileobj(content, self.bucket, self.prefix + name, ExtraArgs=checked, Config=_transfer())

    def put(self, name: str, content: bytes, replaces: bytes | None = None) -> bool:
        """Have the server compare: with nothing, or with the tag of what was read."""
        condition = {"IfNoneMatch": "*"}
        if replaces is not None:
            found = self._get(name)
            if found is None or found[1] != replaces:
                return False
            condition = {"IfMatch": found[0]}
        with explained(self.place(name), "write it"):
            try:
                self.client.put_object(
                    Bucket=self.bucket,
                    Key=self.prefix + name,
                    Body=content,
                    ChecksumAlgorithm="SHA256",
                    **condition,
                )
            except boto.ClientError as error:
                if code_of(error) in LOST_RACE:
                    return False
                raise
        return True

    def touch(self, name: str) -> None:
        """Nothing: the bucket announces every write of a receipt."""

    def _remembered(self, name: str, tag: str) -> Path:
        return self.memory / hashlib.sha256(f"{self.place(name)} {tag}".encode()).hexdigest()

    def _recall(self, name: str, tag: str) -> bytes | None:
        """The bytes that a name had under a tag; None where they have not been read, or did not survive."""
        file = self._remembered(name, tag)
        try:
            kept = file.read_bytes()
            os.utime(file)  # in use: maintenance removes what nobody has used for long
        except FileNotFoundError:
            return None
        digest, content = kept[:32], kept[32:]
        return content if hashlib.sha256(content).digest() == digest else None

    def _remember(self, name: str, tag: str, content: bytes) -> None:
        self.memory.mkdir(parents=True, exist_ok=True)
        temporary = self.memory / f".{uuid4().hex}.part"
        temporary.write_bytes(hashlib.sha256(content).digest() + content)
        os.replace(temporary, self._remembered(name, tag))

    def _listed(self, prefix: str) -> Iterator[tuple[str, str]]:
        """Names under a prefix with the tags of their contents."""
        with explained(f"s3://{self.bucket}", "list it"):
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.bucket, Prefix=self.prefix + prefix
            )
            for page in pages:
                for item in page.get("Contents", ()):
                    yield item["Key"].removeprefix(self.prefix), item["ETag"]

    def _get(self, name: str) -> tuple[str, bytes] | None:
        """Tag and bytes of a small object, asked for again where the answer breaks off; None where it is not there."""
        with explained(self.place(name), "read it"):
            try:
                return _to_the_end(lambda: self.client.get_object(Bucket=self.bucket, Key=self.prefix + name))
            except boto.ClientError as error:
                if code_of(error) in GONE:
                    return None
                raise


def _to_the_end(ask: Callable[[], Any]) -> tuple[str, bytes]:
    """boto3 sends a request again by itself, but not if its answer breaks off."""
    for _ in range(TRIES - 1):
        answer = ask()
        try:
            return answer["ETag"], answer["Body"].read()
        except STREAM_ERRORS:
            continue
    answer = ask()
    return answer["ETag"], answer["Body"].read()


def _transfer() -> TransferConfig:
    return TransferConfig(multipart_threshold=PART_BYTES, multipart_chunksize=PART_BYTES, max_concurrency=4)


@lru_cache
def s3_store(url: str, endpoint: str | None, region: str | None, memory: Path) -> S3Store:
    """The one store of this process at a place: making a connection takes long."""
    return S3Store(url, endpoint, region, memory)


# Connections are not shared by processes.
os.register_at_fork(after_in_child=s3_store.cache_clear)
