"""Runs dbt in this process, quietly and without calling home, and says what came of it.

dbt keeps its state in module variables, so one call runs at a time.
"""

import json
import logging
import shutil
import tempfile
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from infra.app.dbt_staging import lake_reader_files
from infra.app.withheld import without_quotes
from infra.lake.errors import GuanxiError

if TYPE_CHECKING:
    from dbt.artifacts.schemas.run import RunExecutionResult
    from dbt.cli.main import dbtRunnerResult
    from dbt.contracts.graph.manifest import Manifest

QUIETLY: Final = (
    "--quiet",
    "--no-print",
    "--log-level=none",
    "--log-level-file=debug",
    "--no-use-colors",
    "--no-use-colors-file",
    "--no-version-check",
    "--no-send-anonymous-usage-stats",
)
PARSED: Final = "partial_parse.msgpack"
LONGEST_REASON: Final = 1000
DBT_FILE_LOGGER: Final = "file_log"

_one_at_a_time = threading.Lock()


class DbtError(GuanxiError):
    """dbt could not read or run the project."""


class Dbt:
    """dbt on one assembled project; its log is `<work>/logs/dbt.log`, everything else it writes is temporary."""

    def __init__(self, folder: Path, work: Path) -> None:
        self.folder = folder
        self.work = work

    @property
    def log(self) -> Path:
        """The log of every call."""
        return self.work / "logs" / "dbt.log"

    def parse(self, target: Path) -> None:
        """Write `manifest.json` and dbt's own parsed form of the project to `target`; raises DbtError."""
        outcome = self._invoke(["parse", "--no-partial-parse"], target, _variables(target / "staging.duckdb"))
        if not outcome.success:
            raise self._crash(outcome)

    def build(
        self,
        staging: Path,
        selectors: Sequence[str],
        variables: Mapping[str, Any],
        parsed: Path,
        *,
        unit_tests: bool = True,
    ) -> "RunExecutionResult":
        """Build and test exactly the selected nodes in the staging file; `parsed` is a folder written by `parse`.

        A failed model or test is part of the result; raises DbtError where dbt itself stopped.
        """
        from dbt.artifacts.schemas.run import RunExecutionResult

        left_out = [] if unit_tests else ["--exclude-resource-type=unit_test"]
        command = ["build", "--indirect-selection=empty", "--no-write-json", *left_out, "--select", *selectors]
        with self._temporary_target() as target:
            outcome = self._invoke(command, target, {**_variables(staging), **variables}, parsed)
        if outcome.exception is not None or not isinstance(outcome.result, RunExecutionResult):
            raise self._crash(outcome)
        return outcome.result

    def docs(self, out: Path) -> None:
        """Write dbt's documentation as one page that needs no server, `<out>/index.html`; raises DbtError."""
        with self._temporary_target() as target:
            command = ["docs", "generate", "--static", "--empty-catalog"]
            outcome = self._invoke(command, target, _variables(target / "staging.duckdb"))
            if not outcome.success:
                raise self._crash(outcome)
            out.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(target / "static_index.html", out / "index.html")

    def _crash(self, outcome: "dbtRunnerResult") -> DbtError:
        reason = " ".join(str(outcome.exception or "it gave no reason.").split())
        return DbtError(f"dbt stopped: {without_quotes(reason)[:LONGEST_REASON]} Its log is {self.log}.")

    def _invoke(
        self, command: Sequence[str], target: Path, variables: Mapping[str, Any], parsed: Path | None = None
    ) -> "dbtRunnerResult":
        from dbt.cli.main import dbtRunner

        folder = str(self.folder)
        places = ["--project-dir", folder, "--profiles-dir", folder, "--target-path", str(target)]
        given = ["--log-path", str(self.log.parent), "--vars", json.dumps(dict(variables))]
        with _one_at_a_time:
            try:
                runner = dbtRunner(manifest=_manifest(parsed) if parsed else None)
                outcome = runner.invoke([*command, *places, *given, *QUIETLY])
            finally:
                _release()
        if isinstance(outcome.exception, KeyboardInterrupt | SystemExit):
            raise outcome.exception
        return outcome

    @contextmanager
    def _temporary_target(self) -> Iterator[Path]:
        folder = self.work / "targets"
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder, ignore_cleanup_errors=True) as target:
            yield Path(target)


def _variables(staging: Path) -> dict[str, Any]:
    return {"staging_file": str(staging), "lake_reader": [str(file) for file in lake_reader_files()]}


def _manifest(parsed: Path) -> "Manifest | None":
    """The parsed project as `parse` left it; None lets dbt read the project again, which costs a second or two."""
    from dbt.contracts.graph.manifest import Manifest
    from dbt.parser.manifest import extended_mashumuro_decoder

    try:
        manifest = Manifest.from_msgpack((parsed / PARSED).read_bytes(), decoder=extended_mashumuro_decoder)
    except Exception:  # noqa: BLE001 - it only saves time, and dbt says itself what is wrong with the project
        return None
    manifest.build_flat_graph()  # type: ignore[no-untyped-call]
    return manifest


def _release() -> None:
    """Close the DuckDB file and the log, which dbt holds open for a next command."""
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager
    from dbt_common.events.event_manager_client import cleanup_event_logger

    DuckDBConnectionManager.close_all_connections()  # type: ignore[no-untyped-call]
    cleanup_event_logger()
    log = logging.getLogger(DBT_FILE_LOGGER)
    for handler in list(log.handlers):
        log.removeHandler(handler)
        handler.close()
