"""The bucket of the landing store is busy, breaks off or says nothing; then it is well, and tables are whole."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pyspark.sql import SparkSession

from infra.app.app import App
from infra.app.kinds.landing_objects import OBJECTS
from infra.lake import s3_store
from infra.lake.object_store import StoreError
from infra.loop.result import Outcome
from tests.faults.three_days import DATASETS, DAYS, check_made_good, land, outcomes, shown_days
from tests.support.bad_line import Badness, Line, busy, line_to, reset, silent
from tests.support.home import open_home, reopened
from tests.support.object_server import REGION, ObjectServer

pytestmark = pytest.mark.slow

WRITES_OBJECT, READS_OBJECT = rb"PUT \S+\.csv\.gz[? ]", rb"(GET|HEAD) \S+\.csv\.gz[? ]"
WRITES_RECEIPT, LISTS = rb"PUT \S+\.landed\.json[? ]", rb"GET \S+list-type=2"
STEPS = (
    (DAYS[0], busy, WRITES_OBJECT, LISTS),
    (DAYS[1], reset, WRITES_RECEIPT, READS_OBJECT),
    (DAYS[2], silent, LISTS, READS_OBJECT),
)
"""A day, what goes wrong, who of those that deliver it meets that, and who of those that build from it."""


@pytest.fixture
def line(object_server: ObjectServer, monkeypatch: pytest.MonkeyPatch) -> Iterator[Line]:
    """A line to the bucket's server, and stores that ask twice, the second time at once."""
    monkeypatch.setattr(s3_store, "TRIES", 2)
    monkeypatch.setattr("botocore.retries.standard.ExponentialBackoff.delay_amount", lambda *_: 0)
    with line_to(object_server.endpoint) as line:
        yield line


@pytest.mark.fault(
    32,
    how="a bucket for which the secret is wrong, that is busy, breaks off or says nothing to who writes, lists, reads",
)
def test_what_a_bucket_did_not_take_or_give_is_made_good_once_it_does(
    line: Line,
    bucket: str,
    undisturbed: dict[str, str],
    spark: SparkSession,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    landing = {"landing_url": f"s3://{bucket}/landing", "landing_endpoint": line.endpoint, "landing_region": REGION}
    with monkeypatch.context() as wrong:
        wrong.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
        with pytest.raises(StoreError, match="credentials"):
            land(open_home(tmp_path, spark, **landing), tmp_path, DAYS[0])
    s3_store.s3_store.cache_clear()  # as in another process
    app = open_home(tmp_path, spark, **landing)

    for number, (day, badness, delivering, building) in enumerate(STEPS):
        with waiting_for(badness), line.bad(badness, delivering), pytest.raises(StoreError):
            land(reopened(app), tmp_path, day)
        assert len(app.landing.objects()) == number
        land(app, tmp_path, day)
        with waiting_for(badness), line.bad(badness, building):
            assert finds_no_bucket(reopened(app))
        app.run(DATASETS)
        assert shown_days(app) == number + 1

    check_made_good(app, undisturbed)


@contextmanager
def waiting_for(badness: Badness) -> Iterator[None]:
    """Stores opened meanwhile lose patience soon where nothing would ever be said; a slow answer is waited for."""
    patient = s3_store.client_config
    with pytest.MonkeyPatch.context() as here:
        if badness is silent:
            here.setattr(s3_store, "client_config", lambda endpoint: patient(endpoint, read_timeout_seconds=2))
        s3_store.s3_store.cache_clear()
        try:
            yield
        finally:
            s3_store.s3_store.cache_clear()


def finds_no_bucket(app: App) -> bool:
    """Whether a run fails as a whole, or at the first dataset."""
    try:
        return outcomes(app.run(DATASETS))[OBJECTS] is Outcome.FAILED
    except StoreError:
        return True
