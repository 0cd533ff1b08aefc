"""OpenLineage events of what runs did: which version of a dataset came of which versions, and what was held or failed.

Sent to a file (a JSON line each) or to an endpoint, whichever the settings name; nowhere if they name none. A receiver
that is away never keeps a run from going on.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import NAMESPACE_URL, uuid5

from infra.lake import provenance
from infra.lake.settings import Settings
from infra.loop.dataset import Dataset
from infra.loop.result import Outcome, Result

if TYPE_CHECKING:
    from openlineage.client import OpenLineageClient
    from openlineage.client.event_v2 import InputDataset, OutputDataset, RunEvent
    from openlineage.client.facet_v2 import DatasetFacet, RunFacet

log = logging.getLogger("guanxi.openlineage")
NAMESPACE = "guanxi"
PRODUCER = "guanxi"
TOLD = (Outcome.PUBLISHED, Outcome.HELD, Outcome.FAILED)


def tell(settings: Settings, run_id: str, results: Sequence[Result], datasets: Iterable[Dataset]) -> None:
    """Send a start and an end of each dataset that was published, held or failed, if anybody is to be told."""
    if not (settings.openlineage_file or settings.openlineage_url):
        return
    told = [result for result in results if result.outcome in TOLD]
    by_name = {dataset.name: dataset for dataset in datasets}
    try:
        client = _client(settings)
        for result in told:
            for event in run_events(run_id, result, by_name[result.dataset], datetime.now(UTC)):
                client.emit(event)
    except Exception:  # a client may fail in any way, and none of them is the run's business
        log.exception("%s: OpenLineage events could not be sent", run_id)


def run_events(run_id: str, result: Result, dataset: Dataset, ended_at: datetime) -> "list[RunEvent]":
    """The events of one dataset in one run; its run id is made of both, so that every dataset has a run of its own."""
    from openlineage.client.event_v2 import Job, Run, RunEvent, RunState

    started_at = ended_at - timedelta(seconds=sum(result.seconds.values()))
    end = RunState.COMPLETE if result.outcome is Outcome.PUBLISHED else RunState.FAIL
    run = str(uuid5(NAMESPACE_URL, f"{NAMESPACE}/{run_id}/{result.dataset}"))
    job = Job(NAMESPACE, result.dataset)
    inputs, outputs = _inputs(result, dataset), _outputs(result, dataset)
    begun = RunEvent(
        eventTime=started_at.isoformat(),
        producer=PRODUCER,
        run=Run(run),
        job=job,
        eventType=RunState.START,
        inputs=inputs,
    )
    ended = RunEvent(
        eventTime=ended_at.isoformat(),
        producer=PRODUCER,
        run=Run(run, _error(result)),
        job=job,
        eventType=end,
        inputs=inputs,
        outputs=outputs,
    )
    return [begun, ended]


def _inputs(result: Result, dataset: Dataset) -> "list[InputDataset]":
    from openlineage.client.event_v2 import InputDataset

    if result.snapshot_id is None:
        return [InputDataset(NAMESPACE, name) for name in dataset.inputs]
    said = provenance.read(dataset.lake.table(dataset.name), result.snapshot_id)
    versions = said.inputs if said else {}
    return [InputDataset(NAMESPACE, name, facets=_version(version)) for name, version in sorted(versions.items())]


def _outputs(result: Result, dataset: Dataset) -> "list[OutputDataset]":
    from openlineage.client.event_v2 import OutputDataset

    if result.snapshot_id is None:
        return []
    facets = _version(str(result.snapshot_id)) | _column_lineage(dataset)
    return [OutputDataset(NAMESPACE, result.dataset, facets=facets)]


def _version(version: str) -> "dict[str, DatasetFacet]":
    from openlineage.client.facet_v2 import dataset_version_dataset as facet

    return {"version": facet.DatasetVersionDatasetFacet(version)}


def _column_lineage(dataset: Dataset) -> "dict[str, DatasetFacet]":
    from openlineage.client.facet_v2 import column_lineage_dataset as facet

    known = dataset.column_lineage()
    if not known:
        return {}
    fields = {
        column: facet.Fields([facet.InputField(NAMESPACE, name, field) for name, field in origins])
        for column, origins in known.items()
    }
    return {"columnLineage": facet.ColumnLineageDatasetFacet(fields)}


def _error(result: Result) -> "dict[str, RunFacet]":
    from openlineage.client.facet_v2 import error_message_run as facet

    if result.outcome is Outcome.PUBLISHED:
        return {}
    return {"errorMessage": facet.ErrorMessageRunFacet(result.detail or result.outcome.value, "python")}


def _client(settings: Settings) -> "OpenLineageClient":
    from openlineage.client import OpenLineageClient
    from openlineage.client.transport.file import FileConfig, FileTransport
    from openlineage.client.transport.http import HttpConfig, HttpTransport

    if settings.openlineage_url:
        return OpenLineageClient(transport=HttpTransport(HttpConfig(settings.openlineage_url)))
    return OpenLineageClient(transport=FileTransport(FileConfig(str(settings.openlineage_file), append=True)))
