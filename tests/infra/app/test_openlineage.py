"""OpenLineage events of real runs, as a receiver reads them."""

import http.server
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pyspark.sql import SparkSession

from infra.app.app import App
from infra.lake import provenance
from tests.support.home import deliver, open_home, order_line

EVENTS = "events.order_line"
ABSURD = order_line("509999", at="2026-03-04 10:00:00", price="99999999.99")


@pytest.fixture
def app(spark: SparkSession, tmp_path: Path) -> App:
    app = open_home(tmp_path, spark)
    app.settings.openlineage_file = tmp_path / "events.jsonl"
    deliver(app, tmp_path, "first.csv.gz", [order_line()])
    return app


def told(app: App, job: str) -> list[dict[str, Any]]:
    file = app.settings.openlineage_file
    assert file is not None
    events = [json.loads(line) for line in file.read_text().splitlines()]
    return [event for event in events if event["job"]["name"] == job]


def test_a_publication_is_a_start_and_an_end_with_the_versions_that_were_read_and_made(app: App) -> None:
    app.run([EVENTS])

    start, end = told(app, EVENTS)
    published = provenance.published(app.lake.table(EVENTS))
    assert published is not None
    assert (start["eventType"], end["eventType"]) == ("START", "COMPLETE")
    assert start["run"]["runId"] == end["run"]["runId"]
    versions = {one["name"]: one["facets"]["version"]["datasetVersion"] for one in end["inputs"]}
    assert versions == published.inputs
    head = app.lake.table(EVENTS).refs()["main"].snapshot_id
    assert end["outputs"][0]["facets"]["version"]["datasetVersion"] == str(head)


def test_a_column_names_those_it_is_made_of(app: App) -> None:
    app.run([EVENTS])

    fields = told(app, EVENTS)[1]["outputs"][0]["facets"]["columnLineage"]["fields"]
    origins = {(one["name"], one["field"]) for one in fields["amount"]["inputFields"]}
    assert ("raw.retail_export", "order_line.amount") in origins


def test_what_is_level_is_not_told_again(app: App) -> None:
    app.run([EVENTS])
    before = told(app, EVENTS)

    app.run([EVENTS])

    assert told(app, EVENTS) == before


def test_a_receiver_that_is_away_does_not_stop_a_run(app: App, tmp_path: Path) -> None:
    app.settings.openlineage_file = tmp_path / "no" / "such" / "folder" / "events.jsonl"

    app.run(["raw.objects"])

    assert app.lake.table("raw.objects").scan().count() == 1


class Receiver(http.server.BaseHTTPRequestHandler):
    """Takes events as an OpenLineage server does."""

    events: ClassVar[list[dict[str, Any]]] = []

    def do_POST(self) -> None:
        self.events.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(201)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def server() -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_events_go_to_a_server_where_one_is_named(app: App, server: str) -> None:
    app.settings.openlineage_url = server

    app.run(["raw.objects"])

    assert [event["eventType"] for event in Receiver.events] == ["START", "COMPLETE"]
