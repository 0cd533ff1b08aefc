"""What a bucket adds to the landing store's promises: long listings, large objects, and words for what goes wrong."""

import http.server
import os
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from infra.lake.landing import Landing
from infra.lake.object_store import StoreError
from infra.lake.s3_store import PART_BYTES, S3Store
from tests.support.object_server import REGION, SECRET, ObjectServer


@pytest.fixture
def store(object_server: ObjectServer, bucket: str, tmp_path: Path) -> S3Store:
    return S3Store(f"s3://{bucket}/landing", object_server.endpoint, REGION, tmp_path / "memory")


def test_more_than_a_thousand_names_are_listed(store: S3Store) -> None:
    names = [f"shop/{number}" for number in range(1_050)]
    with ThreadPoolExecutor(16) as pool:
        list(pool.map(lambda name: store.put(name, b"x"), names))

    assert sorted(store.names("shop/")) == sorted(names)


def test_names_outside_the_prefix_are_not_listed(store: S3Store) -> None:
    store.client.put_object(Bucket=store.bucket, Key="landings/a", Body=b"x")
    store.put("a", b"x")

    assert list(store.names()) == ["a"]


def test_an_object_of_several_parts_comes_back_whole(store: S3Store, tmp_path: Path) -> None:
    large = tmp_path / "large"
    large.write_bytes(bytes(range(256)) * (2 * PART_BYTES // 256) + b"end")
    store.put_file("large", large)
    store.download("large", tmp_path / "back")

    assert (tmp_path / "back").read_bytes() == large.read_bytes()


@pytest.mark.fault(32, how="an upload of parts that was not ended", part=True)
def test_half_an_upload_is_invisible(store: S3Store) -> None:
    begun = store.client.create_multipart_upload(Bucket=store.bucket, Key="landing/half")
    store.client.upload_part(
        Bucket=store.bucket, Key="landing/half", UploadId=begun["UploadId"], PartNumber=1, Body=b"x" * PART_BYTES
    )

    assert list(store.names()) == []
    assert store.read("half") is None


def test_what_has_not_changed_is_read_once_on_a_machine(store: S3Store, monkeypatch: pytest.MonkeyPatch) -> None:
    store.put("a", b"1")
    store.put("b", b"1")
    list(store.read_all("", ""))
    asked = list[str]()
    get = store._get
    monkeypatch.setattr(store, "_get", lambda name: asked.append(name) or get(name))  # type: ignore[func-returns-value]
    store.put("b", b"2", replaces=b"1")
    asked.clear()

    assert dict(store.read_all("", "")) == {"a": b"1", "b": b"2"}
    assert asked == ["b"]


def test_what_was_remembered_and_did_not_survive_is_read_again(store: S3Store) -> None:
    store.put("a", b"1")
    list(store.read_all("", ""))
    for file in store.memory.iterdir():
        file.write_bytes(b"")

    assert dict(store.read_all("", "")) == {"a": b"1"}


def test_what_is_recalled_is_in_use(store: S3Store) -> None:
    store.put("a", b"1")
    list(store.read_all("", ""))
    (file,) = store.memory.iterdir()
    os.utime(file, (0, 0))

    list(store.read_all("", ""))

    assert file.stat().st_mtime > 0


def test_a_copy_on_this_machine_that_was_damaged_is_made_anew(
    object_server: ObjectServer, bucket: str, tmp_path: Path
) -> None:
    landing, file = Landing(object_server.settings(tmp_path, bucket)), tmp_path / "a.csv"
    file.write_bytes(b"x\n1\n")
    landed = landing.land("shop", file).object
    landing.file("shop", landed.key).write_bytes(b"x\n0\n")

    assert landing.file("shop", landed.key).read_bytes() == b"x\n1\n"


# What goes wrong


def said(store: S3Store) -> str:
    with pytest.raises(StoreError) as raised:
        list(store.names())
    assert raised.value.__cause__ is None
    return str(raised.value)


@pytest.mark.fault(32, how="a wrong key, a wrong secret", part=True)
@pytest.mark.parametrize(
    ("variable", "code"),
    [("AWS_ACCESS_KEY_ID", "InvalidAccessKeyId"), ("AWS_SECRET_ACCESS_KEY", "SignatureDoesNotMatch")],
)
def test_wrong_credentials_are_said_and_not_shown(
    store: S3Store, monkeypatch: pytest.MonkeyPatch, variable: str, code: str
) -> None:
    monkeypatch.setenv(variable, "wrong-canary")

    words = said(store)

    assert words.startswith(f"s3://{store.bucket}: it was tried to list it ({code}), and the credentials")
    assert "canary" not in words
    assert SECRET not in words


def test_no_credentials_at_all_are_said(store: S3Store, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))

    assert "boto3 finds no credentials. Give it some" in said(store)


@pytest.mark.usefixtures("bucket")
def test_a_bucket_that_does_not_exist_is_said(object_server: ObjectServer, tmp_path: Path) -> None:
    words = said(S3Store("s3://no-such-bucket", object_server.endpoint, REGION, tmp_path))

    assert words == (
        "s3://no-such-bucket: it was tried to list it (NoSuchBucket), and there is none. "
        "Create it, or mend the setting that names it."
    )


# What passes


class Moody(http.server.BaseHTTPRequestHandler):
    """Answers as its class was told, one answer after another."""

    answers: list[tuple[int, bytes, int]]
    asked = 0

    def do_GET(self) -> None:
        type(self).asked += 1
        status, body, promised = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.send_response(status)
        self.send_header("Content-Length", str(promised))
        self.send_header("ETag", '"1"')
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def moody(*answers: tuple[int, bytes, int]) -> Iterator[tuple[S3Store, type[Moody]]]:
    handler = type("Handler", (Moody,), {"answers": list(answers)})
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield S3Store("s3://bucket", f"http://127.0.0.1:{server.server_port}", REGION, Path()), handler
        finally:
            server.shutdown()
            thread.join()


BUSY = b"<Error><Code>SlowDown</Code><Message>canary</Message></Error>"
SLOW_DOWN = (503, BUSY, len(BUSY))


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)


@pytest.mark.usefixtures("bucket")
@pytest.mark.fault(32, how="503 SlowDown, twice", part=True)
def test_a_busy_server_is_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    with moody(SLOW_DOWN, SLOW_DOWN, (200, b"x", 1)) as (store, _):
        assert store.read("a") == b"x"


@pytest.mark.usefixtures("bucket")
@pytest.mark.fault(32, how="an answer that ends in the middle", part=True)
def test_an_answer_that_breaks_off_is_asked_for_again() -> None:
    with moody((200, b"hal", 5), (200, b"whole", 5)) as (store, _):
        assert store.read("a") == b"whole"


@pytest.mark.usefixtures("bucket")
def test_a_server_that_stays_busy_is_given_up_after_some_tries() -> None:
    with moody(SLOW_DOWN) as (store, handler), pytest.raises(StoreError) as raised:
        store.read("a")

    assert str(raised.value) == (
        "s3://bucket/a: it was tried to read it (SlowDown), and asked 5 times, it did not do it. Nothing is lost: "
        "what was interrupted is done again by the next try. See whether the server is up."
    )
    assert handler.asked == 5


@pytest.mark.usefixtures("bucket")
def test_a_server_that_is_away_is_said() -> None:
    with moody(SLOW_DOWN) as (store, _):
        pass
    assert "(EndpointConnectionError), and asked 5 times, the server did not answer to the end" in said(store)
