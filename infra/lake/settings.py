"""The only file that reads configuration: environment variables named `GUANXI_*`."""

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

TOKEN = re.compile(rb"[\x21-\x7e]+")
BUCKET_URL = re.compile(r"s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9._=-]+)*/?")


class ApiAccess(BaseModel):
    """Where a platform's interface answers, and the file that holds the token for it, so that no environment does."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    url: str
    token_file: Path | None = None

    @field_validator("url")
    @classmethod
    def _plain(cls, url: str) -> str:
        return _plain_address(url, "a token belongs into token_file")

    def token(self) -> str | None:
        """The token as it is now, if one is needed; raises OSError where its file cannot be read.

        Raises ValueError, which repeats nothing of it, for what can stand in no header.
        """
        if self.token_file is None:
            return None
        token = self.token_file.read_bytes().strip()
        if not TOKEN.fullmatch(token):
            raise ValueError("a token is one line of visible ASCII characters")
        return token.decode("ascii")


def _plain_address(url: str, remedy: str) -> str:
    """The address as it is used; raises ValueError where it is none, or carries what may be a secret."""
    parts = urlsplit(url)
    more = "@" in parts.netloc or parts.query or parts.fragment
    if parts.scheme not in {"http", "https"} or not parts.hostname or more:
        raise ValueError(f"write http(s)://host/path, without user or password: {remedy}")
    return url.rstrip("/")


class Settings(BaseSettings):
    """Where Guanxi keeps its state and which engines it uses; the defaults are the embedded ones."""

    # What is refused may be a secret that was written into the wrong place.
    model_config = SettingsConfigDict(
        env_prefix="GUANXI_", extra="forbid", env_nested_delimiter="__", hide_input_in_errors=True
    )

    home: Path = Path(".guanxi")
    """Folder of everything Guanxi writes."""
    landing_url: str | None = None
    """Bucket of the landing store, `s3://bucket/prefix`; without one it is a folder under `home`."""
    landing_endpoint: str | None = None
    """Address of an S3 server that is not Amazon's."""
    landing_region: str | None = None
    """Region of the bucket and the queue; without one boto3 looks where it looks for credentials too."""
    landing_queue_url: str | None = None
    """SQS queue that the bucket announces new objects in; without one they are found by the sweep."""
    landing_may_shrink: bool = False
    """Have raw.objects believe that most of what was landed is gone on purpose; for one run."""
    spark_remote: str | None = None
    """Address of a Spark Connect server (`sc://host:port`); without one a local session is started."""
    spark_master: str = "local[*]"
    spark_driver_memory: str = "1g"
    """Heap of Spark's JVM. What does not fit is spilled: one run rebuilt nine million rows with this much."""
    spark_java_options: str = "-XX:+UseSerialGC"
    """Options of Spark's JVM but for its heap. Of a small heap and few processors, a collector beside the work
    takes more than its pauses would."""
    engine_slots: int = Field(default_factory=lambda: (os.cpu_count() or 1) + 1, ge=1)
    """How many of Airflow's tasks may use Spark at the same time, and how many tables one of them builds at a time; one
    more than the machine has cores, since one task may be waiting for what it reads."""
    spark_quiet: bool = True
    """Send the JVM's log to a file under `home` instead of the terminal."""
    gate_pandas_rows: int = 250_000
    """A contract's rules on at most this many rows run on pandas, on more on Spark: a million took 2 GB of memory."""
    gate_duckdb_rows: int = 1_000_000
    """Identities of at most this many records and rows are compared by DuckDB, of more by Spark."""
    snapshot_days: int = 7
    """Published history younger than this is never expired."""
    sweep_minutes: float = 15
    """How often every DAG looks by itself, should an event have been lost; 0 leaves it to events alone."""
    watch_seconds: float = 1.0
    """How often the landing store is looked at for new objects; 0 leaves it to the sweep alone."""
    api: dict[str, ApiAccess] = Field(default_factory=dict)
    """Interfaces to ask, by source: `GUANXI_API__SOCIAL_A__URL`, `GUANXI_API__SOCIAL_A__TOKEN_FILE`."""
    api_poll_seconds: float = 30
    """How often each is asked whether it has more; 0 leaves it to the sweep alone."""
    api_pages_a_pull: int = Field(default=500, ge=1)
    """Pages that one pull brings at most; what is left rings again."""
    api_tries: int = Field(default=6, ge=1)
    """How often a page is asked for before a pull gives up."""
    api_timeout_seconds: float = Field(default=30, gt=0)
    """How long an interface may be silent before a try counts as lost."""
    api_pull_seconds: float = Field(default=1800, gt=0)
    """How long one pull may ask an interface, whatever it is in the middle of; what was landed by then stays."""
    api_failures: int = Field(default=5, ge=1)
    """Failed pulls and asks in a row, with no page between them, after which an interface is left alone."""
    api_rest_seconds: float = Field(default=60, gt=0)
    """How long at first; twice as long after each further failure."""
    api_longest_rest_seconds: float = Field(default=3600, gt=0)
    """How long at most."""
    late_minutes: float = 60
    """A DAG run that takes longer than this from being queued to its end is reported."""
    smtp_host: str | None = None
    """Mail server for notices; without one they only go to the log."""
    smtp_port: int = 25
    notices_from: str = "guanxi@localhost"
    notices_to: str | None = None
    """Address that notices are mailed to."""

    openlineage_file: Path | None = None
    """File that gets an OpenLineage event as a JSON line for each dataset that a run published, held or failed."""
    openlineage_url: str | None = None
    """Address of an OpenLineage server that gets the same events instead."""

    platforms_token: SecretStr | None = Field(default=None, exclude=True)
    """Token that the simulated platforms ask for; without one each server makes its own. No child process gets it."""

    airflow_port: int = 8080
    """Port of Airflow's pages and interface, on this machine only."""
    airflow_tuned: bool = True
    """Make Airflow faster than by its own defaults; benchmarks switch it off to measure what that is worth."""
    spark_port: int = 15002
    """Port of the Spark Connect server that `guanxi up` starts, on this machine only."""

    @field_validator("landing_url")
    @classmethod
    def _bucket(cls, url: str | None) -> str | None:
        if url is not None and not BUCKET_URL.fullmatch(url):
            raise ValueError("write s3://bucket/prefix and nothing else: credentials are found by boto3 itself")
        return url.rstrip("/") if url else None

    @field_validator("landing_endpoint", "landing_queue_url")
    @classmethod
    def _address(cls, url: str | None) -> str | None:
        return None if url is None else _plain_address(url, "credentials are found by boto3 itself")

    def as_environment(self) -> dict[str, str]:
        """The same settings for another process, as environment variables."""
        given = {name: value for name, value in self.model_dump(mode="json").items() if value is not None}
        texts = {name: json.dumps(value) if isinstance(value, dict) else str(value) for name, value in given.items()}
        return {f"GUANXI_{name.upper()}": text for name, text in texts.items()} | {"GUANXI_HOME": str(self.root)}

    @property
    def root(self) -> Path:
        """`home` as an absolute path."""
        return self.home.absolute()

    @property
    def catalog_file(self) -> Path:
        """SQLite file of the Iceberg catalogue, shared by Spark and pyiceberg."""
        return self.root / "catalog.db"

    @property
    def lake_dir(self) -> Path:
        """Folder of the Iceberg tables' data and metadata."""
        return self.root / "lake"

    @property
    def inbox_dir(self) -> Path:
        """Folder with an inbox for each source, where platforms drop their files."""
        return self.root / "inbox"

    @property
    def refused_dir(self) -> Path:
        """Folder of the objects that were not what their manifests say, with the reasons."""
        return self.root / "refused"

    @property
    def landing_dir(self) -> Path:
        """Folder of the landed objects, where no bucket holds them."""
        return self.root / "landing"

    @property
    def copies_dir(self) -> Path:
        """Folder of landed objects that were brought here from a bucket, by their SHA-256."""
        return self.work_dir / "objects"

    @property
    def rung_dir(self) -> Path:
        """Folder with a file for each source, written whenever the queue announces something for it."""
        return self.services_dir / "rung"

    @property
    def warehouse_file(self) -> Path:
        """The analysts' DuckDB file."""
        return self.root / "warehouse.duckdb"

    @property
    def site_dir(self) -> Path:
        """Folder of the pages."""
        return self.root / "site"

    @property
    def services_dir(self) -> Path:
        """Folder of the long-running services: Airflow's home, logs, process ids."""
        return self.root / "services"

    @property
    def work_dir(self) -> Path:
        """Folder of everything that can be deleted between two runs: locks, dbt's work, logs."""
        return self.root / "work"


def environment_with(settings: Mapping[str, str]) -> dict[str, str]:
    """This process's environment with some settings, for a child process."""
    return {**os.environ, **settings}


def run_workers_with(python: str) -> None:
    """Make Spark's workers run one interpreter; Spark reads this from the environment only."""
    os.environ["PYSPARK_PYTHON"] = python
